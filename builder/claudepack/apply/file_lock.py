"""An exclusive lock on a file. The system lets go of it when the process ends, however that was.

What the library for it takes to import, with all that it knows besides, is a sixth of the install of a small pack.
"""

import contextlib
import os
import sys

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


class FileLock:
    """The lock on a file, taken or not.

    Args:
        path: The file; made if it is not there.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._number = -1

    def acquire(self) -> bool:
        """Whether it could be taken; False where another process has it.

        Raises:
            OSError: The system refuses.
        """
        number = os.open(self.path, _FLAGS, 0o666)
        try:
            if _lock(number) and _is_at(number, self.path):
                self._number, number = number, -1
        finally:
            if number >= 0:
                os.close(number)
        return self._number >= 0

    def release(self) -> None:
        """Let go of it."""
        os.close(self._number)
        self._number = -1
        if sys.platform == "win32":  # which removes no open file
            with contextlib.suppress(OSError):
                os.unlink(self.path)


def _lock(number: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_at(number: int, path: str) -> bool:
    """Whether an open file is still the one at a path: who had the lock before may have removed it."""
    try:
        return os.path.samestat(os.fstat(number), os.lstat(path))
    except FileNotFoundError:
        return False
