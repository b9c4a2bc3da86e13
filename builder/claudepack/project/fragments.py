"""What packs add to the project's JSON files, taken apart into entries that come and go one by one.

Objects are merged by key and lists as sets of whole entries. An MCP server is one entry, since the client takes it
whole from one place; so is a status line, since it drops all settings that have half of one. This room is on the way
of a run that changes nothing.
"""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from claudepack.project.json_text import JSON

SETTINGS_FILES = ("settings.json", "settings.local.json")
MCP_FILE = ".mcp.json"
_SERVERS = "mcpServers"
_PROGRAMS = (("statusLine",), ("subagentStatusLine",), ("fileSuggestion",))


class Entry(NamedTuple):
    """One thing in a JSON file.

    Attributes:
        at: The keys on the way to it; for an item, to its list.
        is_item: Whether it is an item of a list, rather than the value of a key.
        text: The value, as JSON with sorted keys: equal values have equal texts.
    """

    at: tuple[str, ...]
    is_item: bool
    text: str


class LockedFragment(NamedTuple):
    """What a pack has in one JSON file of the project.

    Attributes:
        entries: As the pack delivered them.
        adopted: Those of them that were there before; they stay after.
        made: The objects and lists that this tool made, as keys on the way to them.
        created: Whether it made the file.
    """

    entries: tuple[Entry, ...]
    adopted: tuple[Entry, ...]
    made: tuple[tuple[str, ...], ...]
    created: bool


def take_apart(value: "JSON", at: tuple[str, ...] = ()) -> Iterator[Entry]:
    """The entries of a fragment."""
    if isinstance(value, dict) and value and not is_whole(at):
        for key, item in value.items():
            yield from take_apart(item, (*at, key))
    elif isinstance(value, list) and value and not is_whole(at):
        seen: dict[str, None] = dict.fromkeys(canonical(item) for item in value)
        yield from (Entry(at, is_item=True, text=text) for text in seen)
    elif at:
        yield Entry(at, is_item=False, text=canonical(value))


def is_whole(at: tuple[str, ...]) -> bool:
    """Whether what stands here is taken whole, since its fields mean nothing apart."""
    return at in _PROGRAMS or is_server(at)


def is_server(at: tuple[str, ...]) -> bool:
    """Whether an MCP server stands here."""
    return len(at) == 2 and at[0] == _SERVERS  # noqa: PLR2004 - the word, and the server's name


def canonical(value: "JSON") -> str:
    """A value as a text that is equal for equal values; JSON's 1 and 1.0 are two."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def find_value(document: "JSON", at: tuple[str, ...]) -> "tuple[bool, JSON]":
    """Whether there is a value behind some keys, and the value."""
    for key in at:
        if not isinstance(document, dict) or key not in document:
            return False, None
        document = document[key]
    return True, document


def holds(document: "JSON", entry: Entry) -> bool:
    """Whether an entry is in a document."""
    is_there, value = find_value(document, entry.at)
    if not is_there:
        return False
    if not entry.is_item:
        return canonical(value) == entry.text
    return isinstance(value, list) and any(canonical(item) == entry.text for item in value)


def load_json(data: bytes, path: str) -> "JSON":
    """The value of a JSON file; the reader that knows places is asked only where this one fails.

    Raises:
        ClaudepackError: It is no strict JSON; the message names the line.
    """
    try:
        value: JSON = json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        from claudepack.project.json_text import parse_json

        return parse_json(data, path)[1].value
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)  # NaN and Infinity: Python's JSON has them


def dump_fragment(fragment: LockedFragment) -> dict[str, object]:
    """A fragment as the lock has it."""
    return {
        "created": fragment.created,
        "made": [list(at) for at in sorted(fragment.made)],
        "entries": [_dump_entry(entry) for entry in sorted(fragment.entries)],
        "adopted": [_dump_entry(entry) for entry in sorted(fragment.adopted)],
    }


def read_fragment(document: Mapping[str, object]) -> LockedFragment:
    """A fragment as it was dumped.

    Raises:
        TypeError: It is none.
        KeyError: It lacks something.
    """
    return LockedFragment(
        _read_entries(document["entries"]),
        _read_entries(document["adopted"]),
        tuple(_read_keys(at) for at in _read_list(document["made"])),
        document["created"] is True,
    )


def _dump_entry(entry: Entry) -> dict[str, object]:
    return {"at": list(entry.at), "item" if entry.is_item else "value": json.loads(entry.text)}


def _read_entries(value: object) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    for row in _read_list(value):
        if not isinstance(row, dict) or len(row.keys() & {"item", "value"}) != 1:
            raise TypeError(f"{row!r} is no entry")
        is_item = "item" in row
        entries.append(Entry(_read_keys(row["at"]), is_item, canonical(row["item" if is_item else "value"])))
    return tuple(entries)


def _read_keys(value: object) -> tuple[str, ...]:
    keys = _read_list(value)
    if not all(isinstance(key, str) for key in keys):
        raise TypeError(f"{value!r} are no keys")
    return tuple(str(key) for key in keys)


def _read_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value
