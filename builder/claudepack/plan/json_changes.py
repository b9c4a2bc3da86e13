"""Changing entries in the text of a JSON file: out first, then what is left empty of ours, then in."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.plan.json_edit import (
    Edit,
    apply_edits,
    insert_items,
    insert_members,
    remove_items,
    remove_members,
    replace_value,
)
from claudepack.project.fragments import Entry, canonical, find_value
from claudepack.project.json_text import JSON, Node, parse_json

At = tuple[str, ...]


class JsonChanges(NamedTuple):
    """The entries that come, and those that go."""

    add: list[Entry]
    remove: list[Entry]


class Changed(NamedTuple):
    """The text afterwards, the objects and lists in it that this tool made, and whether nothing is in it."""

    text: str
    made: set[At]
    is_empty: bool


def carry_out(text: str, path: str, changes: JsonChanges, made: Iterable[At]) -> Changed:
    """Change a text.

    Args:
        text: Strict JSON, an object.
        path: The file, for messages.
        changes: What comes and goes.
        made: The objects and lists in it that this tool made.

    Raises:
        ClaudepackError: Something else stands where an object or a list is to be.
    """
    ours = set(made)
    root = _parse(text, path)
    if changes.remove:
        text = apply_edits(text, _remove(text, root, changes.remove))
        root = _parse(text, path)
    needed = {at for entry in changes.add for at in _list_containers(entry)}
    for at in sorted(ours - needed, key=len, reverse=True):
        node, parent = _find(root, at), _find(root, at[:-1])
        if node is not None and parent is not None and node.value in ({}, []):
            text = apply_edits(text, remove_members(text, parent, [at[-1]]))
            root = _parse(text, path)
        if node is None or node.value in ({}, []):
            ours.discard(at)
    if changes.add:
        ours |= _list_missing(root, changes.add)
        text = apply_edits(text, _add(text, root, changes.add, path))
        root = _parse(text, path)
    return Changed(text, ours, root.value == {})


def nest(entries: Iterable[Entry]) -> JSON:
    """The fragment that entries were taken from."""
    document: dict[str, JSON] = {}
    for entry in entries:
        _put(document, entry.at, entry)
    return document


def _put(document: dict[str, JSON], at: At, entry: Entry) -> None:
    for key in at[:-1]:
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            raise TypeError(f"{key!r} is a list and an object")  # one fragment cannot have both
        document = inner
    value: JSON = json.loads(entry.text)
    if entry.is_item:
        items = document.setdefault(at[-1], [])
        if isinstance(items, list):
            items.append(value)
    else:
        document[at[-1]] = value


def _parse(text: str, path: str) -> Node:
    return parse_json(text.encode(), path)[1]


def _find(root: Node, at: At) -> Node | None:
    node = root
    for key in at:
        if key not in node.members:
            return None
        node = node.members[key][1]
    return node


def _remove(text: str, root: Node, entries: Iterable[Entry]) -> list[Edit]:
    keys: dict[At, list[str]] = {}
    items: dict[At, set[str]] = {}
    for entry in entries:
        if entry.is_item:
            items.setdefault(entry.at, set()).add(entry.text)
        else:
            keys.setdefault(entry.at[:-1], []).append(entry.at[-1])
    edits: list[Edit] = []
    for at, names in keys.items():
        if (node := _find(root, at)) is not None:
            edits += remove_members(text, node, names)
    for at, texts in items.items():
        if (node := _find(root, at)) is not None:
            positions = [number for number, item in enumerate(node.items) if canonical(item.value) in texts]
            edits += remove_items(text, node, positions)
    return edits


def _list_missing(root: Node, entries: Iterable[Entry]) -> set[At]:
    """The objects and lists that have to be made for entries."""
    return {at for entry in entries for at in _list_containers(entry) if _find(root, at) is None}


def _list_containers(entry: Entry) -> list[At]:
    """The objects, and for an item the list, that an entry is in."""
    return [entry.at[:depth] for depth in range(1, len(entry.at) + entry.is_item)]


def _add(text: str, root: Node, entries: Iterable[Entry], path: str) -> list[Edit]:
    """Each entry goes into the deepest object or list that is there; what is missing on its way is made."""
    members: dict[At, dict[str, list[Entry]]] = {}
    items: dict[At, list[JSON]] = {}
    edits: list[Edit] = []
    for entry in entries:
        depth = next(depth for depth in range(len(entry.at), -1, -1) if _find(root, entry.at[:depth]) is not None)
        node = _find(root, entry.at[:depth]) or root
        if depth < len(entry.at):
            _refuse_other(node, {}, entry, depth, path)
            members.setdefault(entry.at[:depth], {}).setdefault(entry.at[depth], []).append(entry)
        elif entry.is_item:
            _refuse_other(node, [], entry, depth, path)
            items.setdefault(entry.at, []).append(json.loads(entry.text))
        else:
            edits.append(replace_value(text, node, json.loads(entry.text)))
    for at, made in members.items():
        node = _find(root, at) or root
        values = {key: find_value(nest(inner), (*at, key))[1] for key, inner in made.items()}
        edits.append(insert_members(text, node, values))
    edits += [insert_items(text, _find(root, at) or root, values) for at, values in items.items()]
    return edits


def _refuse_other(node: Node, wanted: JSON, entry: Entry, depth: int, path: str) -> None:
    if type(node.value) is not type(wanted):
        kind = "a list" if isinstance(wanted, list) else "an object"
        raise ClaudepackError(
            f"{path}: {'.'.join(entry.at[:depth])} has to be {kind} for what a pack adds, and is something else",
            code="json",
            hint='make it one, or leave the pack\'s settings out: exclude = ["settings.json"]',
        )
