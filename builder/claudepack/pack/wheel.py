"""Reading a pack from a wheel, without unpacking it and without believing it.

The bounds are far above what prompts need and far below what harms; RECORD is verified whole, as the
wheel specification asks of an installer (https://packaging.python.org/specifications/binary-distribution-format/).
"""

import base64
import csv
import hashlib
import io
import os
import stat
import struct
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.identity import read_metadata
from claudepack.pack.tree import MAX_BYTES, MAX_FILES, Pack, check_path, is_pack_path, make_pack, read_file
from claudepack.tasks import Task

MAX_RATIO = 200
RATIO_FREE_BYTES = 1 << 20
_UNRECORDED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_CHUNK = 1 << 20
# Of the end of a zip file (APPNOTE.TXT 4.3.14 to 4.3.16): where the size of its table of contents stands.
_END, _END_BYTES, _MAX_COMMENT, _MAX_TABLE = b"PK\x05\x06", 22, 1 << 16, 1 << 25
_WIDE_LOCATOR, _WIDE_LOCATOR_BYTES, _WIDE_END_BYTES = b"PK\x06\x07", 20, 56
# What zipfile and csv make of bytes that were damaged on their way.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, csv.Error, OSError, EOFError),
    *(RuntimeError, UnicodeDecodeError),  # encrypted, or packed in a way that zipfile does not know
)


def read_wheel(path: Path, where: str = "") -> Pack:
    """Read the pack in a wheel.

    Args:
        path: The `.whl` file.
        where: How messages call it; its name unless told.

    Raises:
        ClaudepackError: It is no wheel, no pack, or holds what a pack must not.
        IntegrityError: RECORD and the members disagree.
    """
    where = where or path.name
    try:
        if _measure_table(path) > _MAX_TABLE:
            raise _too_large(where, f"more than {MAX_FILES} members")
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise ClaudepackError(f"{where}: no such file", code="not-found", hint="check the path") from error
    except _DAMAGED as error:
        raise _unreadable(where, f"not a wheel: {error}") from error
    try:
        with Task(f"reading {where}"):
            return _read_archive(archive, where)
    except _DAMAGED as error:
        raise _unreadable(where, f"it cannot be unpacked: {error}") from error


def _measure_table(path: Path) -> int:
    """The bytes of a zip's table of contents, which zipfile would read whole before anyone can count; 0 if unclear."""
    with path.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        start = stream.seek(max(0, end - _END_BYTES - _MAX_COMMENT - _WIDE_LOCATOR_BYTES - _WIDE_END_BYTES))
        tail = stream.read(end - start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        return 0
    locator = at - _WIDE_LOCATOR_BYTES
    if locator >= _WIDE_END_BYTES and tail[locator : locator + 4] == _WIDE_LOCATOR:
        return int(struct.unpack_from("<Q", tail, locator - _WIDE_END_BYTES + 40)[0])
    return int(struct.unpack_from("<L", tail, at + 12)[0])


def _read_archive(archive: zipfile.ZipFile, where: str) -> Pack:
    members = _list_members(archive, where)
    info = _find_dist_info(members, where)
    _verify_record(archive, members, info, where)
    identity = read_metadata(
        archive.read(f"{info}/METADATA").decode(),
        archive.read(f"{info}/entry_points.txt").decode() if f"{info}/entry_points.txt" in members else "",
        where,
    )
    prefix = identity.module + "/"
    files = [
        read_file(
            name.removeprefix(prefix),
            cast("partial[BinaryIO]", partial(archive.open, name)),
            executable=bool((member.external_attr >> 16) & stat.S_IXUSR),
        )
        for name, member in members.items()
        if name.startswith(prefix) and is_pack_path(name.removeprefix(prefix))
    ]
    return make_pack(identity, files, where)


def _list_members(archive: zipfile.ZipFile, where: str) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > MAX_FILES or sum(info.file_size for info in infos) > MAX_BYTES:
        raise _too_large(where, f"more than {MAX_FILES} members or {MAX_BYTES >> 20} MiB")
    for info in infos:
        name = info.filename
        check_path(name.removesuffix("/"), where)
        if info.file_size > RATIO_FREE_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise _too_large(where, f"{name!r} is packed more than {MAX_RATIO} times smaller")
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ClaudepackError(
                f"{where}: {name!r} is no plain file", code="path", hint="ask its author for one without"
            )
        if name in members:
            raise _unreadable(where, f"{name!r} is there twice")
        if not info.is_dir():
            members[name] = info
    return members


def _find_dist_info(members: dict[str, zipfile.ZipInfo], where: str) -> str:
    folders = {name.split("/")[0] for name in members if name.split("/")[0].endswith(".dist-info")}
    if len(folders) != 1:
        raise _unreadable(where, f"{len(folders)} .dist-info folders, and a wheel has one")
    [info] = folders
    for name in ("METADATA", "RECORD"):
        if f"{info}/{name}" not in members:
            raise _unreadable(where, f"no {name}")
    return info


def _verify_record(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], info: str, where: str) -> None:
    rows = csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode()))
    recorded = {row[0]: row[1] for row in rows if len(row) > 1}
    for name in members:
        if name.rpartition("/")[2] in _UNRECORDED and name.startswith(info):
            continue
        algorithm, _, expected = recorded.get(name, "").partition("=")
        if algorithm not in ("sha256", "sha384", "sha512"):
            raise IntegrityError(
                f"{where}: RECORD has no hash for {name!r}",
                code="integrity",
                hint="fetch the wheel again, or rebuild it",
            )
        if _hash_member(archive, name, algorithm) != expected:
            raise IntegrityError(
                f"{where}: {name!r} does not have the hash that RECORD gives",
                code="integrity",
                hint="fetch the wheel again, or rebuild it; do not trust this one",
            )


def _hash_member(archive: zipfile.ZipFile, name: str, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def _unreadable(where: str, why: str) -> ClaudepackError:
    return ClaudepackError(f"{where}: {why}", code="archive", hint="build it anew with `claudepack build`")


def _too_large(where: str, why: str) -> ClaudepackError:
    return ClaudepackError(f"{where}: {why}", code="too-large", hint="a pack holds text; this is something else")
