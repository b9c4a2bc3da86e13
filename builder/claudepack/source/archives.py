"""The cache of whole archives: by their SHA-256, verified at every read, written by rename.

`archives/SHA256/NAME` is the archive, `archives/SHA256/origin.json` says where it came from. An entry is a folder
that appears whole or not at all, so any number of processes may read and write at once.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from claudepack.errors import ClaudepackError
from claudepack.source.cache import locate_cache

_Read = TypeVar("_Read")
ORIGIN = "origin.json"
_TRIES = 25  # each may meet what another process has just damaged, or is putting right


class Kept(NamedTuple):
    """An archive in the cache: its hash, the file, and where it came from."""

    sha256: str
    path: Path
    origin: Mapping[str, str]


@contextlib.contextmanager
def open_stage() -> Iterator[Path]:
    """A directory of this process's own, on the file system of the cache, gone afterwards.

    Raises:
        ClaudepackError: The cache cannot be written.
    """
    root = locate_cache() / "stage"
    try:
        root.mkdir(parents=True, exist_ok=True)
        stage = tempfile.TemporaryDirectory(dir=root)
    except OSError as error:
        raise ClaudepackError(
            f"the cache cannot be written: {error}",
            code="cache",
            hint="let XDG_CACHE_HOME name a directory that can be written",
        ) from error
    with stage as path:
        yield Path(path)


def keep_archive(path: Path, origin: Mapping[str, str]) -> Kept:
    """Put an archive into the cache; one that is there and whole stays.

    Raises:
        ClaudepackError: The cache cannot be written.
    """
    sha256 = hash_file(path)
    for _ in range(_TRIES):
        if kept := find_archive(sha256):
            return kept
        _put(path, sha256, origin)
    raise ClaudepackError(
        f"the cache's {sha256} changes whenever it is written", code="cache", hint="claudepack cache clean"
    )


def _put(path: Path, sha256: str, origin: Mapping[str, str]) -> None:
    entry = _locate(sha256)
    entry.parent.mkdir(parents=True, exist_ok=True)
    with open_stage() as stage:
        made = stage / "entry"
        made.mkdir()
        shutil.copyfile(path, made / path.name)
        (made / ORIGIN).write_text(json.dumps(dict(origin), sort_keys=True), encoding="utf-8")
        with contextlib.suppress(OSError):  # another process was first: its entry is looked at like ours
            made.rename(entry)


def read_archive(keep: Callable[[], Kept], read: Callable[[Kept], _Read]) -> _Read:
    """Read an archive that is in the cache, or is put there; anew where another run takes it out before it is open.

    Args:
        keep: Finds it, or puts it there.
        read: Reads it; an error counts if the archive is still there.
    """
    for _ in range(_TRIES):
        kept = keep()
        try:
            return read(kept)
        except (OSError, ClaudepackError):
            if kept.path.exists():
                raise
    return read(keep())


def find_archive(sha256: str) -> Kept | None:
    """The archive with a hash; one whose bytes have changed is dropped and not used."""
    if len(sha256) != hashlib.sha256().digest_size * 2 or not sha256.isalnum():
        return None
    entry = _locate(sha256)
    if not entry.exists():  # asked first: what another process puts there from now on is not damaged
        return None
    kept = _read_whole(entry, sha256)
    if kept is None:
        drop_damaged(sha256)
        return None
    with contextlib.suppress(OSError):  # a cache that can only be read serves as well
        os.utime(entry)  # what is pruned first is what was not used for longest
    return kept


def list_archives() -> Iterator[Kept]:
    """Every archive in the cache, unverified."""
    for entry in sorted((locate_cache() / "archives").glob("*/*")):
        if kept := _read_entry(entry):
            yield kept


def drop_damaged(sha256: str) -> None:
    """Take out an entry that was found damaged, unless another process has meanwhile put a whole one there.

    Were that one dropped too, any number of processes could drop each other's for ever.
    """
    entry = _locate(sha256)
    with open_stage() as stage, contextlib.suppress(FileNotFoundError):
        entry.rename(stage / sha256)
        if _read_whole(stage / sha256, sha256):
            with contextlib.suppress(OSError):  # a third one is there by now
                (stage / sha256).rename(entry)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _locate(sha256: str) -> Path:
    return locate_cache() / "archives" / sha256[:2] / sha256


def _read_whole(entry: Path, sha256: str) -> Kept | None:
    kept = _read_entry(entry)
    with contextlib.suppress(FileNotFoundError):  # another process may drop it at any time
        return kept if kept and hash_file(kept.path) == sha256 else None
    return None


def _read_entry(entry: Path) -> Kept | None:
    try:
        names = [path for path in entry.iterdir() if path.name != ORIGIN]
        origin = json.loads((entry / ORIGIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if len(names) != 1 or not isinstance(origin, dict):
        return None
    return Kept(entry.name, names[0], {str(key): str(value) for key, value in origin.items()})
