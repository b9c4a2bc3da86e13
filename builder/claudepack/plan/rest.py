"""Whether a pack is at rest: what was read is what was installed, so that nothing has to be decided about it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claudepack.pack.tree import Pack
    from claudepack.project.lock import LockedPack


def is_locked(pack: "Pack", locked: "LockedPack", prefix: str) -> bool:
    """Whether a pack that was read is the one in the lock, which was checked when it was installed.

    Args:
        pack: The pack.
        locked: Its entry in the lock.
        prefix: What stands before the path of a component.
    """
    executable = {prefix + path for path, file in pack.files.items() if file.executable}
    kept = executable & set(locked.files)
    return (pack.version, pack.digest) == (locked.version, locked.digest) and kept == set(locked.executable)
