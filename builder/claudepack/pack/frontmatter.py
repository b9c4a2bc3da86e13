"""The frontmatter of a Markdown file: strict YAML where it is, else as its author meant it.

Of about 1,400 agent files in public collections 8 % are not strict YAML, and the client loads most of
them. What cannot be read is an error with a line; nothing is made up, and nothing is cut.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from claudepack.errors import ClaudepackError

if TYPE_CHECKING:
    from claudepack.pack.yaml_core import JSON

MAX_BLOCK = 1 << 20
_NONE = "no-frontmatter"
_TOP_KEY = re.compile(r"([^\s#:'\"-][^:\n]*?|\"[^\"\n]*\"|'[^'\n]*')[ \t]*:(?=[ \t]|$)")


class Note(NamedTuple):
    """Something worth telling: read leniently, or read otherwise by the client."""

    line: int
    message: str


class UnreadableError(ClaudepackError):
    """Frontmatter that cannot be read.

    Attributes:
        line: From 1.
        why: What is wrong there, without the place.
        reason: Which of the ways to be unreadable: `blank` lines before it, its `encoding`, no `end`, no `fields`, its
            `size`, a field that is there `twice`.
    """

    def __init__(self, where: str, line: int, why: str, hint: str, reason: str) -> None:
        super().__init__(f"{where}:{line}: {why}", code="frontmatter", hint=hint)
        self.line, self.why, self.reason = line, why, reason


class Document(NamedTuple):
    """The frontmatter of a file; not its body, which nearly nobody asks for, and would be held for every file.

    Attributes:
        metadata: The fields, as JSON values.
        body_line: The line that the body begins at, from 1.
        lines: The line of each field, from 1.
        strict: Whether the block is strict YAML.
        notes: What is worth telling.
    """

    metadata: "Mapping[str, JSON]"
    body_line: int
    lines: Mapping[str, int]
    strict: bool
    notes: tuple[Note, ...]


def read_document(data: bytes, where: str) -> Document:
    """Read a file that has frontmatter.

    Args:
        data: The file.
        where: Its path, for messages.

    Raises:
        ClaudepackError: There is none (code `no-frontmatter`), or it cannot be read (code `frontmatter`);
            the message names the line, the hint what to write instead.
    """
    lines = _decode(data, where).split("\n")
    close = _find_close(lines, where)
    rows = [line.removesuffix("\r") for line in lines[1:close]]
    if sum(map(len, rows)) > MAX_BLOCK:
        raise UnreadableError(
            where, 2, f"more than {MAX_BLOCK} characters of frontmatter", "move the text into the body", "size"
        )
    metadata, places, strict = _read_block(rows, where)
    return Document(
        metadata,
        close + 2,
        {key: line + 1 for key, line in places.items()},
        strict,
        tuple(_notice(rows, metadata, strict=strict)),
    )


def read_body(data: bytes, document: Document) -> str:
    """What follows the closing fence in the file that a document was read from, byte for byte."""
    return "\n".join(_decode(data, "").split("\n")[document.body_line - 1 :])


def has_frontmatter(data: bytes) -> bool:
    """Whether a file has frontmatter, be it one that can be read or not."""
    try:
        _find_close(_decode(data, "").split("\n"), "")
    except ClaudepackError as error:
        return error.code != _NONE
    return True


def _decode(data: bytes, where: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(where, 1, "UTF-16, which the client does not read", "save it as UTF-8", "encoding")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            where, line, f"not UTF-8 (byte 0x{data[error.start]:02x})", "save it as UTF-8", "encoding"
        ) from error
    if "\0" in text:
        raise UnreadableError(
            where, text.count("\n", 0, text.index("\0")) + 1, "a NUL byte", "save it as text", "encoding"
        )
    return text


def _find_close(lines: list[str], where: str) -> int:
    if not lines[0].startswith("---"):
        first = next((line for line in lines if line.strip()), "")
        if first.startswith("---") and not lines[0].strip():
            raise UnreadableError(
                where, 1, "a blank line before the frontmatter, so the client skips it", "begin with ---", "blank"
            )
        raise _no_frontmatter(where)
    for number, line in enumerate(lines[1:], start=1):
        if line.startswith("---"):
            return number
    first = next((line for line in lines[1:] if line.strip()), "")
    if not re.match(r"[\w-]+[ \t]*:", first):
        raise _no_frontmatter(where)  # a rule, drawn across the page
    raise UnreadableError(where, 1, "the frontmatter has no end", "write a line --- after its last field", "end")


def _read_block(rows: list[str], where: str) -> "tuple[dict[str, JSON], dict[str, int], bool]":
    import yaml

    from claudepack.pack.lenient import has_dialogue
    from claudepack.pack.yaml_core import TooLargeError, load_yaml

    block = "\n".join(rows) + "\n"
    try:
        value = load_yaml(block)
    except TooLargeError as error:
        raise UnreadableError(
            where, 2, str(error), "write the values out, without anchors and aliases", "size"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError):
        pass  # no strict YAML: it is read leniently below
    else:
        if value is None:
            return {}, {}, True
        if isinstance(value, dict) and not has_dialogue(value):
            return value, _find_keys(rows, value), True
        if not isinstance(value, dict) and not any(re.match(r"\s*[\w-]+\s*:", row) for row in rows):
            raise UnreadableError(
                where, 2, "the frontmatter has no fields", "write `name: …` and `description: …`", "fields"
            )
    return (*_read_leniently(rows, where), False)


def _read_leniently(rows: list[str], where: str) -> "tuple[dict[str, JSON], dict[str, int]]":
    from claudepack.pack.lenient import NoKeyError, TwiceError, read_lenient

    try:
        return read_lenient(rows)
    except NoKeyError as error:
        line = int(str(error)) + 1
        raise UnreadableError(
            where, line, "this line is no field", "begin with `name: …`; indent what continues a value", "fields"
        ) from error
    except TwiceError as error:
        raise UnreadableError(
            where,
            error.second + 1,
            f"{error.key!r} is there twice, first in line {error.first + 1}",
            "keep one of the two",
            "twice",
        ) from error


def _find_keys(rows: list[str], metadata: "Mapping[str, JSON]") -> dict[str, int]:
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        if match := _TOP_KEY.match(row):
            places.setdefault(match[1].strip("\"'"), number)
    return {key: places.get(key, 1) for key in metadata}


def _notice(rows: list[str], metadata: "Mapping[str, JSON]", *, strict: bool) -> list[Note]:
    notes = [
        Note(number + 1, "the client ends the frontmatter at this ---: write another dash")
        for number, row in enumerate(rows, start=1)
        if "---" in row
    ]
    if not strict:
        notes.append(Note(2, "not strict YAML: quote the description, as a JSON string on one line"))
    for number, row in enumerate(rows, start=1):
        key, _, rest = row.partition(":")
        value = metadata.get(key)
        if strict and key in ("name", "description") and isinstance(value, str) and f"{value} #" in rest:
            notes.append(Note(number + 1, f"{key} ends before ` #`, which begins a comment: quote it"))
    return notes


def _no_frontmatter(where: str) -> ClaudepackError:
    return ClaudepackError(
        f"{where}:1: there is no frontmatter",
        code=_NONE,
        hint="begin the file with a line ---, then name: and description:, then a line ---",
    )
