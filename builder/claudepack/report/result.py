"""What a run says, as data: `--json` prints it, and text is made of it."""

from collections.abc import Mapping
from typing import NamedTuple


class Change(NamedTuple):
    """What happened, or would happen, to one path; `detail` is for people, `origin` the path before a rename."""

    path: str
    action: str
    pack: str
    detail: str = ""
    origin: str = ""


class PackChange(NamedTuple):
    """A pack of the run: its version, and the one before; empty if it was not there, or is no more."""

    name: str
    version: str
    previous: str


class Result(NamedTuple):
    """The answer of a run.

    Attributes:
        command: The verb.
        exit: The exit code.
        packs: The packs that it was about.
        changes: What happened to files, without those that stayed.
        conflicts: Paths with an open conflict.
        notices: What is worth knowing, a sentence each.
        lines: The text for people.
        extra: What the verb adds to the JSON object.
    """

    command: str
    exit: int = 0
    packs: tuple[PackChange, ...] = ()
    changes: tuple[Change, ...] = ()
    conflicts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    extra: Mapping[str, object] = {}


def as_document(result: Result, error: Mapping[str, str] | None = None) -> dict[str, object]:
    """The JSON object of a run."""
    return {
        "command": result.command,
        "exit": result.exit,
        "packs": [pack._asdict() for pack in result.packs],
        "changes": [_as_row(change) for change in result.changes],
        "conflicts": list(result.conflicts),
        "notices": list(result.notices),
        "error": error,
        **result.extra,
    }


def _as_row(change: Change) -> dict[str, str]:
    row = {"path": change.path, "action": change.action, "pack": change.pack}
    return {**row, "from": change.origin} if change.origin else row
