"""`claudepack update`: packs to the newest version that the manifest allows."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands.options import (
    Opened,
    add_output,
    add_project,
    add_reconciling,
    is_set,
    open_project,
    read_mode,
    require_manifest,
    require_pack,
)
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack update             every pack; your edits are merged with the new
  claudepack update backend
  claudepack update --dry-run   what the new versions change, as diffs
  claudepack update --prove     only if Claude Code then loads as much"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="a pack of this project (default: all)")
    parser.add_argument(
        "--prove",
        action="store_true",
        default=is_set("PROVE"),
        help="ask the Claude Code that is here what it loads before and after, and refuse to lose an agent, skill or "
        "command",
    )
    add_project(parser)
    add_reconciling(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Update packs.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    from claudepack.commands.reconcile import reconcile

    opened = open_project(arguments)
    require_manifest(opened)
    return reconcile("update", opened, partial(_aim, arguments), read_mode(arguments, opened.project))


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.finding import find_updates
    from claudepack.commands.reconcile import Aim

    for name in arguments.names:
        require_pack(opened, name)
    return Aim(opened.manifest, find_updates(opened, arguments.names, read_mode(arguments, opened.project)))
