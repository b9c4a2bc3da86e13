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
    from claudepack.project.lock import LockedPack

EXAMPLES = """examples:
  claudepack uninstall backend             files that you edited stay
  claudepack uninstall backend --prune     with it, what only it required
  claudepack uninstall --prune             what no pack requires any more
  claudepack uninstall backend --dry-run   what it would delete"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="a pack of this project")
    parser.add_argument(
        "--prune", action="store_true", help="also those that came because others required them, and none does any more"
    )
    add_project(parser)
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Uninstall packs.

    Raises:
        ClaudepackError: A pack is not installed, or another needs it; nothing was changed.
    """
    if not arguments.names and not arguments.prune:
        raise ClaudepackError("uninstall what?", code="usage", hint="name a pack, or say --prune")
    from claudepack.commands.reconcile import reconcile

    opened = open_project(arguments)
    result = reconcile("uninstall", opened, partial(_aim, arguments), Mode(arguments.dry_run))
    left = [] if arguments.prune else _list_unneeded(opened, set(arguments.names))
    if not left:
        return result
    told = f"{', '.join(left)}: no pack requires this any more: claudepack uninstall --prune"
    return result._replace(notices=(*result.notices, told), lines=(*result.lines, f"note: {told}"))


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import remove_pack

    text = opened.manifest.text
    gone = set(arguments.names)
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
    _refuse_needed(opened, gone)
    gone |= set(_list_unneeded(opened, gone)) if arguments.prune else set()
    return Aim(parse_manifest(text), {}, frozenset(gone))


def _refuse_needed(opened: Opened, gone: set[str]) -> None:
    for name, pack in opened.lock.packs.items():
        needed = sorted(gone & _list_required(pack)) if name not in gone else []
        if needed:
            raise ClaudepackError(
                f"{name} {pack.version} requires {', '.join(needed)}",
                code="requires",
                hint=f"uninstall both: claudepack uninstall {' '.join([name, *needed])}",
            )


def _list_unneeded(opened: Opened, gone: set[str]) -> list[str]:
    """The packs that only others asked for, once some are gone and with them who asked."""
    locked = {name: pack for name, pack in opened.lock.packs.items() if name not in gone}
    needed, queue = set(), [name for name in locked if name in opened.manifest.packs]
    while queue:
        name = queue.pop()
        if name in locked and name not in needed:
            needed.add(name)
            queue += _list_required(locked[name])
    return sorted(name for name, pack in locked.items() if name not in needed and not pack.requested)


def _list_required(pack: "LockedPack") -> set[str]:
    if not pack.requires:
        return set()
    from claudepack.pack.identity import PREFIX
    from claudepack.pack.requires import read_needs

    needs = read_needs(f"{pack.distribution} {pack.version}", pack.requires)
    return {need.distribution.removeprefix(PREFIX) for need in needs}
