"""What happens to one file: the table over its base, the disk and what the pack delivers now."""

from typing import Literal

from claudepack.project.disk import DiskFile

Action = Literal[
    "unchanged",
    "adopt",
    "create",
    "replace",
    "keep",
    "merge",
    "conflict",
    "restore",
    "collision",
    "delete",
    "orphan",
    "rename",
    "gone",
]


def decide(base: str | None, disk: DiskFile | None, new: str | None) -> Action:
    """Decide what happens to a file.

    `merge` is what has to be tried: it may come to `keep` or to `conflict`. A `rename` is decided over two paths.

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
    if base is None or disk.holds(base):
        return "collision" if base is None else "replace"
    if not disk.is_file:
        return "conflict"
    return "keep" if base == new else "merge"


def _decide_leaving(base: str | None, disk: DiskFile | None) -> Action:
    if disk is None:
        return "gone"
    return "delete" if disk.holds(base) else "orphan"
