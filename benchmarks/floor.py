"""The protocol's own floor: what a run cannot do without, and nothing else; `floor.py SOURCE TARGET [MODULE…]`.

What is there is hashed, since a plan has to know what was edited. Each file is read, hashed, written to a stage and
closed; the stage is brought to the disk; each file is placed, or exchanged with what is there, of which the hash is
looked at; all is brought to the disk, and what came out removed. No command line, no manifest, no plan, no lock, no
cache, no check of a pack, no journal: what claudepack takes above this is its own, what this takes above `cp` is what
Python and the promise of all or nothing cost on this machine. The modules are imported first: those that a run needs
to read a pack and to keep others out meanwhile, whatever it then does with them.
"""

import ctypes
import hashlib
import importlib
import os
import sys
import threading

_HERE = -100
_NOREPLACE, _EXCHANGE = 1, 2
_AT_ONCE = 8


def main(source: str, target: str, *modules: str) -> None:
    for module in modules:
        importlib.import_module(module)
    library = ctypes.CDLL(None, use_errno=True)
    is_new = not os.path.isdir(target)
    stage = target + ".stage"
    os.mkdir(stage)
    paths = list(_list_files(source, ""))
    for path in [] if is_new else paths:
        hashlib.sha256(_read(f"{target}/{path}")).hexdigest()
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
    _empty(stage)
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


def _empty(stage: str) -> None:
    """Remove all files, several at once: a disk without a journal is waited for at each."""
    names = os.listdir(stage)
    threads = [threading.Thread(target=_remove, args=(stage, names[first::_AT_ONCE])) for first in range(_AT_ONCE)]
    for thread in threads if names else ():
        thread.start()
    for thread in threads if names else ():
        thread.join()


def _remove(stage: str, names: list[str]) -> None:
    for name in names:
        os.unlink(f"{stage}/{name}")


def _sync(library: ctypes.CDLL, folder: str) -> None:
    number = os.open(folder, os.O_RDONLY)
    library.syncfs(number)
    os.close(number)


if __name__ == "__main__":
    main(*sys.argv[1:])
