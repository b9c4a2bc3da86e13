"""The user's cache: packs as they were when they were installed, so that any later change can be merged.

A pack is one file, `packs/NAME/DIGEST.pack`: a line of JSON that says what it holds, then the bytes of its files one
after another (a zip of 2,000 takes twice as long to write). It is believed only if it still has that digest:
whatever happens to the cache, it gives the right bytes or none. Everything in it can be had again elsewhere.
"""

import contextlib
import json
import os
import re
import time
from functools import partial
from io import FileIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from claudepack.errors import ClaudepackError
from claudepack.hashing import CHUNK
from claudepack.pack.identity import NAME_PATTERN, Identity
from claudepack.pack.tree import Pack, PackFile, is_pack_path, make_pack, read_file, take_file
from claudepack.tasks import Task

if TYPE_CHECKING:
    from typing_extensions import Buffer

_DIGEST = re.compile(r"[0-9a-f]{64}")


def locate_cache() -> Path:
    """The directory of the user's cache; it may not be there."""
    from platformdirs import user_cache_path

    return user_cache_path("claudepack", appauthor=False)


def keep_pack(pack: Pack) -> None:
    """Keep a pack, unless it is kept already.

    Raises:
        OSError: The cache cannot be written.
    """
    target = _locate(pack.name, pack.digest)
    if find_kept(pack.name, pack.digest):
        os.utime(target)  # what is pruned first is what was not used for longest
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".new-{os.getpid()}-{time.time_ns()}")
    try:
        with fresh.open("xb", CHUNK) as stream:
            _write(pack, stream)
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


def find_kept(name: str, digest: str) -> Pack | None:
    """The pack with a digest, None if it is not kept; one that has another digest by now is removed."""
    if not (NAME_PATTERN.fullmatch(name) and _DIGEST.fullmatch(digest)):
        return None  # a lock comes from anywhere, and these name a file
    target = _locate(name, digest)
    try:
        pack = _read(target)
    except FileNotFoundError:
        return None
    except (OSError, ClaudepackError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        pack = None  # whatever it is, it is not the pack
    if pack is not None and (pack.name, pack.digest) == (name, digest):
        return pack
    with contextlib.suppress(OSError):  # it cannot be removed, and is not believed the next time either
        target.unlink()
    return None


def _locate(name: str, digest: str) -> Path:
    return locate_cache() / "packs" / name / f"{digest}.pack"


def _write(pack: Pack, stream: BinaryIO) -> None:
    files = [*pack.files.values(), *pack.meta.values()]
    held = [[file.path, file.size, file.executable] for file in files]
    stream.write(json.dumps({"identity": pack.identity._asdict(), "files": held}).encode() + b"\n")
    with Task(f"keeping {pack.name} in the cache", len(files)) as task:
        for file in files:
            with file.open() as source:
                while chunk := source.read(CHUNK):
                    stream.write(chunk)
            task.done += 1


def _read(path: Path) -> Pack:
    files: list[PackFile] = []
    with path.open("rb", CHUNK) as stream:
        head = json.loads(stream.readline())
        said = head["identity"]
        identity = Identity(**{**said, "requires": tuple(said["requires"])})
        start = stream.tell()
        for name, size, executable in head["files"]:
            if is_pack_path(name):
                files.append(_read_part(name, path, stream, (start, size), executable=bool(executable)))
            start += size
            stream.seek(start)
    return make_pack(identity, files, f"the cache's {identity.name} {identity.version}")


def _read_part(name: str, path: Path, stream: BinaryIO, where: tuple[int, int], *, executable: bool) -> PackFile:
    open_part = cast("partial[BinaryIO]", partial(_Part, path, *where))
    if where[1] > CHUNK:
        return read_file(name, open_part, executable=executable)
    return take_file(name, stream.read(where[1]), open_part, executable=executable)


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
