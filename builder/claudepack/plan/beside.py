"""What a run lays beside the files of a project: the sides of a conflict, and files that made room."""

from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple

from claudepack.apply.operations import Delete, Operation, Write
from claudepack.plan.outside import Outside, write_bytes
from claudepack.project.location import STATE

REPLACED = f"{STATE}/replaced/"
SIDES = ("base", "theirs", "merged", "ours")


class Content(NamedTuple):
    """Bytes by their hash, for those that need not be in memory."""

    sha256: str
    open: Callable[[], BinaryIO]


def conflict_path(path: str, side: str) -> str:
    """Where one side of a conflict in a file lies."""
    return f"{STATE}/conflicts/{path}.{side}"


def block_key(file: str, name: str) -> str:
    """What a block of CLAUDE.md is called beside it, since several packs have one there."""
    return f"{file}.{name}"


def lay_beside(path: str, sides: Mapping[str, bytes | Content], outside: Outside) -> list[Operation]:
    """Lay the sides of a conflict beside it, and take away those that it no longer has.

    A `merged` that is there is its user's, who may be working on it, for as long as the other side is the same.
    """
    operations: list[Operation] = []
    is_same = False
    for side in SIDES:
        target, content = conflict_path(path, side), sides.get(side)
        expected = content.sha256 if isinstance(content, Content) else ""
        there = outside.look(target, (expected,))
        if content is None:
            operations += [Delete(target, there.sha256)] if there and there.is_file else []
            continue
        pre = there.sha256 if there else None
        if isinstance(content, Content):
            write = Write(target, content.open, content.sha256, pre, executable=False)
        else:
            write = write_bytes(target, content, pre, executable=False)
        if side == "theirs":
            is_same = write.post == pre
        if write.post != pre and not (side == "merged" and there and is_same):
            operations.append(write)
    return operations


def keep_replaced(path: str, data: bytes, outside: Outside) -> tuple[str, list[Operation]]:
    """Keep what stood at a path that somebody else's content takes.

    Returns:
        Where it lies, and the operations that lay it there.
    """
    number = 0
    while True:
        target = REPLACED + path + (f".{number}" if number else "")
        there = outside.look(target, ())
        write = write_bytes(target, data, None, executable=False)
        if there is None:
            return target, [write]
        if there.sha256 == write.post:
            return target, []
        number += 1
