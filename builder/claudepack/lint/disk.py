"""Files on a disk as rules see them: links as what they are, or as what they lead to."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from io import FileIO
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.lint.subject import File, Layout
from claudepack.pack.collection import SKIPPED
from claudepack.pack.tree import MAX_FILES


def make_file(real: Path, path: str, shown: str, layout: Layout) -> File:
    """A file on the disk; of a link outside a pack what it leads to, if that is a file.

    Args:
        real: Where it lies.
        path: In the layout of `.claude`.
        shown: As people are told it.
        layout: What it is part of.
    """
    status = real.lstat()
    if stat.S_ISLNK(status.st_mode) and layout != "pack" and real.is_file():
        status = real.stat()
    opener = partial(FileIO, os.fspath(real))
    return File(path, shown, status.st_mode, status.st_size, opener, layout, real=real)


def walk(root: Path, below: str, *, follows: bool) -> Iterator[str]:
    """All that is no directory at or below a path, links as what they are; and directories that cannot be read.

    Args:
        root: The directory that paths are relative to.
        below: Where in it to look; everywhere where it is empty.
        follows: Whether a link to a directory is that directory.

    Raises:
        ClaudepackError: There is more than anybody would check.
    """
    top = root / below if below else root
    if not top.is_dir() or (top.is_symlink() and not follows):
        if top.is_symlink() or top.exists():
            yield below
        return
    folders, count, seen = [below], 0, {_identify(top)}
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(f"{root / folder}/."), key=lambda item: item.name)  # `.`: it can be entered
        except PermissionError:
            if not folder:
                raise
            yield folder
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _is_folder(entry, follows=follows):
                identity = _identify(Path(entry.path))
                if entry.name not in SKIPPED and identity not in seen:  # a link may lead to where it lies
                    seen.add(identity)
                    folders.append(path)
                continue
            count += 1
            if count > MAX_FILES:
                raise ClaudepackError(
                    f"{root}: more than {MAX_FILES} files", code="too-large", hint="name a part of it"
                )
            yield path


def _is_folder(entry: os.DirEntry[str], *, follows: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follows)
    except OSError:  # a link that leads to itself
        return False


def _identify(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
