"""`claudepack diff`: your edits, against what the packs delivered."""

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from claudepack.commands.bases import Bases
from claudepack.commands.options import Mode, Opened, add_output, add_project, is_set, locate_in_project, open_project
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.claude_md import parse_claude_md
from claudepack.project.disk import read_bytes
from claudepack.project.fragments import LockedFragment, canonical, find_value, holds, load_json
from claudepack.project.json_text import dump_json
from claudepack.project.state import EDITED, PENDING, FileState, examine
from claudepack.report.diffs import diff_texts
from claudepack.report.result import Result

EXAMPLES = """examples:
  claudepack diff             every edit in this project
  claudepack diff CLAUDE.md   your edits between the markers
  claudepack diff .claude/agents/backend-engineer.md"""


class _Edit(NamedTuple):
    path: str
    pack: str
    diff: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="a file or a folder (default: all)")
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Show the edits of a project.

    Raises:
        ClaudepackError: A path is from no pack.
    """
    opened = open_project(arguments)
    states = examine(opened.project, opened.lock)
    named = [locate_in_project(opened.project, arguments, path) for path in arguments.paths]
    for path in named:
        if not any(_is_below(state.path, path) for state in states):
            known = [state.path for state in states]
            raise ClaudepackError(f"{path} is from no pack", code="not-found", hint=nearest(path, known))
    wanted = [state for state in states if not named or any(_is_below(state.path, path) for path in named)]
    edits = list(_compare(opened, wanted))
    return Result(
        "diff",
        lines=tuple(line for edit in edits for line in edit.diff.split("\n")) or ("no edits",),
        extra={"diffs": [edit._asdict() for edit in edits]},
    )


def _is_below(path: str, folder: str) -> bool:
    return folder in (".", path) or path.startswith(folder + "/")


def _compare(opened: Opened, states: list[FileState]) -> Iterator[_Edit]:
    bases = Bases(opened, Mode(offline=is_set("OFFLINE")))
    for state in states:
        if state.state not in (EDITED, PENDING):
            continue
        pack = opened.lock.packs[state.pack]
        if state.path in pack.fragments:
            base, data = _read_fragment(opened, pack.fragments[state.path], state.path)
        else:
            base, data = _read_text(opened, bases, state)
        if data is None or base is None:
            missing = "the base is nowhere to be had" if data is not None else "there is no text to compare"
            yield _Edit(state.path, state.pack, f"{state.path}: {state.state}, and {missing}")
        elif diff := diff_texts(base, data, f"{state.path} ({state.pack} {pack.version})", state.path):
            yield _Edit(state.path, state.pack, "\n".join(diff))


def _read_text(opened: Opened, bases: Bases, state: FileState) -> tuple[bytes | None, bytes | None]:
    """The base of a text, and what is there; of a context in CLAUDE.md the block's body."""
    pack = opened.lock.packs[state.pack]
    is_own = pack.context is None or state.path != pack.context.file or pack.context.mode == "rules"
    sha256 = pack.files.get(state.path) or (pack.context.sha256 if pack.context else "")
    data = read_bytes(opened.project, state.path)
    if data is not None and not is_own:
        blocks = parse_claude_md(data, state.path).blocks.get(state.pack)
        data = data[blocks[0].body_start : blocks[0].body_end] if blocks else None
    return bases.find(state.pack, state.path, sha256), data


def _read_fragment(opened: Opened, fragment: LockedFragment, path: str) -> tuple[bytes | None, bytes | None]:
    """What a pack put into a JSON file, and what is there of it."""
    from claudepack.plan.json_changes import nest

    data = read_bytes(opened.project, path)
    if data is None:
        return None, None
    document = load_json(data, path)
    there = []
    for entry in fragment.entries:
        is_there, value = find_value(document, entry.at)
        if holds(document, entry):
            there.append(entry)
        elif is_there and not entry.is_item:
            there.append(entry._replace(text=canonical(value)))
    old, new = ((dump_json(nest(entries), "  ") + "\n").encode() for entries in (fragment.entries, there))
    return old, new
