"""Reading a pack from a source distribution: the pack is in it as its directory was, and nothing is built.

The archive is read as a stream, within bounds, and only what belongs to the pack is kept; whatever is no
plain file, or would land outside, refuses the whole.
"""

import gzip
import io
import stat
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from claudepack.errors import ClaudepackError
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.identity import read_pyproject
from claudepack.pack.tree import MAX_BYTES, MAX_FILES, Pack, check_path, is_pack_path, make_pack, read_file
from claudepack.pack.wheel import MAX_RATIO, RATIO_FREE_BYTES
from claudepack.tasks import Task


class _Bounded:
    """A stream that ends a read which would unpack more than a pack may hold."""

    def __init__(self, stream: BinaryIO, packed: int, where: str) -> None:
        self._stream, self._where, self._left = stream, where, max(RATIO_FREE_BYTES, min(MAX_BYTES, MAX_RATIO * packed))

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ClaudepackError(
                f"{self._where}: it unpacks to more than {MAX_BYTES >> 20} MiB, or {MAX_RATIO} times its size",
                code="too-large",
                hint="a pack holds text; this is something else",
            )
        return data


def read_sdist(path: Path, where: str = "") -> Pack:
    """Read the pack in a source distribution.

    Args:
        path: The `.tar.gz` file.
        where: How messages call it; its name unless told.

    Raises:
        ClaudepackError: It is no source distribution, no pack, or holds what a pack must not.
    """
    where = where or path.name
    try:
        with Task(f"reading {where}"), path.open("rb") as packed, gzip.open(packed) as stream:
            return _read(_Bounded(cast("BinaryIO", stream), path.stat().st_size, where), where)
    except FileNotFoundError as error:
        raise ClaudepackError(f"{where}: no such file", code="not-found", hint="check the path") from error
    except (gzip.BadGzipFile, tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise _unreadable(where, f"it cannot be unpacked: {error}") from error


def _read(stream: _Bounded, where: str) -> Pack:
    executable: dict[str, bool] = {}
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]  # it only reads
        for path, member in _list_members(archive, where):
            if path == PYPROJECT or is_pack_path(path):
                extracted = archive.extractfile(member)
                contents[path] = extracted.read() if extracted else b""
                executable[path] = bool(member.mode & stat.S_IXUSR)
    if PYPROJECT not in contents:
        raise _unreadable(where, f"there is no {PYPROJECT}, so this is no pack")
    identity = read_pyproject(contents.pop(PYPROJECT), f"{where}/{PYPROJECT}")
    files = [read_file(path, partial(io.BytesIO, data), executable=executable[path]) for path, data in contents.items()]
    return make_pack(identity, files, where)


def _list_members(archive: tarfile.TarFile, where: str) -> Iterator[tuple[str, tarfile.TarInfo]]:
    """The files of the archive, by their paths below its one folder."""
    seen: set[str] = set()
    top = ""
    for count, member in enumerate(archive, start=1):
        if count > MAX_FILES:
            raise ClaudepackError(f"{where}: more than {MAX_FILES} members", code="too-large", hint="a pack holds text")
        check_path(member.name.removesuffix("/"), where)
        if not (member.isdir() or (member.isreg() and not member.issparse())):
            raise ClaudepackError(
                f"{where}: {member.name!r} is no plain file", code="path", hint="ask its author for one without"
            )
        folder, _, path = member.name.partition("/")
        top = top or folder
        if folder != top or (member.isreg() and not path):
            raise _unreadable(where, f"{member.name!r} is not in its folder {top!r}")
        if member.isreg():
            if path in seen:
                raise _unreadable(where, f"{member.name!r} is there twice")
            seen.add(path)
            yield path, member


def _unreadable(where: str, why: str) -> ClaudepackError:
    return ClaudepackError(f"{where}: {why}", code="archive", hint="fetch it again, or name the pack's wheel")
