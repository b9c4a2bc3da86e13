"""Where a pack's context stands: as a block of CLAUDE.md, as a rule, or as a file that a block imports."""

import posixpath
from typing import NamedTuple

from claudepack.project.lock import LockedContext, own_file


class Place(NamedTuple):
    """Where contexts go in this project: the mode, empty where nobody said, and the CLAUDE.md."""

    mode: str
    file: str


class Spot(NamedTuple):
    """Where one pack's context stands.

    Attributes:
        mode: `inline`, `rules` or `import`.
        file: What the lock names: the CLAUDE.md, or the rule.
        own: The file that holds nothing but the text; empty where the text is the block's body.
    """

    mode: str
    file: str
    own: str

    @property
    def text(self) -> str:
        """The file that holds the text."""
        return self.own or self.file

    @property
    def has_block(self) -> bool:
        """Whether there is a block in `file`."""
        return self.own != self.file

    @property
    def import_line(self) -> bytes:
        """The body of the block that imports the text: a path relative to the importing file."""
        return f"@{posixpath.relpath(self.own, posixpath.dirname(self.file) or '.')}\n".encode()


def choose_spot(name: str, place: Place, prefix: str, old: LockedContext | None) -> Spot:
    """Where a pack's context is to stand: as the project says, else where it is."""
    mode = place.mode or (old.mode if old else "inline")
    if mode == "rules":
        file = f"{prefix}rules/claudepack-{name}.md"
    else:
        file = old.file if old and old.mode != "rules" else place.file
    return Spot(mode, file, own_file(name, mode, file, prefix))


def find_spot(name: str, context: LockedContext, prefix: str) -> Spot:
    """Where a pack's context stands, as the lock has it."""
    return Spot(context.mode, context.file, own_file(name, context.mode, context.file, prefix))
