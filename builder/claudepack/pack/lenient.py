"""Frontmatter that is no strict YAML, read as its author meant it.

The client quotes single-line values and tries again. This reads more, and invents nothing: a line at
the margin starts a key only if it can hardly be prose, and all other lines belong to the value before
them, with their line breaks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import yaml

from claudepack.pack.fields import FIELDS
from claudepack.pack.yaml_core import JSON, load_yaml

# Words that open a line of an example in a description.
DIALOGUE = frozenset(
    [
        "user",
        "assistant",
        "human",
        "ai",
        "system",
        "context",
        "commentary",
        "example",
        "examples",
        "note",
        "notes",
        "input",
        "output",
        "response",
        "request",
        "scenario",
        "query",
        "question",
        "answer",
        "trigger",
        "result",
    ]
)
_FIELDS = frozenset[str]().union(*FIELDS.values())
# These end a value wherever they stand, in any kind of component.
_ENDING = _FIELDS - DIALOGUE
_KEY = re.compile(r"([A-Za-z][\w-]*)[ \t]*:(?=[ \t]|$)")


class Chunk:
    """A key with the lines of its value; `line` is the key's, within the block, from 1."""

    def __init__(self, key: str, line: int, rows: list[str]) -> None:
        self.key, self.line, self.rows = key, line, rows
        self.has_prose = False

    @property
    def text(self) -> str:
        """The value as it is written."""
        first = self.rows[0].partition(":")[2].strip()
        return "\n".join([first, *(row.rstrip() for row in self.rows[1:])]).strip()


class NoKeyError(Exception):
    """The block does not begin with a key."""


class TwiceError(Exception):
    """A key that is there twice: key, first line, second line."""

    def __init__(self, key: str, first: int, second: int) -> None:
        super().__init__(key)
        self.key, self.first, self.second = key, first, second


def read_lenient(rows: Sequence[str]) -> tuple[dict[str, JSON], dict[str, int]]:
    """Read the lines of a block.

    Returns:
        The metadata, and the line of each key within the block.

    Raises:
        NoKeyError: The first line that is not blank starts no key.
        TwiceError: A key is there twice.
    """
    chunks = list(_split(rows))
    return {chunk.key: _value(chunk) for chunk in chunks}, {chunk.key: chunk.line for chunk in chunks}


def has_dialogue(metadata: Mapping[str, object]) -> bool:
    """Whether strict YAML took the lines of an example for keys."""
    return "description" in metadata and any(key in DIALOGUE - _FIELDS for key in metadata)


def _split(rows: Sequence[str]) -> Iterator[Chunk]:
    chunk: Chunk | None = None
    seen: dict[str, int] = {}
    counts: dict[str, int] = {}
    for row in rows:
        if match := _KEY.match(row):
            counts[match[1]] = counts.get(match[1], 0) + 1
    for number, row in enumerate(rows, start=1):
        match = _KEY.match(row)
        if match and _starts_key(match[1], chunk, seen, counts):
            if match[1] in seen:
                raise TwiceError(match[1], seen[match[1]], number)
            if chunk:
                yield chunk
            seen[match[1]] = number
            chunk = Chunk(match[1], number, [row])
        elif chunk:
            chunk.rows.append(row)
            chunk.has_prose |= bool(row.strip()) and not row.startswith((" ", "\t", "#", "- "))
        elif row.strip() and not row.startswith("#"):
            raise NoKeyError(str(number))
    if chunk:
        yield chunk


def _starts_key(word: str, chunk: Chunk | None, seen: Mapping[str, int], counts: Mapping[str, int]) -> bool:
    if word in _ENDING:
        return not (chunk and chunk.has_prose and word in seen)
    if chunk is None:
        return True
    plain = word == word.lower() and word not in DIALOGUE and counts[word] == 1
    return plain and not chunk.has_prose


def _value(chunk: Chunk) -> JSON:
    try:
        parsed = load_yaml("\n".join(chunk.rows) + "\n")
    except (yaml.YAMLError, ValueError):
        parsed = None  # no strict YAML, even alone: the text is the value
    if isinstance(parsed, dict) and list(parsed) == [chunk.key] and not chunk.has_prose:
        return parsed[chunk.key]
    text = chunk.text
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text
