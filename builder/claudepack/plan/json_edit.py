"""Splicing values into the text of a JSON file and out of it, in its own style; every other byte stays.

What is put in goes behind what is there, and taking it out again gives back the very bytes from before.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from claudepack.project.json_text import JSON, Node, dump_json

_UNIT = "  "


class Edit(NamedTuple):
    """A stretch of the text, and what comes in its place."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits, none of which overlap."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def replace_value(text: str, node: Node, value: JSON) -> Edit:
    """Put another value in the place of one."""
    return Edit(node.start, node.end, _dump(text, value, _line_indent(text, node.start)))


def insert_members(text: str, node: Node, members: Mapping[str, JSON]) -> Edit:
    """Add keys at the end of an object."""
    style = _choose_style(text, node, [start for start, _ in node.members.values()])
    entries = [f"{dump_json(key)}: {_dump(text, value, style.indent)}" for key, value in members.items()]
    return _insert(node, style, entries, [item.end for _, item in node.members.values()])


def insert_items(text: str, node: Node, items: Sequence[JSON]) -> Edit:
    """Add values at the end of a list."""
    style = _choose_style(text, node, [item.start for item in node.items])
    return _insert(node, style, [_dump(text, item, style.indent) for item in items], [item.end for item in node.items])


def remove_members(text: str, node: Node, keys: Iterable[str]) -> list[Edit]:
    """Take keys out of an object."""
    gone = set(keys)
    spans = [(start, item.end, key in gone) for key, (start, item) in node.members.items()]
    return _remove(text, node, spans)


def remove_items(text: str, node: Node, positions: Iterable[int]) -> list[Edit]:
    """Take values out of a list."""
    gone = set(positions)
    spans = [(item.start, item.end, number in gone) for number, item in enumerate(node.items)]
    return _remove(text, node, spans)


class _Style(NamedTuple):
    """How elements stand: what is between them, and before the first and after the last of an empty one."""

    indent: str | None
    between: str
    before: str
    after: str


def _choose_style(text: str, node: Node, starts: Sequence[int]) -> _Style:
    newline = _newline(text)
    outer = _line_indent(text, node.start)
    if starts:
        inner = _own_line_indent(text, starts[0])
        return _Style(inner, ", ", "", "") if inner is None else _Style(inner, "," + newline + inner, "", "")
    if outer is None:
        return _Style(None, ", ", "", "")
    inner = outer + _unit(text)
    return _Style(inner, "," + newline + inner, newline + inner, newline + outer)


def _insert(node: Node, style: _Style, entries: Sequence[str], ends: Sequence[int]) -> Edit:
    joined = style.between.join(entries)
    if ends:
        return Edit(ends[-1], ends[-1], style.between + joined)
    return Edit(node.end - 1, node.end - 1, style.before + joined + style.after)


def _remove(text: str, node: Node, spans: Sequence[tuple[int, int, bool]]) -> list[Edit]:
    kept = [span for span in spans if not span[2]]
    if not kept:
        return [_empty(text, node, spans)] if spans else []
    edits: list[Edit] = []
    previous: int | None = None  # where the last element that stays ends
    for number, (start, end, is_gone) in enumerate(spans):
        if not is_gone:
            previous = end
        elif previous is None:
            edits.append(Edit(start, spans[number + 1][0], ""))
        else:
            edits.append(Edit(spans[number - 1][1], end, ""))
    return edits


def _empty(text: str, node: Node, spans: Sequence[tuple[int, int, bool]]) -> Edit:
    """Take all elements out: what was put in there, to the byte, else all that is between the brackets."""
    start, end = spans[0][0], spans[-1][1]
    outer = _line_indent(text, node.start)
    newline = _newline(text)
    before = "" if outer is None else newline + outer + _unit(text)
    after = "" if outer is None else newline + outer
    is_ours = text[:start].endswith(before) and text[end : node.end - 1] == after
    return Edit(start - len(before), node.end - 1, "") if is_ours else Edit(node.start + 1, node.end - 1, "")


def _dump(text: str, value: JSON, indent: str | None) -> str:
    """A value as text; over several lines where it stands in a line of its own."""
    if indent is None:
        return dump_json(value)
    return (_newline(text) + indent).join(dump_json(value, _unit(text)).split("\n"))


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _own_line_indent(text: str, at: int) -> str | None:
    """What stands before an element that begins its line; None where something else does."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line if "\n" in text[:at] and not line.strip() else None


def _line_indent(text: str, at: int) -> str | None:
    """The indent of the line that a value stands in; None in a file that is one line of more than nothing."""
    if "\n" not in text.strip() and text.strip() not in ("{}", "[]"):
        return None
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _unit(text: str) -> str:
    """One step of the file's indent: that of its first line that has one."""
    for line in text.split("\n"):
        step = line[: len(line) - len(line.lstrip(" \t"))]
        if step and line.strip():
            return step
    return _UNIT
