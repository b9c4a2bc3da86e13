"""The room that the cache takes: counted, and given back."""

import contextlib
import math
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from claudepack.source.cache import UNFINISHED, locate_cache

_DAY = 86_400
# What the cache is made of, and how deep below its folder an entry lies.
_KINDS = {"packs": 2, "archives": 2, "git": 2, "fleet": 1, "stage": 1}


class Room(NamedTuple):
    """What one kind of entry takes."""

    kind: str
    entries: int
    size: int


def measure() -> list[Room]:
    """What each kind of entry takes; those of which there are none are left out."""
    rooms = []
    for kind in _KINDS:
        sizes = [_size(entry) for entry in _list_entries(kind)]
        rooms += [Room(kind, len(sizes), sum(sizes))] if sizes else []
    return rooms


def clean() -> Room:
    """Take everything out but what a run may be working in; everything can be had again elsewhere."""
    return _take_out(math.inf)


def prune(days: int) -> Room:
    """Take out what was not used for so many days, and what dead runs left."""
    return _take_out(time.time() - days * _DAY)


def _take_out(limit: float) -> Room:
    """Take out what was last used before a time; the folders stay, since a run may be about to write there."""
    gone = []
    yesterday = time.time() - _DAY
    for kind in _KINDS:
        for entry in _list_entries(kind):
            with contextlib.suppress(FileNotFoundError):  # another run has just removed it
                is_work = kind == "stage" or entry.name.startswith(UNFINISHED)
                if entry.lstat().st_mtime < (yesterday if is_work else limit):
                    gone.append(Room(kind, 1, _size(entry)))
                    _remove(entry)
    return _add(gone)


def _list_entries(kind: str) -> Iterator[Path]:
    yield from sorted((locate_cache() / kind).glob("/".join("*" * _KINDS[kind])))


def _size(entry: Path) -> int:
    """The bytes of a file, or of all in a folder; what goes meanwhile has none."""
    size = 0
    below = [Path(folder, name) for folder, _, names in os.walk(entry) for name in names]
    for path in below or [entry]:
        with contextlib.suppress(FileNotFoundError):
            size += path.lstat().st_size
    return size


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _add(rooms: list[Room]) -> Room:
    return Room("", sum(room.entries for room in rooms), sum(room.size for room in rooms))
