"""CLAUDE.md as bytes with blocks in it: which pack's stand where, and what is wrong with them.

Everything outside the markers keeps its bytes, whatever they are, so the file is never decoded: its
lines are looked at as Latin-1, in which every byte is a character.
"""

import hashlib
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.fences import MAX_INDENT, next_fence

BEGIN = "<!-- claudepack:begin {} -->"
END = "<!-- claudepack:end {} -->"
BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT = ("<<<<<<< ", ">>>>>>> ")


class Block(NamedTuple):
    """A pack's block: from the start of its begin marker's line to the end of its end marker's.

    Attributes:
        start: Byte offset.
        body_start: Byte offset of the first line between the markers.
        body_end: Byte offset of the end marker's line.
        end: Byte offset after the end marker's line.
        line: The line of the begin marker, from 1.
    """

    start: int
    body_start: int
    body_end: int
    end: int
    line: int


class ClaudeMd(NamedTuple):
    """The file, read.

    Attributes:
        data: Its bytes, a BOM included.
        blocks: The blocks of each pack, in their order.
        fault: What is wrong with the whole file, naming lines; empty when nothing is.
    """

    data: bytes
    blocks: dict[str, list[Block]]
    fault: str

    @property
    def newline(self) -> bytes:
        """The line ending that most of the file's lines have: what is put in and out again makes no other the most."""
        windows = self.data.count(b"\r\n")
        return b"\r\n" if windows and 2 * windows >= self.data.count(b"\n") else b"\n"

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.data.removeprefix(BOM).strip()

    def body(self, block: Block) -> bytes:
        """What stands between the markers, with LF."""
        return normalise(self.data[block.body_start : block.body_end])


def normalise(body: bytes) -> bytes:
    """A body with LF line endings, as it is hashed."""
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def hash_body(body: bytes) -> str:
    """SHA-256 of a body, whatever its line endings."""
    return hashlib.sha256(normalise(body)).hexdigest()


def parse_claude_md(data: bytes, where: str = "CLAUDE.md") -> ClaudeMd:
    """Find the blocks in the bytes of a CLAUDE.md.

    Raises:
        ClaudepackError: It is UTF-16, in which no marker can be found or written.
    """
    if data.startswith(_UTF16):
        raise ClaudepackError(f"{where} is UTF-16", code="claude-md", hint="save it as UTF-8, then run this again")
    scan = _Scan()
    offset = 0
    for number, raw in enumerate(data.splitlines(keepends=True), start=1):
        text = raw.removeprefix(BOM) if offset == 0 else raw
        scan.feed(number, offset, offset + len(raw), text.decode("latin-1").rstrip("\r\n"))
        offset += len(raw)
    return ClaudeMd(data, scan.blocks, scan.finish() or _find_twins(data, scan.blocks))


class _Scan:
    """What is known after each line; a class because the lines before decide what a line is."""

    def __init__(self) -> None:
        self.blocks: dict[str, list[Block]] = {}
        self.faults: list[str] = []
        self.fence = ""
        self.fence_line = 0
        self.open: tuple[str, int, int, int] | None = None

    def feed(self, number: int, start: int, end: int, line: str) -> None:
        fence = next_fence(line, self.fence)
        if fence and not self.fence:
            self.fence_line = number
        inside, self.fence = bool(fence or self.fence), fence
        if inside:
            return
        if line.startswith(_CONFLICT):
            self.faults.append(f"line {number} is a conflict marker of git")
        elif "claudepack:" in line and (marker := _read_marker(line)):
            self._mark(number, start, end, *marker)

    def _mark(self, number: int, start: int, end: int, kind: str, name: str) -> None:
        if kind == "begin":
            if self.open:
                self.faults.append(f"line {number}: a block begins inside the one of line {self.open[1]}")
            self.open = (name, number, start, end)
        elif not self.open or self.open[0] != name:
            self.faults.append(f"line {number}: the end of {name!r} has no begin")
        else:
            _, line, begin, body = self.open
            self.blocks.setdefault(name, []).append(Block(begin, body, start, end, line))
            self.open = None

    def finish(self) -> str:
        if self.open:
            self.faults.append(f"line {self.open[1]}: the block of {self.open[0]!r} has no end")
        if self.fence:
            self.faults.append(f"line {self.fence_line}: a code fence opens and is never closed")
        return "; ".join(self.faults)


def _read_marker(line: str) -> tuple[str, str] | None:
    """`begin` or `end`, and the pack's name; None for what is no marker. Compiling a pattern would cost more."""
    text = line.lstrip(" ")
    inner = text.rstrip(" \t").removeprefix("<!--").removesuffix("-->")
    words = inner.split()
    if len(line) - len(text) > MAX_INDENT or len(inner) != len(text.rstrip(" \t")) - len("<!---->") or len(words) != 2:  # noqa: PLR2004 - a kind and a name
        return None
    kind = words[0].removeprefix("claudepack:")
    return (kind, words[1]) if kind in ("begin", "end") and kind != words[0] else None


def _find_twins(data: bytes, blocks: dict[str, list[Block]]) -> str:
    faults = []
    for name, twins in blocks.items():
        bodies = {normalise(data[block.body_start : block.body_end]) for block in twins}
        if len(bodies) > 1:
            lines = ", ".join(str(block.line) for block in twins)
            faults.append(f"lines {lines}: the block of {name!r} is there more than once, and they differ")
    return "; ".join(faults)
