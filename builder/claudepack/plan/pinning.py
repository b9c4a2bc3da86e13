"""The lock ahead of the disk: what a manifest asks for now is pinned, and nothing is installed yet."""

from collections.abc import Mapping

from claudepack.plan.wanted import Wanted
from claudepack.project.lock import Lock, LockedPack


def pin_only(wanted: Mapping[str, Wanted], lock: Lock) -> Lock:
    """The lock that pins what is wanted, and keeps the files of what is installed as the bases that they are."""
    packs = {name: _pin(want.entry, lock.packs.get(name)) for name, want in wanted.items()}
    gone = {name: locked._replace(ahead=True) for name, locked in lock.packs.items() if name not in wanted}
    return Lock({**packs, **gone}, lock.directories)


def _pin(entry: LockedPack, locked: LockedPack | None) -> LockedPack:
    if locked is None:
        return entry._replace(files={}, executable=(), adopted=(), context=None, pending={}, fragments={}, ahead=True)
    kept = entry._replace(
        files=locked.files,
        executable=locked.executable,
        adopted=locked.adopted,
        context=locked.context,
        pending=locked.pending,
        fragments=locked.fragments,
        ahead=locked.ahead,
    )
    return locked if kept == locked else kept._replace(ahead=True)
