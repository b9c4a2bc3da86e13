"""The protocol's own floor: what a run cannot do without, and nothing else; `python floor.py SOURCE TARGET`.

Each file is read, hashed, written to a stage and closed; the stage is brought to the disk; each file is placed, or
exchanged with what is there, of which the hash is looked at; all is brought to the disk, and what came out removed. No
command line, no manifest, no plan, no lock, no cache, no check of a pack, no journal: what claudepack takes above this
is its own, what this takes above `cp` is what Python and the promise of all or nothing cost on this machine.
"""

import ctypes
import hashlib
import os
import sys

_HERE = -100
_NOREPLACE, _EXCHANGE = 1, 2


def main(source: str, target: str) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    is_new = not os.path.isdir(target)
    stage = target + ".stage"
    os.mkdir(stage)
    paths = list(_list_files(source, ""))
    for number, path in enumerate(paths):
        _stage(f"{source}/{path}", f"{stage}/{number}")
    _sync(library, stage)
    if is_new:
        for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
            os.makedirs(f"{target}/{folder}", exist_ok=True)
    for number, path in enumerate(paths):
        slot, place = f"{stage}/{number}", f"{target}/{path}"
        flags = _NOREPLACE if is_new else _EXCHANGE
        if library.renameat2(_HERE, slot.encode(), _HERE, place.encode(), flags):
            raise SystemExit(f"{place}: {os.strerror(ctypes.get_errno())}")
        if not is_new:
            hashlib.sha256(_read(slot)).hexdigest()
    _sync(library, target)
    for name in os.listdir(stage):
        os.unlink(f"{stage}/{name}")
    os.rmdir(stage)


def _list_files(folder: str, prefix: str) -> list[str]:
    found: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            found += _list_files(entry.path, f"{path}/") if entry.is_dir() else [path]
    return found


def _stage(source: str, slot: str) -> None:
    data = _read(source)
    hashlib.sha256(data).hexdigest()
    number = os.open(slot, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    os.write(number, data)
    os.close(number)


def _read(path: str) -> bytes:
    number = os.open(path, os.O_RDONLY)
    data = os.read(number, 1 << 16)
    os.close(number)
    return data


def _sync(library: ctypes.CDLL, folder: str) -> None:
    number = os.open(folder, os.O_RDONLY)
    library.syncfs(number)
    os.close(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
