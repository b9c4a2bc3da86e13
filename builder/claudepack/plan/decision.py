"""What happens to one file: the table over its base, the disk and what the pack delivers now."""

from typing import Literal

from claudepack.project.disk import DiskFile

Action = Literal[
    "unchanged",
    "adopt",
    "create",
    "replace",
    "keep",
    "conflict",
    "restore",
    "collision",
    "delete",
    "orphan",
    "gone",
]


def decide(base: str | None, disk: DiskFile | None, new: str | None) -> Action:
    """Decide what happens to a file.

    Args:
        base: The hash in the lock; None if the file is in no lock.
        disk: What is there; None if nothing is.
        new: The hash that the pack delivers; None if it delivers no such file.
    """
    if new is None:
        return _decide_leaving(base, disk)
    if disk is None:
        return "create" if base is None else "restore"
    if disk.holds(new):
        return "adopt" if base is None else "unchanged"
    if base is None:
        return "collision"
    if disk.holds(base):
        return "replace"
    return "keep" if base == new and disk.is_file else "conflict"


def _decide_leaving(base: str | None, disk: DiskFile | None) -> Action:
    if disk is None:
        return "gone"
    return "delete" if disk.holds(base) else "orphan"
