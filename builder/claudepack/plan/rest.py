"""Whether a pack is at rest: what was read is what was installed, so that nothing has to be decided about it."""

from typing import TYPE_CHECKING

from claudepack.pack.identity import UNVERSIONED

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
    return is_same(pack, locked) and kept == set(locked.executable)


def is_same(pack: "Pack", locked: "LockedPack") -> bool:
    """Whether a pack is the one in the lock: its bytes decide where its version is only the commit's that it lies in.

    A shallow clone, or one more commit beside the pack, gives it another.
    """
    is_made_up = pack.version.startswith(UNVERSIONED) and locked.version.startswith(UNVERSIONED)
    return pack.digest == locked.digest and (pack.version == locked.version or is_made_up)


def as_locked(pack: "Pack", locked: "LockedPack") -> "Pack":
    """A pack that is the one in the lock with the version that it has there; any other as it is."""
    if pack.version == locked.version or not is_same(pack, locked):
        return pack
    return pack._replace(identity=pack.identity._replace(version=locked.version))
