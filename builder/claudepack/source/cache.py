"""The user's cache: packs as they were when they were installed, so that any later change can be merged.

A pack is one file, `packs/NAME/DIGEST.pack`: a line of JSON that says what it holds, then the bytes of its files one
after another (a zip of 2,000 takes twice as long to write). The line is believed only if its hashes make up that
digest, and bytes only if they have these hashes: whatever happens to the cache, it gives the right bytes or none.
Everything in it can be had again elsewhere.
"""

import contextlib
import hashlib
import json
import os
import re
import time
from functools import partial
from io import BytesIO, FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from claudepack import __version__
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.hashing import CHUNK
from claudepack.pack.identity import NAME_PATTERN, Identity
from claudepack.pack.tree import Pack, PackFile, make_pack
from claudepack.tasks import Task

if TYPE_CHECKING:
    from typing_extensions import Buffer

_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNREADABLE = (OSError, ClaudepackError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)


class Kept(NamedTuple):
    """A pack that is kept.

    Attributes:
        pack: The pack; opening a file of it fails where the cache no longer has the bytes.
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
    kept = open_kept(pack.name, pack.digest)
    if kept and (kept.passed or not passed) and _is_whole(kept.pack):
        os.utime(target)  # what is pruned first is what was not used for longest
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".new-{os.getpid()}-{time.time_ns()}")
    try:
        with fresh.open("xb", CHUNK) as stream:
            _write(pack, stream, passed=passed)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
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
    if not (NAME_PATTERN.fullmatch(name) and _DIGEST.fullmatch(digest)):
        return None  # a lock comes from anywhere, and these name a file
    target = _locate(name, digest)
    try:
        kept = _read(target)
    except FileNotFoundError:
        return None
    except _UNREADABLE:
        kept = None  # whatever it is, it is not the pack
    if kept is not None and (kept.pack.name, kept.pack.digest) == (name, digest):
        return kept
    _remove(target)
    return None


def find_kept(name: str, digest: str) -> Pack | None:
    """The pack with a digest, all bytes of which are there; None if it is not kept, or no longer whole."""
    kept = open_kept(name, digest)
    return kept.pack if kept and _is_whole(kept.pack) else None


def _is_whole(pack: Pack) -> bool:
    target = _locate(pack.name, pack.digest)
    try:
        with target.open("rb", CHUNK) as stream:
            stream.readline()
            for file in (*pack.files.values(), *pack.meta.values()):
                if _hash_next(stream, file.size) != file.sha256:
                    break
            else:
                return True
    except OSError:
        pass  # it cannot be read, as good as not being there
    _remove(target)
    return False


def _remove(target: Path) -> None:
    with contextlib.suppress(OSError):  # it cannot be removed, and is not believed the next time either
        target.unlink()


def _locate(name: str, digest: str) -> Path:
    return locate_cache() / "packs" / name / f"{digest}.pack"


def _write(pack: Pack, stream: BinaryIO, *, passed: bool) -> None:
    files = [*pack.files.values(), *pack.meta.values()]
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


def _read(path: Path) -> Kept:
    with path.open("rb", CHUNK) as stream:
        head = json.loads(stream.readline())
        start = stream.tell()
    said = head["identity"]
    identity = Identity(**{**said, "requires": tuple(said["requires"])})
    files = []
    for name, sha256, size, executable, is_script, is_ascii, refers in head["files"]:
        open_part = partial(_open_part, path, start, int(size), sha256)
        files.append(PackFile(name, sha256, size, executable, open_part, is_script, is_ascii, refers))
        start += size
    pack = make_pack(identity, files, f"the cache's {identity.name} {identity.version}")
    return Kept(pack, head["passed"] == __version__)


def _open_part(path: Path, start: int, size: int, sha256: str) -> BinaryIO:
    """A file's share of the file of a pack, hashed before any of it is given away."""
    try:
        with cast("BinaryIO", _Part(path, start, size)) as part:
            data = part.read() if size <= CHUNK else b""
            found = hashlib.sha256(data).hexdigest() if size <= CHUNK else _hash_next(part, size)
        whole = BytesIO(data) if size <= CHUNK else cast("BinaryIO", _Part(path, start, size))
    except OSError as error:
        raise _lost(path) from error
    if found != sha256:
        raise _lost(path)
    return whole


def _lost(path: Path) -> IntegrityError:
    return IntegrityError(
        f"{path}: it no longer holds the bytes that were kept",
        code="cache",
        hint="claudepack cache clean: all that is in a cache can be had again elsewhere",
    )


def _hash_next(stream: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    while size > 0 and (chunk := stream.read(min(size, CHUNK))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()


class _Part(RawIOBase):
    """A file's share of the file of a pack."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        self.stream = FileIO(path)
        self.stream.seek(start)
        self.left = size

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: "Buffer") -> int:
        """Read some of it, as `io.RawIOBase` asks for."""
        count = self.stream.readinto(memoryview(buffer)[: self.left])
        self.left -= count
        return count

    def close(self) -> None:
        """Let the file go."""
        self.stream.close()
        super().close()
