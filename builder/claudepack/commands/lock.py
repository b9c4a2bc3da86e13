"""`claudepack lock`: pin what the manifest asks for, and install nothing; and the lock for other tools."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands import sync
from claudepack.commands.options import (
    Opened,
    add_dry_run,
    add_output,
    add_project,
    add_sources,
    open_project,
    read_mode,
    require_manifest,
)
from claudepack.errors import ClaudepackError
from claudepack.project.location import LOCK
from claudepack.report.result import PackChange, Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack lock           after an edit of claudepack.toml
  claudepack lock --check   exit 1 if the lock is stale; without a network
  claudepack lock export --format pylock --output pylock.toml
  claudepack lock export --format cyclonedx   a bill of materials"""

_FORMATS = ("pylock", "requirements", "cyclonedx")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "action", nargs="?", choices=("export",), metavar="export", help="write the lock as other tools read one"
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default=_FORMATS[0], help="for export: pylock (default), requirements, cyclonedx"
    )
    parser.add_argument("-o", "--output", metavar="FILE", default="", help="for export: where to (default: printed)")
    parser.add_argument("--check", action="store_true", help="write nothing: exit 1 if the lock is stale")
    add_project(parser)
    add_dry_run(parser)
    add_sources(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write the lock, or check it.

    Raises:
        StaleLockError: It was to be checked, and is stale.
        ClaudepackError: Something is refused; nothing was changed.
    """
    opened = open_project(arguments)
    if arguments.action == "export":
        return _export(opened, arguments.format, arguments.output, dry_run=arguments.dry_run)
    if arguments.check:
        sync.refuse_stale(opened)
        packs = tuple(PackChange(name, pack.version, pack.version) for name, pack in opened.lock.packs.items())
        return Result("lock", packs=packs, lines=(f"{LOCK} answers the manifest",))
    from claudepack.commands.reconcile import reconcile

    mode = read_mode(arguments, opened.project)._replace(pin_only=True)
    return reconcile("lock", opened, _aim, mode)


def _export(opened: Opened, form: str, output: str, *, dry_run: bool) -> Result:
    if not opened.has_lock:
        raise ClaudepackError(f"there is no {LOCK} to export", code="lock", hint="claudepack lock makes one")
    from claudepack.commands.lock_formats import EXPORTS, is_pinned

    text = EXPORTS[form](opened.lock)
    loose = sorted(name for name, pack in opened.lock.packs.items() if not is_pinned(pack))
    told = f"{', '.join(loose)}: the lock says the version and not where it is from, so no file is pinned"
    notices = (told,) if loose else ()
    if not output:
        sys.stderr.write("".join(f"note: {notice}\n" for notice in notices))
        return Result("lock", notices=notices, lines=(text.removesuffix("\n"),), extra={"export": text})
    _refuse_strange(Path(output), form)
    if not dry_run:
        Path(output).write_text(text, encoding="utf-8")
    lines = (f"{output} {'would be ' * dry_run}written", *(f"note: {notice}" for notice in notices))
    return Result("lock", notices=notices, lines=lines, extra={"export": text})


def _refuse_strange(target: Path, form: str) -> None:
    """Refuse to write over what no export of this format has written.

    Raises:
        ClaudepackError: With the code `exists`.
    """
    from claudepack.commands.lock_formats import is_export

    if os.path.lexists(target) and not (
        target.is_file() and is_export(form, target.read_text(encoding="utf-8", errors="replace"))
    ):
        raise ClaudepackError(
            f"{target} is there already, and is no {form} that claudepack wrote",
            code="exists",
            hint="say another file: -o FILE, or move that one away",
        )


def _aim(opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim

    require_manifest(opened)
    return Aim(opened.manifest, {})
