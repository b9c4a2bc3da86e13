"""Reading a pack from a directory: an author's working tree, the bundled packs, an installed module."""

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO, FileIO
from typing import TYPE_CHECKING, BinaryIO

from claudepack.errors import ClaudepackError
from claudepack.hashing import CHUNK, READ_ONLY, read_plain
from claudepack.pack.identity import GROUP, read_pyproject
from claudepack.pack.tree import (
    CONTEXTS,
    FRAGMENTS,
    MAX_BYTES,
    MAX_FILES,
    META,
    Pack,
    PackFile,
    is_pack_path,
    make_pack,
    read_file,
    take_file,
)
from claudepack.paths import COMPONENT_FOLDERS
from claudepack.tasks import Task

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = "pyproject.toml"
_LIMIT = 4 << 20
_KEPT = 16 << 20  # of a pack's bytes that stay in memory, so that an install reads most packs once


def read_directory(root: "Path | str", where: str = "") -> Pack:
    """Read the pack in a directory that has a `pyproject.toml`.

    Args:
        root: The directory.
        where: How messages call it; the path itself unless told.

    Raises:
        ClaudepackError: It is no directory, no pack, or holds what a pack must not.
    """
    where = where or str(root)
    if not os.path.isdir(root):
        raise ClaudepackError(
            f"{where}: no such directory" if not os.path.exists(root) else f"{where}: not a directory",
            code="not-found",
            hint="a pack is a directory with a pyproject.toml, or a wheel (.whl)",
        )
    data = _read_pyproject(root, where)
    if data is None:
        raise ClaudepackError(
            f"{where}: there is no {PYPROJECT}, so this is no pack",
            code="pack",
            hint="name the directory that holds the pack's pyproject.toml",
        )
    return make_pack(read_pyproject(data, f"{where}/{PYPROJECT}"), read_tree(root, where), where)


def find_pack(root: "Path | str", where: str, *, kept: int = _KEPT) -> Pack | None:
    """The pack in a directory whose `pyproject.toml` is one's; None where there is none: many others have one.

    Args:
        root: The directory.
        where: How messages call it.
        kept: As `read_tree` has it.

    Raises:
        ClaudepackError: It holds what a pack must not.
    """
    data = _read_pyproject(root, where)
    if data is None or GROUP.encode() not in data:
        return None
    return make_pack(read_pyproject(data, f"{where}/{PYPROJECT}"), read_tree(root, where, kept=kept), where)


def _read_pyproject(root: "Path | str", where: str) -> bytes | None:
    path = os.path.join(root, PYPROJECT)
    try:
        data = read_plain(path, f"{where}/{PYPROJECT}", _LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if GROUP.encode() in data and os.path.islink(path):  # a project that is no pack links what it likes
        raise _refuse(where, PYPROJECT, "link")
    return data


def read_tree(root: "Path | str", where: str, *, follow_links: bool = False, kept: int = _KEPT) -> list[PackFile]:
    """Hash the files of a pack below a directory.

    Args:
        root: The directory that mirrors `.claude/`.
        where: How messages call it.
        follow_links: Whether a link to a file is that file: only in an environment, where an installer
            (uv with `--link-mode=symlink`) made it.
        kept: How many bytes may stay in memory; what is more is read again where it is needed.

    Raises:
        ClaudepackError: A link, a device, or more than a pack may hold.
    """
    files: list[PackFile] = []
    total = 0
    with Task(f"reading {where}") as task:
        for path, entry in _walk(root, where, follow_links=follow_links):
            files.append(_read(path, entry.path, kept - total))
            total += files[-1].size
            task.done += 1
            if len(files) > MAX_FILES or total > MAX_BYTES:
                raise ClaudepackError(
                    f"{where}: more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB",
                    code="too-large",
                    hint="is this the pack's own directory?",
                )
    return files


def _read(path: str, place: str, kept: int) -> PackFile:
    number = os.open(place, READ_ONLY)
    try:
        status = os.fstat(number)
        data = os.read(number, min(status.st_size, CHUNK) + 1)
    finally:
        os.close(number)
    executable = bool(status.st_mode & stat.S_IXUSR)
    if len(data) > min(status.st_size, CHUNK):  # it is large, or it grows
        return read_file(path, partial(FileIO, place), executable=executable)
    open_file: Callable[[], BinaryIO] = partial(BytesIO, data) if len(data) <= kept else partial(FileIO, place)
    return take_file(path, data, open_file, executable=executable)


def _walk(root: "Path | str", where: str, *, follow_links: bool) -> Iterator[tuple[str, os.DirEntry[str]]]:
    folders = [("", os.fspath(root))]
    while folders:
        prefix, folder = folders.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda item: item.name):
                path = prefix + entry.name
                if not _belongs(path):
                    continue
                if entry.is_dir(follow_symlinks=False) and path not in (*FRAGMENTS, *CONTEXTS, *META):
                    folders.append((path + "/", entry.path))
                elif entry.is_file(follow_symlinks=follow_links) and path not in COMPONENT_FOLDERS:
                    yield path, entry
                else:
                    raise _misplaced(entry, path, where)


def _belongs(path: str) -> bool:
    return path in COMPONENT_FOLDERS or is_pack_path(path)


def _misplaced(entry: os.DirEntry[str], path: str, where: str) -> ClaudepackError:
    if entry.is_file(follow_symlinks=False):
        return ClaudepackError(
            f"{where}: {path!r} is a file, and must be a directory", code="path", hint="rename it, or move it into one"
        )
    return _refuse(where, path, "link" if entry.is_symlink() else "directory" if entry.is_dir() else "special file")


def _refuse(where: str, path: str, kind: str) -> ClaudepackError:
    return ClaudepackError(
        f"{where}: {path!r} is a {kind}, and a pack holds plain files only",
        code="path",
        hint="put the file itself there",
    )
