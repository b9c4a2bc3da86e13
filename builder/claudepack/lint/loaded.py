"""What the real client says that it loads."""

from typing import NamedTuple


class Loaded(NamedTuple):
    """The names that a session begins with, the client's own included.

    Attributes:
        version: The client's.
        agents: By name.
        skills: By name: that of the folder.
        commands: As they are typed, without the slash; skills are among them.
    """

    version: str
    agents: frozenset[str]
    skills: frozenset[str]
    commands: frozenset[str]

    def has(self, kind: str | None, name: str) -> bool:
        """Whether a component of a kind is loaded."""
        named = {"agent": self.agents, "skill": self.skills, "command": self.commands}
        return name in named.get(kind or "", ())
