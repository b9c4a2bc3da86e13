"""The calls that change a disk, one step each: a crash comes before one of them or after it.

`renameat2` exchanges two files or refuses to replace one, in one step (Linux 3.15, man 2 rename). Where it
is not, or a file system does not know it, each has a portable way with a moment between check and act.
"""

import contextlib
import ctypes
import errno
import functools
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from io import FileIO

from claudepack.hashing import READ_ONLY, hash_open

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FRESH, SPARE = ".new", ".old"
_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)
_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link, and no waiting at a FIFO
_WINDOWS = os.name == "nt"  # where no directory can be opened
_WRITER_SECONDS, _WRITER_STEP = 2.0, 0.02


def exchange(slot: str, target: str) -> None:
    """Exchange two files: the slot afterwards holds what was at the target.

    Raises:
        OSError: One of them is not there, or the system refuses.
    """
    if _rename(slot, target, _EXCHANGE):
        return
    spare = slot + SPARE
    _keep(target, spare)
    os.replace(slot, target)
    os.replace(spare, slot)


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


def write_all(stream: FileIO, data: bytes) -> None:
    """Write all of some bytes, of which one call may take a part only.

    Raises:
        OSError: The system refuses.
    """
    written = stream.write(data)
    while written < len(data):
        written += stream.write(data[written:])


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


def hash_file(path: str) -> str | None:
    """SHA-256 of a plain file; None where nothing is, empty for a link, a directory or a device."""
    try:
        number = os.open(path, READ_ONLY | _CAREFUL)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO) or os.path.isdir(path):
            return ""
        raise
    try:
        return hash_open(number) if stat.S_ISREG(os.fstat(number).st_mode) else ""
    finally:
        os.close(number)


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
    lease = getattr(fcntl, "F_SETLEASE", None)
    if lease is None:
        return True
    end = time.monotonic() + _WRITER_SECONDS
    with _opened(path) as number:
        while True:
            try:
                fcntl.fcntl(number, lease, fcntl.F_RDLCK)
                fcntl.fcntl(number, lease, fcntl.F_UNLCK)
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    return True  # a file system without leases, or another owner's file
            else:
                return True
            if time.monotonic() > end:
                return False
            time.sleep(_WRITER_STEP)


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
        shutil.copy2(target, spare, follow_symlinks=False)


@functools.cache
def _find(name: str) -> Callable[..., int] | None:
    """A function of the C library; None where it has none of this name."""
    try:
        function: Callable[..., int] = getattr(ctypes.CDLL(None, use_errno=True), name)
    except (AttributeError, OSError, TypeError):
        return None
    return function
