"""The user's cache: packs as they were when they were installed, so that any later change can be merged.

A pack is one file, `packs/NAME/DIGEST.pack`: a line of JSON that says what it holds, then the bytes of its files one
after another (a zip of 2,000 takes twice as long to write). The line is believed only if its hashes make up that
digest, and bytes only if they have these hashes: whatever happens to the cache, it gives the right bytes or none.
Everything in it can be had again elsewhere.

Another run may remove that file at any time, or put a new one in its place: so it is open for as long as its pack may
be read.
"""

import contextlib
import hashlib
import json
import os
import re
import threading
import time
import weakref
from functools import partial
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from claudepack import __version__
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.hashing import CHUNK, READ_ONLY
from claudepack.pack.identity import NAME_PATTERN, Identity
from claudepack.pack.tree import Pack, PackFile, is_pack_path, make_pack, read_file, take_file
from claudepack.tasks import Task

if TYPE_CHECKING:
    from typing_extensions import Buffer

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DAMAGED = (ClaudepackError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
UNFINISHED = ".new-"  # how a file begins that a run is writing
_HAS_PREAD = hasattr(os, "pread")  # Windows has none
_MAX_LINE = 1 << 26  # 50,000 files with long paths take a third of it


class Kept(NamedTuple):
    """A pack that is kept.

    Attributes:
        pack: The pack; opening a file of it fails where its bytes are others by now.
        passed: Whether the gate of this version of claudepack has let all of it pass.
    """

    pack: Pack
    passed: bool


def locate_cache() -> Path:
    """The directory of the user's cache; it may not be there."""
    from platformdirs import user_cache_path

    return user_cache_path("claudepack", appauthor=False)


def keep_pack(pack: Pack, *, passed: bool = False) -> None:
    """Keep a pack, unless it is kept already.

    Args:
        pack: The pack.
        passed: Whether the gate of this version of claudepack has let all of it pass.

    Raises:
        OSError: The cache cannot be written.
    """
    target = _locate(pack.name, pack.digest)
    kept = _find(pack.name, pack.digest, whole=True)
    if kept and (kept.passed or not passed):
        with contextlib.suppress(OSError):  # it is kept, in a cache that is somebody else's
            os.utime(target)  # what is pruned first is what was not used for longest
        return
    try:
        _put(pack, target, passed=passed)
    except OSError:
        if kept is None:  # else only what the gate said is not
            raise


def list_kept(name: str) -> list[str]:
    """The digests of the packs that are kept under a name, the one that was used last first."""
    if not NAME_PATTERN.fullmatch(name):
        return []
    times: dict[str, float] = {}
    for path in _locate(name, "").parent.glob("*.pack"):
        with contextlib.suppress(FileNotFoundError):  # another run has just removed it
            times[path.stem] = path.stat().st_mtime
    return sorted(times, key=lambda digest: -times[digest])


def open_kept(name: str, digest: str) -> Kept | None:
    """The pack with a digest, None if it is not kept; one that has another digest by now is removed.

    Its files are read when they are opened, which raises an `IntegrityError` where the bytes are others by now.
    """
    return _find(name, digest, whole=False)


def find_kept(name: str, digest: str) -> Pack | None:
    """The pack with a digest, all bytes of which are there; None if it is not kept, or no longer whole."""
    kept = _find(name, digest, whole=True)
    return kept.pack if kept else None


def _find(name: str, digest: str, *, whole: bool) -> Kept | None:
    if not (NAME_PATTERN.fullmatch(name) and _DIGEST.fullmatch(digest)):
        return None  # a lock comes from anywhere, and these name a file
    target = _locate(name, digest)
    try:
        kept = _read(target, whole=whole)
    except OSError:
        return None  # it is not there, or cannot be read now
    except _DAMAGED:
        kept = None  # whatever it is, it is not the pack
    if kept is not None and (kept.pack.name, kept.pack.digest) == (name, digest):
        return kept
    with contextlib.suppress(OSError):  # it cannot be removed, and is not believed the next time either
        target.unlink()
    return None


def _locate(name: str, digest: str) -> Path:
    return locate_cache() / "packs" / name / f"{digest}.pack"


def _put(pack: Pack, target: Path, *, passed: bool) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A fleet's threads do this at once, and a clock may be coarse.
    fresh = target.with_name(f"{UNFINISHED}{os.getpid()}-{threading.get_ident()}-{time.time_ns()}")
    try:
        with fresh.open("xb", CHUNK) as stream:
            _write(pack, stream, passed=passed)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _write(pack: Pack, stream: BinaryIO, *, passed: bool) -> None:
    files = sorted((*pack.files.values(), *pack.meta.values()), key=lambda file: file.path)
    said = {
        "identity": pack.identity._asdict(),
        "passed": __version__ if passed else "",
        "files": [
            [file.path, file.sha256, file.size, file.executable, file.is_script, file.is_ascii, file.refers]
            for file in files
        ],
    }
    stream.write(json.dumps(said).encode() + b"\n")
    with Task(f"keeping {pack.name} in the cache", len(files)) as task:
        for file in files:
            with file.open() as source:
                while chunk := source.read(CHUNK):
                    stream.write(chunk)
            task.done += 1


def _read(path: Path, *, whole: bool) -> Kept:
    store = _open_store(path)
    end = os.fstat(store.number).st_size
    with BufferedReader(_Share(store, 0, end), CHUNK) as stream:
        line = stream.readline(_MAX_LINE)
    head, at = json.loads(line), len(line)
    files = []
    for name, sha256, size, executable, is_script, is_ascii, refers in head["files"]:
        if type(size) is not int or not 0 <= size <= end - at:
            raise ValueError(size)
        open_part = partial(_open_part, store, at, size, sha256)
        file = PackFile(name, sha256, size, executable, open_part, is_script, is_ascii, refers)
        files.append(_look_at(file, store, at) if whole else file)
        at += size
    if at != end:
        raise ValueError(at)
    said = head["identity"]
    identity = Identity(**{**said, "requires": tuple(said["requires"])})
    pack = make_pack(identity, files, f"the cache's {identity.name} {identity.version}")
    return Kept(pack, head["passed"] == __version__)


def _look_at(said: PackFile, store: "_Store", at: int) -> PackFile:
    """A file as its bytes say that it is, whatever the line says of it."""
    if said.size <= CHUNK:
        found = take_file(said.path, store.read_all(at, said.size), said.open, executable=bool(said.executable))
    else:
        found = read_file(said.path, said.open, executable=bool(said.executable))
    if found.sha256 != said.sha256 or not is_pack_path(said.path):
        raise ValueError(said.path)
    return found


class _Store:
    """The file of a pack, open until nobody can read the pack any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = os.open(path, READ_ONLY)
        self.guard = threading.Lock()

    def __del__(self) -> None:
        if hasattr(self, "number"):
            os.close(self.number)

    def read(self, at: int, size: int) -> bytes:
        """As many bytes from a place as the system gives at once."""
        if _HAS_PREAD:
            return os.pread(self.number, size, at)
        with self.guard:
            os.lseek(self.number, at, os.SEEK_SET)
            return os.read(self.number, size)

    def read_all(self, at: int, size: int) -> bytes:
        """So many bytes from a place, or all that are left."""
        data = self.read(at, size)
        while len(data) < size and (more := self.read(at + len(data), size - len(data))):
            data += more
        return data


_stores: weakref.WeakValueDictionary[tuple[int, int], _Store] = weakref.WeakValueDictionary()


def _open_store(path: Path) -> _Store:
    """The file of a pack; of a thousand projects with the same pack, all read the same one."""
    store = _Store(path)
    status = os.fstat(store.number)
    return _stores.setdefault((status.st_dev, status.st_ino), store)


def _open_part(store: _Store, at: int, size: int, sha256: str) -> BinaryIO:
    """A file's share of the file of a pack, hashed before any of it is given away."""
    part: RawIOBase | BytesIO = _Share(store, at, size)
    try:
        if size > CHUNK:
            found = read_file("", partial(_open_share, store, at, size), executable=False).sha256
        else:
            part = BytesIO(store.read_all(at, size))
            found = hashlib.sha256(part.getbuffer()).hexdigest()
    except OSError as error:
        raise _lost(store.path) from error
    if found != sha256:
        raise _lost(store.path)
    return cast("BinaryIO", part)


def _open_share(store: _Store, at: int, size: int) -> BinaryIO:
    return cast("BinaryIO", _Share(store, at, size))


def _lost(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{path}: it no longer holds the bytes that were kept",
        code="cache",
        hint="run this again: what the cache does not have comes from elsewhere",
    )


class _Share(RawIOBase):
    """A file's share of the file of a pack: so many bytes from a place on."""

    def __init__(self, store: _Store, at: int, size: int) -> None:
        self.store, self.at, self.end = store, at, at + size

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: "Buffer") -> int:
        """Read some of it, as `io.RawIOBase` asks for."""
        view = memoryview(buffer)
        size = min(len(view), self.end - self.at)
        data = self.store.read(self.at, size) if size else b""
        view[: len(data)] = data
        self.at += len(data)
        return len(data)
