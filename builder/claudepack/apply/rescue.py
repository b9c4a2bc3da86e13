"""What somebody wrote into a file while it was exchanged is in the stage: before that goes, it is laid in the open."""

import os

from claudepack.apply import primitives
from claudepack.apply.exchange import Exchange
from claudepack.apply.site import FOLDER
from claudepack.apply.stage import Targets


def rescue(exchange: Exchange) -> tuple[str, ...]:
    """Look through the stage for bytes that somebody wrote while they were exchanged, and lay them in the open.

    Returns:
        Where they lie now.
    """
    rescued: list[str] = []
    left = {area + name for area in exchange.areas for name in _list_names(area)}
    for entry in exchange.journal.entries if left else ():
        slot = exchange.slot(entry)
        if slot in left and (stamp := exchange.seen.get(slot)) and primitives.is_untouched(slot, stamp):
            continue
        for path in (slot, slot + primitives.SPARE):
            if path not in left or primitives.is_same_file(path, exchange.targets.resolve(entry.path)):
                continue
            quiet = primitives.await_writers(path)
            known = primitives.hash_file(path) in (entry.pre, entry.post)
            if not quiet or not known or path in exchange.stranded:
                rescued.append(_lay_open(exchange.targets, entry.path, path))
    return tuple(rescued)


def _list_names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []  # no entry needed it


def _lay_open(targets: Targets, path: str, source: str) -> str:
    number = 0
    while True:
        top = f"{FOLDER}/rescued" + (f".{number}" if number else "")
        target = targets.locate(f"{top}/{path}")
        os.makedirs(targets.locate(top), exist_ok=True)
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            primitives.move(source, target)
        except (FileExistsError, NotADirectoryError):  # of another day, as is a file where a folder is to be
            number += 1
        else:
            return f"{top}/{path}"
