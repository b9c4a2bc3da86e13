"""The room that the cache takes: counted, and given back."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from claudepack.source.cache import locate_cache

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
    """Take everything out; everything can be had again elsewhere."""
    rooms = measure()
    for kind in _KINDS:
        shutil.rmtree(locate_cache() / kind, ignore_errors=True)
    return _add(rooms)


def prune(days: int) -> Room:
    """Take out what was not used for so many days, and what dead runs left."""
    gone = []
    for kind in _KINDS:
        limit = time.time() - (1 if kind == "stage" else days) * _DAY
        for entry in _list_entries(kind):
            if entry.lstat().st_mtime < limit:
                gone.append(Room(kind, 1, _size(entry)))
                _remove(entry)
    return _add(gone)


def _list_entries(kind: str) -> Iterator[Path]:
    yield from sorted((locate_cache() / kind).glob("/".join("*" * _KINDS[kind])))


def _size(entry: Path) -> int:
    if entry.is_file():
        return entry.stat().st_size
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(entry) for name in names)


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _add(rooms: list[Room]) -> Room:
    return Room("", sum(room.entries for room in rooms), sum(room.size for room in rooms))
