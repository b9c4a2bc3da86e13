"""`claudepack resolve`: end conflicts that a run left open."""

import argparse
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from claudepack.commands.options import (
    Mode,
    Opened,
    add_dry_run,
    add_output,
    add_project,
    locate_in_project,
    open_project,
)
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim
    from claudepack.plan.choices import Resolution

EXAMPLES = """examples:
  claudepack resolve .claude/agents/a.md --ours     what stands in the file now
  claudepack resolve .claude/agents/a.md --theirs   what the pack delivers
  claudepack resolve CLAUDE.md --edit     both in an editor, then what you save
  claudepack resolve CLAUDE.md --merged   CLAUDE.md….merged in
                                          .claudepack/conflicts/, once it has
                                          no markers"""

_SIDES = {
    "ours": "what stands in the file now stays, as an edit",
    "theirs": "what the pack delivers; what stands there is kept in .claudepack/replaced/",
    "merged": "the merged text that lies in .claudepack/conflicts/; refused while it holds markers",
    "edit": "open the merged text in $VISUAL or $EDITOR, then take it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file with an open conflict")
    sides = parser.add_mutually_exclusive_group(required=True)
    for side, about in _SIDES.items():
        sides.add_argument(f"--{side}", dest="side", action="store_const", const=side, help=about)
    add_project(parser)
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """End conflicts.

    Raises:
        ClaudepackError: There is no conflict, or the text for it is not ready; nothing was changed.
    """
    from claudepack.commands.reconcile import reconcile
    from claudepack.plan.choices import Choices

    opened = open_project(arguments)
    paths = [locate_in_project(opened.project, arguments, path) for path in arguments.paths]
    chosen = {}
    for path in paths:
        for pack in _find_packs(opened, path):
            key, resolution = _choose(opened, pack, path, arguments.side)
            chosen[key] = resolution
    result = reconcile("resolve", opened, _aim, Mode(arguments.dry_run, choices=Choices(resolve=chosen)))
    return result if set(paths) & set(result.conflicts) else result._replace(exit=0)


def _aim(opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim

    return Aim(opened.manifest, {})


def _find_packs(opened: Opened, path: str) -> list[str]:
    """The packs with an open conflict in a file."""
    packs = [name for name, pack in opened.lock.packs.items() if path in pack.pending]
    if not packs:
        known = [pending for pack in opened.lock.packs.values() for pending in pack.pending]
        raise ClaudepackError(
            f"there is no open conflict in {path}",
            code="not-found",
            hint=nearest(path, known) if known else "claudepack status tells the state of every file",
        )
    return packs


def _choose(opened: Opened, pack: str, path: str, side: str) -> "tuple[str, Resolution]":
    from claudepack.plan.beside import block_key, conflict_path
    from claudepack.plan.choices import Resolution
    from claudepack.plan.merge import has_markers
    from claudepack.project.disk import read_bytes

    locked = opened.lock.packs[pack]
    is_block = locked.context is not None and locked.context.mode == "inline" and path == locked.context.file
    base = locked.files.get(path) or (locked.context.sha256 if locked.context else "")
    key = block_key(path, pack) if is_block else path
    live = read_bytes(opened.project, path) or b""
    is_marked = locked.pending[path] == base  # the conflict was written into the file itself
    if is_block:
        _refuse_faulty(live, path)
    if side == "theirs":
        return key, Resolution("theirs")
    if path in locked.fragments and side != "ours":
        raise ClaudepackError(
            f"{path}: a key has one value, so there is nothing to merge", code="usage", hint="--ours or --theirs"
        )
    if side == "ours" and is_marked and has_markers(live):
        return key, Resolution("merged", _require(opened, conflict_path(key, "ours")))
    if side == "ours":
        return key, Resolution("ours")
    source = path if is_marked else conflict_path(key, "merged")
    if side == "edit":
        _require(opened, source)
        _open_editor(opened.project.locate(source))
    text = _require(opened, source)
    if has_markers(text):
        raise ClaudepackError(
            f"{source} still holds conflict markers",
            code="markers",
            hint=f"claudepack resolve {path} --edit, or take one side: --ours, --theirs",
        )
    return key, Resolution("ours") if is_marked else Resolution("merged", text)


def _refuse_faulty(data: bytes, path: str) -> None:
    from claudepack.project.claude_md import parse_claude_md

    if fault := parse_claude_md(data, path).fault:
        raise ClaudepackError(f"{path}: {fault}", code="claude-md", hint="mend that, then: claudepack sync")


def _require(opened: Opened, path: str) -> bytes:
    from claudepack.project.disk import read_bytes

    data = read_bytes(opened.project, path)
    if data is None:
        raise ClaudepackError(
            f"{path} is not there: either git could not merge it, or it was made on another machine",
            code="not-found",
            hint="claudepack sync makes it again where it can; --ours and --theirs need nothing",
        )
    return data


def _open_editor(path: str) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    if not editor:
        raise ClaudepackError(
            "there is no editor to open: neither VISUAL nor EDITOR is set",
            code="editor",
            hint=f"edit {path}, then --merged",
        )
    try:
        code = subprocess.run([*shlex.split(editor), path], check=False).returncode
    except (OSError, ValueError) as error:
        raise ClaudepackError(
            f"{editor}: {error}", code="editor", hint="set VISUAL to an editor that is there"
        ) from error
    if code:
        raise ClaudepackError(f"{editor} ended with {code}: nothing was changed", code="editor", hint="try again")
