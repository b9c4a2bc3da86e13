"""The calls that change a disk, one step each: a crash comes before one of them or after it.

`renameat2` exchanges two files or refuses to replace one, in one step (Linux 3.15, man 2 rename). Where it
is not, or a file system does not know it, each has a portable way with a moment between check and act.
"""

import contextlib
import ctypes
import errno
import functools
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from claudepack.hashing import READ_ONLY, hash_open

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FRESH, SPARE = ".new", ".old"
_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, and no waiting at a FIFO
_WINDOWS = os.name == "nt"  # where no directory can be opened
_WRITER_SECONDS, _WRITER_STEP = 2.0, 0.02
_TICK = 20_000_000  # nanoseconds: the clock of a file system is no finer than 10 ms
_MANY, _AT_ONCE = 64, 8


class Stamp(NamedTuple):
    """What of a file changes when somebody writes to it."""

    inode: int
    size: int
    written: int
    changed: int


def exchange(slot: str, target: str) -> bool:
    """Exchange two files: the slot afterwards holds what was at the target.

    Returns:
        Whether it was one step, so that looking at what came out is enough.

    Raises:
        OSError: One of them is not there, or the system refuses.
    """
    if _rename(slot, target, _EXCHANGE):
        return True
    spare = slot + SPARE
    _keep(target, spare)
    os.replace(slot, target)
    os.replace(spare, slot)
    return False


def place(source: str, target: str) -> None:
    """Rename a file to where nothing is.

    Raises:
        FileExistsError: Something is there.
        OSError: The system refuses.
    """
    if _rename(source, target, _NOREPLACE):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
        os.rename(source, target)
    else:
        os.unlink(source)


def move(source: str, target: str) -> None:
    """The same also to another mount, where a copy has to do.

    Raises:
        FileExistsError: Something is there.
        OSError: The system refuses.
    """
    try:
        place(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        fresh = target + FRESH
        remove(fresh)
        import shutil

        shutil.copy2(source, fresh, follow_symlinks=False)
        place(fresh, target)
        os.unlink(source)


def write_durably(path: str, data: bytes, *, is_throwaway: bool = False) -> None:
    """Write a file as a whole, so that after a power cut it is there or is not; a throwaway only as a whole.

    Raises:
        OSError: The system refuses.
    """
    fresh = path + FRESH
    remove(fresh)  # it could be a link
    with open(fresh, "xb") as stream:
        stream.write(data)
        stream.flush()
        if not is_throwaway:
            os.fsync(stream.fileno())
    os.replace(fresh, path)
    if not is_throwaway:
        sync_directory(os.path.dirname(path))


def write_all(number: int, data: bytes) -> None:
    """Write all of some bytes to an open file, of which one call may take a part only.

    Raises:
        OSError: The system refuses.
    """
    written = os.write(number, data)
    while written < len(data):
        written += os.write(number, data[written:])


def sync_directory(path: str) -> None:
    """Bring a directory's entries to the disk."""
    if _WINDOWS:
        return
    with _opened(path) as number:
        os.fsync(number)


def sync_file_system(path: str) -> None:
    """Bring everything of the file system that holds a directory to the disk: one call for any number of files."""
    call = _find("syncfs")
    if _WINDOWS:
        _sync_files(path)
    elif call is None:
        os.sync()
    else:
        _sync_all(call, path)


def _sync_files(path: str) -> None:
    for folder, _, names in os.walk(path):
        for name in names:
            with open(os.path.join(folder, name), "rb+") as stream:
                os.fsync(stream.fileno())


def _sync_all(call: Callable[..., int], path: str) -> None:
    with _opened(path) as number:
        if call(number):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def make_directory(path: str) -> None:
    """Make one directory; one that is there is as good."""
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
    if not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)


def remove_directory(path: str) -> None:
    """Remove a directory if it is empty: one with something in it is somebody's."""
    with contextlib.suppress(OSError):
        os.rmdir(path)


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def remove_tree(path: str) -> None:
    """Remove a directory with all that is in it, as far as the system lets it go.

    Many files go several at once: a disk that takes freed space back at once (ext4 with `discard`, and no journal)
    is waited for at each.
    """
    try:
        names = os.listdir(path)
    except OSError:
        return
    started: list[threading.Thread] = []
    with contextlib.suppress(RuntimeError):  # the system gives no thread
        for first in range(_AT_ONCE if len(names) > _MANY else 0):
            thread = threading.Thread(target=_remove_files, args=(path, names[first::_AT_ONCE]))
            thread.start()
            started.append(thread)
    for thread in started:
        thread.join()
    if not started:
        _remove_files(path, names)
    try:
        os.rmdir(path)
    except OSError:  # something else than files was in it, or not all threads were to be had
        import shutil

        shutil.rmtree(path, ignore_errors=True)


def _remove_files(folder: str, names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))


def hash_file(path: str) -> str | None:
    """SHA-256 of a plain file; None where nothing is, empty for a link, a directory or a device."""
    return look_at(path)[0]


def look_at(path: str) -> tuple[str | None, Stamp | None]:
    """As `hash_file`, and how to know later that nobody has written to it; None where that cannot be known."""
    try:
        number = os.open(path, READ_ONLY | CAREFUL)
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO) or os.path.isdir(path):
            return "", None
        raise
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            return "", None
        return hash_open(number, status.st_size), _stamp(status)
    finally:
        os.close(number)


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_untouched(path: str, stamp: Stamp) -> bool:
    """Whether nobody has a file open for writing, or has written to it since it was looked at.

    A file that was written in the very tick of the clock in which it was looked at could have been written again.
    """
    if not _knows_writers() or stamp.changed - stamp.written < _TICK:
        return False
    with _opened(path) as number:
        return _has_no_writer(number) and _stamp(os.fstat(number)) == stamp


def is_same_file(path: str, other: str) -> bool:
    """Whether two paths are one file."""
    try:
        return os.path.samestat(os.lstat(path), os.lstat(other))
    except (FileNotFoundError, NotADirectoryError):
        return False


def await_writers(path: str) -> bool:
    """Wait until nobody has a file open for writing; False if somebody still has after two seconds.

    An editor that opened a file before it was exchanged writes into what is now in the stage. A read lease
    (Linux, man 2 fcntl) is given just when there is no writer, so that none of its bytes is missed.
    """
    end = time.monotonic() + _WRITER_SECONDS
    with _opened(path) as number:
        while not _has_no_writer(number):
            if time.monotonic() > end:
                return False
            time.sleep(_WRITER_STEP)
    return True


def _knows_writers() -> bool:
    return hasattr(fcntl, "F_SETLEASE")


def _has_no_writer(number: int) -> bool:
    """Whether no process has an open file open for writing, as far as the system tells."""
    if not _knows_writers():
        return True
    try:
        fcntl.fcntl(number, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(number, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN  # a file system without leases, or another owner's file
    return True


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    number = os.open(path, os.O_RDONLY)
    try:
        yield number
    finally:
        os.close(number)


def _rename(source: str, target: str, flags: int) -> bool:
    """Whether it was renamed; False where the system does not know how."""
    call = _find("renameat2")
    if call is None:
        return False
    if call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), source, None, target)


def _keep(target: str, spare: str) -> None:
    remove(spare)
    try:
        os.link(target, spare, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        import shutil

        shutil.copy2(target, spare, follow_symlinks=False)


@functools.cache
def _find(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where it has none of this name."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError, TypeError):
        return None
    return function
