"""What a run lays beside the files of a project: the sides of a conflict, and files that made room."""

from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO, NamedTuple

from claudepack.apply.operations import Delete, Operation, Write
from claudepack.paths import add_ending
from claudepack.plan.outside import Outside, write_bytes
from claudepack.project.location import STATE

REPLACED = f"{STATE}/replaced/"
_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>")
SIDES = ("base", "theirs", "merged", "ours")


class Content(NamedTuple):
    """Bytes by their hash, for those that need not be in memory."""

    sha256: str
    open: Callable[[], BinaryIO]

    def read(self) -> bytes:
        """All of them."""
        with self.open() as stream:
            return stream.read()


def conflict_path(path: str, side: str) -> str:
    """Where one side of a conflict in a file lies."""
    return add_ending(f"{STATE}/conflicts/{path}", f".{side}")


def block_key(file: str, name: str) -> str:
    """What a block of CLAUDE.md is called beside it, since several packs have one there."""
    return f"{file}.{name}"


def lay_beside(
    path: str, sides: Mapping[str, bytes | Content], outside: Outside, known: Iterable[bytes | None] = ()
) -> list[Operation]:
    """Lay the sides of a conflict beside it, and take away those that it no longer has.

    A `merged` that is there is its user's, who may be working on it, for as long as the other side is the same.
    When it goes, and has lines that are nowhere else, it is kept.

    Args:
        path: What the conflict is in.
        sides: What is to lie there.
        outside: The disk.
        known: The texts that stand, or will stand, in the file itself.
    """
    operations: list[Operation] = []
    is_same = False
    work = outside.read(conflict_path(path, "merged"))
    others = [outside.read(conflict_path(path, side)) for side in SIDES if side != "merged"]
    others += [side if isinstance(side, bytes) else side.read() for side in sides.values()]
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
    goes = any(operation.path == conflict_path(path, "merged") for operation in operations)
    if work is not None and goes and _has_own_lines(work, [*others, *known, outside.read(path)]):
        operations += keep_replaced(f"{path}.merged", work, outside)[1]
    return operations


def _has_own_lines(work: bytes, others: Iterable[bytes | None]) -> bool:
    """Whether a merged text has a line that no other has; what stood in the file once was not written there."""
    known = {line.rstrip(b"\r") for text in others for line in (text or b"").split(b"\n")}
    is_ours = False
    for line in work.split(b"\n"):
        if line.startswith(_MARKERS):
            is_ours = line.startswith(_MARKERS[0])
        elif not is_ours and line.rstrip(b"\r") not in known:
            return True
    return False


def keep_replaced(path: str, data: bytes, outside: Outside) -> tuple[str, list[Operation]]:
    """Keep what stood at a path that somebody else's content takes.

    Returns:
        Where it lies, and the operations that lay it there.
    """
    number = 0
    while True:
        target = add_ending(REPLACED + path, f".{number}" if number else "")
        there = outside.look(target, ())
        write = write_bytes(target, data, None, executable=False)
        if there is None:
            return target, [write]
        if there.sha256 == write.post:
            return target, []
        number += 1
