"""What two packs, or a pack and the project, cannot both be: one path, one agent name, versions at odds."""

from collections.abc import Iterable, Mapping

from claudepack.errors import ClaudepackError
from claudepack.pack.components import name_call
from claudepack.pack.requires import read_needs
from claudepack.paths import find_collision
from claudepack.plan.wanted import Wanted


def refuse_shared_paths(wanted: Mapping[str, Wanted]) -> None:
    """Refuse two packs that deliver one path.

    Raises:
        ClaudepackError: Naming both.
    """
    owners: dict[str, str] = {}
    for name, want in wanted.items():
        for path in want.files:
            other = owners.setdefault(path, name)
            if other != name:
                raise _clash(f"{path} is in {other} and in {name}", other, name)
    if len(wanted) > 1 and (pair := find_collision(owners)):  # of one pack, its reader has seen to it
        raise _clash(
            f"{pair[0]} ({owners[pair[0]]}) and {pair[1]} ({owners[pair[1]]}) are one file on systems that fold case",
            *(owners[path] for path in pair),
        )


def refuse_shared_agents(delivered: Mapping[str, Mapping[str, str]], own: Mapping[str, str]) -> None:
    """Refuse one agent name in two places: the client loads one of them, and does not say which.

    Args:
        delivered: By pack: the path of each agent name.
        own: The path of each agent name of the project that no pack delivers.

    Raises:
        ClaudepackError: Naming both places.
    """
    owners: dict[str, tuple[str, str]] = {agent: ("the project", path) for agent, path in own.items()}
    for pack, agents in delivered.items():
        for agent, path in agents.items():
            other, where = owners.setdefault(agent, (pack, path))
            if (other, where) != (pack, path):
                raise _clash(f"the agent {agent!r} is in {other} ({where}) and in {pack} ({path})", other, pack)


def refuse_shared_calls(wanted: Mapping[str, Wanted], own: Iterable[str], prefix: str) -> None:
    """Refuse a command and a skill that are called alike: the client loads one of them, and does not say which.

    Args:
        wanted: The packs.
        own: The project's own files.
        prefix: What stands before the path of a component.

    Raises:
        ClaudepackError: Naming both places.
    """
    calls = {name_call(path.removeprefix(prefix)): ("the project", path) for path in own}
    for name, want in wanted.items():
        for path in want.files:
            call = name_call(path.removeprefix(prefix))
            other, where = calls.setdefault(call, (name, path)) if call else (name, path)
            if (other, where) != (name, path):
                raise _clash(f"/{call} is in {other} ({where}) and in {name} ({path})", other, name)


def refuse_unmet(wanted: Mapping[str, Wanted]) -> None:
    """Refuse packs whose requirements on each other do not hold.

    Raises:
        ClaudepackError: Naming both sides.
    """
    if not any(want.entry.requires for want in wanted.values()):
        return
    versions = {want.entry.distribution: want.entry.version for want in wanted.values()}
    for name, want in wanted.items():
        for need in read_needs(f"{name} {want.entry.version}", want.entry.requires):
            needed = need.distribution
            if needed not in versions:
                raise ClaudepackError(
                    f"{need}, which this project does not have",
                    code="requires",
                    hint=f"claudepack install {needed.removeprefix('claudepack-')} {name}",
                )
            if not need.allows(versions[needed]):
                raise ClaudepackError(
                    f"{need}, and the project has {needed} {versions[needed]}",
                    code="requires",
                    hint="ask for versions of both that agree",
                )


def _clash(message: str, first: str, second: str) -> ClaudepackError:
    return ClaudepackError(
        message,
        code="clash",
        hint=f'leave one out: exclude = ["…"] for {first} or {second} in claudepack.toml, or rename yours',
    )
