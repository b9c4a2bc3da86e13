"""`claudepack lock`: pin what the manifest asks for, and install nothing."""

import argparse
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
from claudepack.project.location import LOCK
from claudepack.report.result import PackChange, Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack lock           after an edit of claudepack.toml, where nothing is to be installed yet
  claudepack lock --check   exit 1 if the lock does not answer the manifest; no network"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
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
    if arguments.check:
        sync.refuse_stale(opened)
        packs = tuple(PackChange(name, pack.version, pack.version) for name, pack in opened.lock.packs.items())
        return Result("lock", packs=packs, lines=(f"{LOCK} answers the manifest",))
    from claudepack.commands.reconcile import reconcile

    mode = read_mode(arguments, opened.project)._replace(pin_only=True)
    return reconcile("lock", opened, _aim, mode)


def _aim(opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim

    require_manifest(opened)
    return Aim(opened.manifest, {})
