"""What is checked, as data: files in the layout of `.claude`, wherever they really lie.

A pack mirrors `.claude`, so a project's agents, a plugin's and a pack's all are `agents/…` to the rules.
"""

import io
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Literal

from claudepack.errors import ClaudepackError
from claudepack.fences import next_fence
from claudepack.lint.loaded import Loaded
from claudepack.pack.components import Kind, place
from claudepack.pack.frontmatter import Document, read_document
from claudepack.pack.tree import Pack

Layout = Literal["pack", "project", "plugin", "folder"]

MAX_TEXT = 12 << 20  # what is larger is no text that a model could read; hidden characters are looked for in pieces
_PIECE = 1 << 20
_BINARY_SNIFF = 8192
_BOM = "\ufeff"
# In these a `---` on the first line may also be a rule that is drawn across the page.
_OPTIONAL: tuple[Kind, ...] = ("command", "rule", "output style")


@dataclass(frozen=True)
class File:
    """One file of what is checked.

    Attributes:
        path: In the layout of `.claude`: `agents/reviewer.md`, and `CLAUDE.md`, `settings.json`, `mcp.json`.
        shown: As people are told it.
        mode: As `lstat` has it, so that a link is a link.
        size: In bytes.
        open: Gives its bytes anew at each call.
        layout: What it is part of.
        is_clean: Whether whoever hashed it has seen that no rule about its content could find anything.
    """

    path: str
    shown: str
    mode: int
    size: int
    open: Callable[[], BinaryIO] = field(compare=False)
    layout: Layout = "pack"
    is_clean: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a file, rather than a link or a device."""
        return stat.S_ISREG(self.mode)


@dataclass(frozen=True)
class Subject:
    """All that is checked as one: a pack, a project, a plugin, or a folder.

    Attributes:
        shown: As people are told it.
        layout: What it is.
        files: By their paths in the layout of `.claude`.
        pack: The pack, where it is one and could be read.
        others: Paths that references may lead to besides: what a project has elsewhere.
        budget: How many tokens may be loaded into every session; 0 for no bound.
        loaded: What the real client says that it loads of this; None where it was not asked.
    """

    shown: str
    layout: Layout
    files: Mapping[str, File]
    pack: Pack | None = None
    others: frozenset[str] = frozenset()
    budget: int = 0
    loaded: Loaded | None = None


@dataclass(frozen=True)
class Text:
    """One file, read as far as a rule asks for it."""

    file: File

    @property
    def path(self) -> str:
        """In the layout of `.claude`."""
        return self.file.path

    @cached_property
    def kind(self) -> Kind | None:
        """The kind of component that the file is of; None where the client does not read it there."""
        spot = place(self.path)
        return spot[0] if spot else None

    @cached_property
    def has_head(self) -> bool:
        """Whether the client reads frontmatter in it."""
        if self.kind == "skill":
            return self.path.endswith("/SKILL.md") and self.path.count("/") == 2  # noqa: PLR2004 - skills/NAME/SKILL.md
        return self.kind in ("agent", *_OPTIONAL)

    @cached_property
    def data(self) -> bytes:
        """Its bytes; none where it is no plain file, or too large to be a text."""
        if not self.file.is_plain or self.file.size > MAX_TEXT:
            return b""
        with self.file.open() as stream:
            return stream.read()

    @cached_property
    def is_binary(self) -> bool:
        """Whether it is no text, as git decides it; UTF-16 is text."""
        return b"\0" in self.data[:_BINARY_SNIFF] and not self.data.startswith((b"\xff\xfe", b"\xfe\xff"))

    @cached_property
    def content(self) -> str:
        """The text without its BOM; empty where it is none. A byte that is not UTF-8 is half a surrogate pair."""
        return "" if self.is_binary else self.data.decode("utf-8", "surrogateescape").removeprefix(_BOM)

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return [line.removesuffix("\r") for line in self.content.split("\n")]

    @cached_property
    def _read(self) -> tuple[Document | None, ClaudepackError | None]:
        if not self.has_head or not self.file.is_plain:
            return None, None
        try:
            return read_document(self.data, self.file.shown), None
        except ClaudepackError as error:
            is_whole = self.kind in _OPTIONAL and error.code == "no-frontmatter"
            return None, None if is_whole else error

    @property
    def document(self) -> Document | None:
        """Its frontmatter and body; None where there is none, or none that can be read."""
        return self._read[0]

    @property
    def fault(self) -> ClaudepackError | None:
        """Why the frontmatter cannot be read; None where it can, or need not be there."""
        return self._read[1]

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines of the body that stand in no code fence, with their numbers."""
        first = self.document.body_line if self.document else 1
        fence, found = "", []
        for number, line in enumerate(self.lines[first - 1 :], start=first):
            was, fence = fence, next_fence(line, fence)
            if not was and not fence:
                found.append((number, line))
        return found

    def offset(self, line: int, column: int = 1) -> int:
        """The byte offset of a place in the text."""
        bom = len(_BOM.encode()) if self.data.startswith(_BOM.encode()) else 0
        before = self.content.split("\n")[: line - 1]
        head = "".join(f"{row}\n" for row in before) + self.lines[line - 1][: column - 1]
        return bom + len(head.encode("utf-8", "surrogateescape"))

    def read_pieces(self) -> Iterator[str]:
        """The text in pieces that end with a line, unless that is very long; none of what is no text.

        Raises:
            UnicodeDecodeError: It is no UTF-8.
        """
        if self.file.size <= MAX_TEXT:
            if not self.is_binary:
                yield self.data.decode("utf-8-sig")
            return
        with io.TextIOWrapper(self.file.open(), encoding="utf-8-sig", newline="\n") as stream:
            piece = stream.read(_PIECE)
            while piece and "\0" not in piece[:_BINARY_SNIFF]:
                yield piece + stream.readline(_PIECE)
                piece = stream.read(_PIECE)


@dataclass(frozen=True)
class Facts:
    """What rules about the whole need to know of one file, so that it may be read in another process.

    Attributes:
        path: In the layout of `.claude`.
        kind: The kind of component.
        name: What the client knows the component by; empty where it has none, or is only a part of one.
        line: Of the name.
        loads: Whether the client would load it.
        session_tokens: About how many tokens it costs in every session.
        references: What it refers to: line, column, text, and the path that is meant.
    """

    path: str
    kind: Kind | None
    name: str = ""
    line: int = 0
    loads: bool = True
    session_tokens: int = 0
    references: tuple[tuple[int, int, str, str], ...] = ()
