"""`claudepack uninstall`: take packs out; edits stay."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands.options import Mode, Opened, add_dry_run, add_output, add_project, open_project
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.manifest import parse_manifest
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack uninstall backend             files that you edited stay
  claudepack uninstall backend --dry-run   what it would delete"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="a pack of this project")
    add_project(parser)
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Uninstall packs.

    Raises:
        ClaudepackError: A pack is not installed, or another needs it; nothing was changed.
    """
    from claudepack.commands.reconcile import reconcile

    return reconcile("uninstall", open_project(arguments), partial(_aim, arguments), Mode(arguments.dry_run))


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import remove_pack

    text = opened.manifest.text
    for name in dict.fromkeys(arguments.names):
        known = {*opened.manifest.packs, *opened.lock.packs}
        if name not in known:
            raise ClaudepackError(
                f"{name!r} is not installed here",
                code="not-found",
                hint=nearest(name, known) or "nothing is installed here",
            )
        if name in opened.manifest.packs:
            text = remove_pack(text, name)
    return Aim(parse_manifest(text), {})
