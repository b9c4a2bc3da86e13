"""What is checked, as data: files in the layout of `.claude`, wherever they really lie.

A pack mirrors `.claude`, so a project's agents, a plugin's and a pack's all are `agents/…` to the rules.
"""

import io
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.fences import next_fence
from claudepack.lint.fault import Fault
from claudepack.lint.known import MOST_BYTES, MOST_OF_PLUGIN_SKILL
from claudepack.lint.loaded import Loaded
from claudepack.lint.loading import find_block, is_read_alike, read_as_client
from claudepack.lint.secrets import may_harm, may_hide, sift
from claudepack.pack.components import Kind, place
from claudepack.pack.frontmatter import Document, UnreadableError, read_document
from claudepack.pack.references import Mention
from claudepack.pack.tree import Pack
from claudepack.pack.yaml_core import JSON
from claudepack.paths import COMPONENT_FOLDERS
from claudepack.project.json_text import Node, parse_json
from claudepack.report.finding import Edit

Layout = Literal["pack", "project", "plugin", "folder"]

MAX_TEXT = 12 << 20  # what is larger is no text that a model could read; hidden characters are looked for in pieces
_PIECE = 1 << 20
_BINARY_SNIFF = 8192
_FEW = 4
_BOM = "\ufeff"
_LOCAL_SETTINGS = "settings.local.json"
_PROSE = (".md", ".md.j2")
# In these a `---` on the first line may also be a rule that is drawn across the page.
_OPTIONAL: tuple[Kind, ...] = ("command", "rule", "output style")


class File(NamedTuple):
    """One file of what is checked.

    Attributes:
        path: In the layout of `.claude`: `agents/reviewer.md`, and `CLAUDE.md`, `settings.json`, `mcp.json`.
        shown: As people are told it.
        mode: As `lstat` has it, so that a link is a link.
        size: In bytes.
        open: Gives its bytes anew at each call.
        layout: What it is part of.
        is_clean: Whether whoever looked at its bytes has seen that no rule about its content could find anything.
        real: Where it lies on a disk; None where it does not.
        head: Its frontmatter, or why that cannot be read, where somebody has read it before.
    """

    path: str
    shown: str
    mode: int
    size: int
    open: Callable[[], BinaryIO]
    layout: Layout = "pack"
    is_clean: bool = False
    real: Path | None = None
    head: Document | ClaudepackError | None = None

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

    @cached_property
    def _texts(self) -> "dict[str, Text]":
        return {}

    def read(self, path: str) -> "Text":
        """A file of it as rules about the whole read it: once."""
        if path not in self._texts:
            self._texts[path] = Text(self.files[path])
        return self._texts[path]

    @property
    def has_modes(self) -> bool:
        """Whether modes mean anything where it lies: where Windows' disks are mounted all files have all of them."""
        return len(self.files) < _FEW or any(not file.mode & stat.S_IXOTH for file in self.files.values())


def join(shown: str, path: str) -> str:
    """How people are told a path below what they asked for."""
    return f"{shown.rstrip('/')}/{path}" if shown not in ("", ".") else path


class Text:
    """One file, read as far as a rule asks for it.

    Args:
        file: The file.
    """

    def __init__(self, file: File) -> None:
        self.file = file

    @property
    def path(self) -> str:
        """In the layout of `.claude`."""
        return self.file.path

    @cached_property
    def kind(self) -> Kind | None:
        """The kind of component that the file is of; None where the client does not read it there."""
        if self.file.layout == "project" and self.path.endswith(("/CLAUDE.md", "CLAUDE.local.md")):
            return "context" if self.path.partition("/")[0] not in COMPONENT_FOLDERS else None
        spot = place(self.path)
        return spot[0] if spot else None

    @cached_property
    def has_head(self) -> bool:
        """Whether the client reads frontmatter in it."""
        if self.kind == "skill":
            return self.path.endswith("/SKILL.md") and self.path.count("/") == 2  # noqa: PLR2004 - skills/NAME/SKILL.md
        return self.kind in ("agent", *_OPTIONAL)

    @property
    def most_bytes(self) -> int:
        """How large it may be for the client to read it; 0 where that has no bound."""
        if self.kind == "skill":
            most = MOST_OF_PLUGIN_SKILL if self.file.layout == "plugin" else MOST_BYTES["skill"]
            return most if self.has_head else 0
        return MOST_BYTES.get("settings" if self.path == _LOCAL_SETTINGS else self.kind, 0)

    @property
    def is_skipped(self) -> bool:
        """Whether it is larger than what the client reads."""
        return self.file.size > self.most_bytes > 0

    @property
    def is_unread(self) -> bool:
        """Whether nothing can be said of what it holds: it is larger than what rules read, or cannot be read."""
        return self.file.size > MAX_TEXT or self.failure is not None

    @property
    def is_prose(self) -> bool:
        """Whether it is a text that a model reads as such, rather than a script or data."""
        return self.path.endswith(_PROSE)

    @cached_property
    def _bytes(self) -> bytes | OSError:
        if not self.file.is_plain:
            return b""
        try:
            with self.file.open() as stream:
                return stream.read() if self.file.size <= MAX_TEXT else b""
        except OSError as error:
            return error

    @property
    def data(self) -> bytes:
        """Its bytes; none where it is no plain file, too large to be a text, or cannot be read."""
        return self._bytes if isinstance(self._bytes, bytes) else b""

    @property
    def failure(self) -> OSError | None:
        """Why it cannot be read; None where it can. A rule tells it, so that the others need not."""
        return self._bytes if isinstance(self._bytes, OSError) else None

    @cached_property
    def is_binary(self) -> bool:
        """Whether it is no text, as git decides it; UTF-16 is text."""
        return b"\0" in self.data[:_BINARY_SNIFF] and not self.data.startswith((b"\xff\xfe", b"\xfe\xff"))

    @cached_property
    def _strictly(self) -> str | None:
        try:
            return self.data.decode("utf-8").removeprefix(_BOM)
        except UnicodeDecodeError:
            return None

    @property
    def is_utf8(self) -> bool:
        """Whether its bytes are UTF-8."""
        return self._strictly is not None

    @cached_property
    def content(self) -> str:
        """The text without its BOM; empty where it is none. A byte that is not UTF-8 is half a surrogate pair."""
        if self.is_binary:
            return ""
        text = self._strictly
        return self.data.decode("utf-8", "surrogateescape").removeprefix(_BOM) if text is None else text

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        rows = self.content.split("\n")
        return [row.removesuffix("\r") for row in rows] if "\r" in self.content else rows

    @cached_property
    def _read(self) -> tuple[Document | None, ClaudepackError | None]:
        if not self.has_head or not self.file.is_plain or self.is_unread:
            return None, None
        try:
            head = self.file.head or read_document(self.data, self.file.shown)
        except ClaudepackError as error:
            head = error
        if isinstance(head, Document):
            return head, None
        is_whole = self.kind in _OPTIONAL and head.code == "no-frontmatter"
        return None, None if is_whole else head

    @property
    def document(self) -> Document | None:
        """Its frontmatter and body; None where there is none, or none that can be read."""
        return self._read[0]

    @property
    def fault(self) -> ClaudepackError | None:
        """Why the frontmatter cannot be read; None where it can, or need not be there."""
        return self._read[1]

    @property
    def unreadable(self) -> UnreadableError | None:
        """Why frontmatter that is there cannot be read."""
        return self.fault if isinstance(self.fault, UnreadableError) else None

    def at(self, key: str, message: str, hint: str, *, whole: bool = True, edits: tuple[Edit, ...] = ()) -> Fault:
        """A fault in a field: under its value, or under its name; in the first line where it has none.

        Args:
            key: The field.
            message: What is wrong.
            hint: What to do.
            whole: Whether the value is meant, rather than the name.
            edits: What mends it.
        """
        line = self.find_line(key)
        row = self.lines[line - 1]
        name, _, value = row.partition(":")
        if name.strip().strip("\"'") != key:
            return Fault(message, hint, line, edits=edits)
        start = len(row) - len(value.lstrip()) if whole and value.strip() else len(name) - len(name.lstrip())
        end = len((row if whole else name).rstrip()) + 1
        return Fault(message, hint, line, start + 1, end, edits=edits)

    def find_line(self, key: str) -> int:
        """The line of a field; the first where that cannot be told."""
        if self.document:
            return self.document.lines.get(key, 1)
        return next((number for number, row in enumerate(self.lines, start=1) if row.startswith(f"{key}:")), 1)

    @cached_property
    def is_yaml_to_both(self) -> bool:
        """Whether the frontmatter is strict YAML, and ends where it does to the client."""
        block, document = find_block(self.decoded), self.document
        whole = document and document.strict and block and block.count("\n") == document.body_line - 3
        return bool(whole and is_read_alike(block or ""))

    @cached_property
    def client_fields(self) -> Mapping[str, JSON] | None:
        """The fields as the client reads them; None where it reads none, or none are read there."""
        if not self.has_head or not self.file.is_plain:
            return None
        if self.document and self.is_yaml_to_both:
            return self.document.metadata
        block = find_block(self.decoded)
        return None if block is None else read_as_client(block)

    @cached_property
    def decoded(self) -> str:
        """The text as the client decodes it: what is not UTF-8 is U+FFFD, and a NUL is no reason to stop."""
        text = self._strictly
        return self.data.decode("utf-8", "replace").removeprefix(_BOM) if text is None else text

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

    @property
    def prose_with_head(self) -> list[tuple[int, str]]:
        """The lines that stand in no code fence, those of the frontmatter too."""
        head = self.document.body_line - 1 if self.document else 0
        return [*enumerate(self.lines[:head], start=1), *self.prose]

    def offset(self, line: int, column: int = 1) -> int:
        """The byte offset of a place in the text."""
        bom = len(_BOM.encode()) if self.data.startswith(_BOM.encode()) else 0
        before = self.content.split("\n")[: line - 1]
        head = "".join(f"{row}\n" for row in before) + self.lines[line - 1][: column - 1]
        return bom + len(head.encode("utf-8", "surrogateescape"))

    @cached_property
    def may_harm(self) -> bool:
        """Whether it is worth while to look for secrets and escapes in it."""
        return self.is_unread or may_harm(self.data, self._sifted)

    @cached_property
    def may_hide(self) -> bool:
        """Whether it is worth while to look for what nobody sees in it."""
        return self.is_unread or may_hide(self._sifted)

    @cached_property
    def _sifted(self) -> bytes:
        return sift(self.data)

    @cached_property
    def json(self) -> tuple[str, Node] | ClaudepackError:
        """Its text and its value, where it is strict JSON; else what is wrong."""
        try:
            return parse_json(self.data, self.file.shown)
        except ClaudepackError as error:
            return error

    def read_pieces(self, errors: str = "strict") -> Iterator[str]:
        """The text in pieces that end with a line, unless that is very long; none of what is no text.

        Args:
            errors: What to do about bytes that are no UTF-8.

        Raises:
            UnicodeDecodeError: It is no UTF-8, and that counts.
        """
        if self.file.size <= MAX_TEXT or self.failure:
            if not self.is_binary:
                yield self.decoded if errors == "replace" else self.data.decode("utf-8-sig", errors)
            return
        with io.TextIOWrapper(self.file.open(), encoding="utf-8-sig", errors=errors, newline="\n") as stream:
            piece = stream.read(_PIECE)
            while piece and "\0" not in piece[:_BINARY_SNIFF]:
                yield piece + stream.readline(_PIECE)
                piece = stream.read(_PIECE)


class Facts(NamedTuple):
    """What rules about the whole need to know of one file, so that it may be read in another process.

    Attributes:
        path: In the layout of `.claude`.
        kind: The kind of component.
        name: What the client knows the component by; empty where it has none, or is only a part of one.
        line: Of the name.
        loads: Whether the client would load it.
        session_tokens: About how many tokens it costs in every session.
        references: What it refers to in the layout of `.claude`.
        imports: What it imports, by paths relative to its own folder.
    """

    path: str
    kind: Kind | None
    name: str = ""
    line: int = 0
    loads: bool = True
    session_tokens: int = 0
    references: tuple[Mention, ...] = ()
    imports: tuple[Mention, ...] = ()
