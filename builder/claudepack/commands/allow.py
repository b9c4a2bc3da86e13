"""`claudepack allow`: consent to what a pack would have executed."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands.options import Mode, Opened, add_dry_run, add_output, add_project, open_project, require_pack
from claudepack.consents import CONSENTS
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.manifest import parse_manifest
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack show tools                  read first what it would run
  claudepack allow tools hooks mcp
  claudepack allow tools hooks --undo    once what needs it is left out"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("name", metavar="NAME", help="a pack in the manifest")
    parser.add_argument("kinds", nargs="+", metavar="KIND", help=", ".join(CONSENTS))
    parser.add_argument("--undo", action="store_true", help="take it back")
    add_project(parser)
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Change what is allowed, and sync.

    Raises:
        ClaudepackError: The pack is not in the manifest, there is no such kind, or the pack still needs what is taken
            back; nothing was changed.
    """
    from claudepack.commands.reconcile import reconcile

    try:
        return reconcile("allow", open_project(arguments), partial(_aim, arguments), Mode(arguments.dry_run))
    except ClaudepackError as error:
        if arguments.undo and error.code == "consent":
            error.hint = f"leave out first what needs it: claudepack exclude {arguments.name} PART"
        raise


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import set_pack

    entry = require_pack(opened, arguments.name)
    for kind in arguments.kinds:
        if kind not in CONSENTS:
            raise ClaudepackError(f"there is no kind {kind!r}", code="usage", hint=nearest(kind, CONSENTS))
    allowed = {*entry.allow} - {*arguments.kinds} if arguments.undo else {*entry.allow, *arguments.kinds}
    text = set_pack(opened.manifest.text, arguments.name, {"allow": sorted(allowed)})
    return Aim(parse_manifest(text), {})
