"""Strict JSON as text: each value with its place, so that one can be changed and every other byte stays.

RFC 8259, and no more than that: the client drops a settings file with a comment, a trailing comma or a BOM
whole, so such a file is never written to.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from claudepack.errors import ClaudepackError

JSON = dict[str, "JSON"] | list["JSON"] | str | int | float | bool | None

MAX_DEPTH = 100
_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_WORDS: dict[str, JSON] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 400


class Node(NamedTuple):
    """A value and its place in the text.

    Attributes:
        value: As Python has it.
        start: Offset of its first character.
        end: Offset after its last.
        members: Of an object: each key with the offset where it begins, and its value.
        items: Of a list: its values.
    """

    value: JSON
    start: int
    end: int
    members: "dict[str, tuple[int, Node]]"
    items: "tuple[Node, ...]"


def parse_json(data: bytes, where: str) -> tuple[str, Node]:
    """Read a file of strict JSON.

    Args:
        data: The file.
        where: Its path, for messages.

    Returns:
        Its text, and its value.

    Raises:
        ClaudepackError: It is no strict JSON; the message names the line.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise _refuse(where, 1, "it begins with a byte order mark", "save it as UTF-8 without one")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse(where, data.count(b"\n", 0, error.start) + 1, "not UTF-8", "save it as UTF-8") from error
    reader = _Reader(text)
    try:
        node = reader.read(_skip(text, 0), 0)
        end = _skip(text, node.end)
        if end != len(text):
            reader.fail(end)
    except _FaultError as error:
        line = text.count("\n", 0, error.at) + 1
        raise _refuse(where, line, _explain(text, error), error.hint or _advise(text)) from error
    return text, node


def dump_json(value: JSON, indent: str | None = None) -> str:
    """A value as JSON, readable; escaped only where half a surrogate pair leaves no other way."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    return text


class _FaultError(Exception):
    """What is wrong, and where; with a hint where the client would read the file all the same."""

    def __init__(self, at: int, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.at, self.why, self.hint = at, why, hint


class _Reader:
    """Reads one value after the other."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fail(self, at: int, why: str = "", hint: str = "") -> None:
        raise _FaultError(at, why, hint)

    def read(self, at: int, depth: int) -> Node:
        text = self.text
        if depth > MAX_DEPTH:
            self.fail(at, f"nested more than {MAX_DEPTH} deep", "nest it less deep")
        first = text[at : at + 1]
        if first == "{":
            return self._read_object(at, depth)
        if first == "[":
            return self._read_list(at, depth)
        if first == '"':
            value, end = self._read_string(at)
            return Node(value, at, end, {}, ())
        for word, meaning in _WORDS.items():
            if text.startswith(word, at):
                return Node(meaning, at, at + len(word), {}, ())
        match = _NUMBER.match(text, at)
        if match is None:
            raise _FaultError(at, "")
        if len(match[0]) > _MAX_DIGITS:
            raise _FaultError(at, f"a number of more than {_MAX_DIGITS} characters", "write a shorter one")
        return Node(json.loads(match[0]), at, match.end(), {}, ())

    def _read_string(self, at: int) -> tuple[str, int]:
        try:
            return json.decoder.scanstring(self.text, at + 1, True)  # type: ignore[attr-defined,no-any-return]  # noqa: FBT003 - a C function
        except ValueError as error:
            raise _FaultError(
                getattr(error, "pos", at), "a text that does not end, or a character that must be escaped"
            ) from error

    def _read_object(self, at: int, depth: int) -> Node:
        members: dict[str, tuple[int, Node]] = {}
        end = at
        for start in self._elements(at, "}"):
            if self.text[start : start + 1] != '"':
                self.fail(start)
            key, after = self._read_string(start)
            colon = _skip(self.text, after)
            if self.text[colon : colon + 1] != ":":
                self.fail(colon)
            if key in members:
                self.fail(start, f"the key {key!r} is there twice", "keep one of them: the client takes the last")
            node = self.read(_skip(self.text, colon + 1), depth + 1)
            members[key] = (start, node)
            self.at = node.end
        end = self.at
        return Node({key: node.value for key, (_, node) in members.items()}, at, end, members, ())

    def _read_list(self, at: int, depth: int) -> Node:
        items: list[Node] = []
        for start in self._elements(at, "]"):
            items.append(self.read(start, depth + 1))
            self.at = items[-1].end
        return Node([node.value for node in items], at, self.at, {}, tuple(items))

    def _elements(self, at: int, close: str) -> Iterator[int]:
        """Where each element begins; whoever asks sets `at` to where it ends. Afterwards `at` is behind the close."""
        here = _skip(self.text, at + 1)
        if self.text[here : here + 1] == close:
            self.at = here + 1
            return
        while True:
            yield here
            here = _skip(self.text, self.at)
            mark = self.text[here : here + 1]
            if mark == close:
                self.at = here + 1
                return
            if mark != ",":
                self.fail(here)
            here = _skip(self.text, here + 1)
            if self.text[here : here + 1] == close:
                self.fail(here, f"a comma before {close!r}")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _explain(text: str, error: _FaultError) -> str:
    if error.why:
        return error.why
    rest = text[error.at : error.at + 20]
    if rest.startswith(("//", "/*", "#")):
        return "a comment, which JSON does not have"
    return f"not JSON at {rest.split(chr(10))[0]!r}" if rest else "not JSON: it ends too early"


def _advise(text: str) -> str:
    """How to mend what is no JSON; a file with nothing in it is no fault to the client."""
    return "the client would drop this file whole: mend it" if text.strip() else "write {} into it, or delete it"


def _refuse(where: str, line: int, why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{where}:{line}: {why}", code="json", hint=hint)
