"""`claudepack exclude`: leave files of a pack out of this project."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands.options import (
    Mode,
    Opened,
    add_choices,
    add_dry_run,
    add_output,
    add_project,
    open_project,
    read_choices,
    require_pack,
)
from claudepack.project.manifest import parse_manifest
from claudepack.report.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack exclude backend prompts/back-end/performance.md
  claudepack exclude backend CLAUDE.md          no context from this pack
  claudepack exclude backend CLAUDE.md --undo   take it back"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("name", metavar="NAME", help="a pack of this project")
    parser.add_argument(
        "paths", nargs="+", metavar="PART", help="a file, a folder, a pattern, or the name of a component"
    )
    parser.add_argument("--undo", action="store_true", help="take it back")
    add_project(parser)
    add_dry_run(parser)
    add_choices(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Change what is left out, and sync.

    Raises:
        ClaudepackError: The pack is not installed, or has no such file; nothing was changed.
    """
    from claudepack.commands.reconcile import reconcile

    opened = open_project(arguments)
    mode = Mode(arguments.dry_run, choices=read_choices(arguments, opened.project))
    result = reconcile("exclude", opened, partial(_aim, arguments), mode)
    notices = tuple(_find_strange(arguments, opened)) if arguments.undo else ()
    lines = (*result.lines, *(f"note: {notice}" for notice in notices))
    return result._replace(notices=(*result.notices, *notices), lines=lines)


def _find_strange(arguments: argparse.Namespace, opened: Opened) -> "Iterator[str]":
    """What is to be taken back and was not left out: under that name, at least."""
    from claudepack.paths import nearest

    known = [item.rstrip("/") for item in require_pack(opened, arguments.name).exclude]
    for word in _name_parts(arguments, opened):
        if word not in known:
            hint = nearest(word, known)
            yield f"{arguments.name} leaves out no {word!r}" + (f" ({hint})" if hint else "")


def _name_parts(arguments: argparse.Namespace, opened: Opened) -> list[str]:
    """The parts as the manifest has them: relative to the pack."""
    return [path.removeprefix("./").removeprefix(opened.project.prefix).rstrip("/") for path in arguments.paths]


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import set_pack

    entry = require_pack(opened, arguments.name)
    named = _name_parts(arguments, opened)
    kept = [item for item in entry.exclude if not (arguments.undo and item.rstrip("/") in named)]
    exclude = kept if arguments.undo else list(dict.fromkeys([*kept, *named]))
    text = set_pack(opened.manifest.text, arguments.name, {"exclude": exclude})
    return Aim(parse_manifest(text), {})
