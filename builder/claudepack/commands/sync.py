"""`claudepack sync`: make the project what its manifest and lock say."""

import argparse
from typing import TYPE_CHECKING

from claudepack.apply.site import is_in_use
from claudepack.commands.options import (
    Mode,
    Opened,
    add_output,
    add_project,
    add_reconciling,
    is_set,
    open_project,
    read_mode,
    require_manifest,
)
from claudepack.errors import StaleLockError
from claudepack.project.location import LOCK, MANIFEST
from claudepack.project.state import DRIFT, EDITED, examine, find_stale
from claudepack.report.result import Change, PackChange, Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack sync             after a clone, a pull, an edit of claudepack.toml
  claudepack sync --dry-run   what it would do
  claudepack sync work/*      several projects, one after another
  claudepack sync --watch     follow a pack in a directory while you edit it"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "projects", nargs="*", metavar="PROJECT", help="directories, each a project; in place of the one here"
    )
    add_project(parser)
    parser.add_argument(
        "--watch", action="store_true", help="go on: sync whenever a pack in a directory changes, until Ctrl-C"
    )
    parser.add_argument(
        "--frozen", action="store_true", default=is_set("FROZEN"), help="by the lock alone, whatever the manifest says"
    )
    parser.add_argument(
        "--locked",
        action="store_true",
        default=is_set("LOCKED"),
        help="fail where the lock is stale",
    )
    add_reconciling(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Sync the project.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    if arguments.projects:
        from claudepack.commands.several import sync_several

        return sync_several(arguments)
    if arguments.watch:
        from claudepack.commands.watch import watch

        return watch(arguments)
    opened = open_project(arguments)
    return run_opened(opened, read_mode(arguments, opened.project), command="sync")


def run_opened(opened: Opened, mode: Mode, *, command: str) -> Result:
    """Sync a project that has been read; one at rest is done without reading a pack.

    Raises:
        ClaudepackError: As `run`.
    """
    frozen = _freeze(opened) if mode.frozen else opened
    if mode.locked:
        refuse_stale(opened)
    if not is_in_use(opened.project.root, opened.project.git_root):
        require_manifest(opened)
        if _is_fresh(frozen) and not any(pack.ahead for pack in opened.lock.packs.values()):
            states = examine(opened.project, opened.lock, opened.seen)
            if not any(state.state in DRIFT for state in states):
                edited = tuple(Change(state.path, "keep", state.pack) for state in states if state.state == EDITED)
                return _rest(command, opened, edited)
    from claudepack.commands.reconcile import reconcile

    return reconcile(command, opened, _aim_frozen if mode.frozen else _aim, mode)


def refuse_stale(opened: Opened) -> None:
    """Refuse a lock that does not answer the manifest, or a directory that is not what it was.

    Raises:
        StaleLockError: Naming the packs.
    """
    require_manifest(opened)
    if _is_fresh(opened):
        return
    paths = {name: entry.path for name, entry in opened.manifest.packs.items() if entry.path}
    stale = find_stale(opened.manifest, opened.lock)
    stale += [name for name, path in paths.items() if name not in stale and not _rests(opened, name, path)]
    raise StaleLockError(
        f"{LOCK} does not answer {MANIFEST}: {', '.join(stale)}" if opened.has_lock else f"there is no {LOCK}",
        code="stale",
        hint="claudepack lock, or claudepack sync without --locked, and commit what it writes",
    )


def _freeze(opened: Opened) -> Opened:
    from claudepack.commands.frozen import freeze

    return freeze(opened)


def _aim_frozen(opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim

    return Aim(_freeze(opened).manifest, {})


def _aim(opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim

    require_manifest(opened)
    return Aim(opened.manifest, {})


def _is_fresh(opened: Opened) -> bool:
    """Whether the lock answers the manifest, and packs in directories are what they were."""
    if not opened.has_lock or find_stale(opened.manifest, opened.lock):
        return False
    paths = {name: entry.path for name, entry in opened.manifest.packs.items() if entry.path}
    return all(_rests(opened, name, path) for name, path in paths.items())


def _rests(opened: Opened, name: str, path: str) -> bool:
    root = opened.project.locate(path)
    if path.endswith((".whl", ".tar.gz")):
        return False
    from claudepack.pack.directory import find_pack
    from claudepack.plan.rest import is_locked

    pack = find_pack(root, path, kept=0)
    if pack is None:
        from pathlib import Path

        from claudepack.source.places import find_path

        pack = find_path(path, Path(opened.project.root)).pack
    return is_locked(pack, opened.lock.packs[name], opened.project.prefix)


def _rest(command: str, opened: Opened, kept: tuple[Change, ...]) -> Result:
    packs = tuple(PackChange(name, pack.version, pack.version) for name, pack in opened.lock.packs.items())
    names = ", ".join(f"{pack.name} {pack.version}" for pack in packs) or "no packs"
    edits = f"; {len(kept)} with your edits" if kept else ""
    return Result(
        command,
        packs=packs,
        changes=kept,
        lines=(f"project {opened.project.root}", f"up to date: {names}{edits}"),
    )
