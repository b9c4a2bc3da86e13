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
    return reconcile("exclude", opened, partial(_aim, arguments), mode)


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import set_pack

    entry = require_pack(opened, arguments.name)
    named = [path.removeprefix("./").removeprefix(opened.project.prefix).rstrip("/") for path in arguments.paths]
    kept = [item for item in entry.exclude if not (arguments.undo and item.rstrip("/") in named)]
    exclude = kept if arguments.undo else list(dict.fromkeys([*kept, *named]))
    text = set_pack(opened.manifest.text, arguments.name, {"exclude": exclude})
    return Aim(parse_manifest(text), {})
