"""A fragment is taken apart into entries and put together again, and the lock gives back what it was given."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.plan.json_changes import nest
from claudepack.project.fragments import (
    Entry,
    LockedFragment,
    canonical,
    dump_fragment,
    find_value,
    holds,
    load_json,
    read_fragment,
    take_apart,
)
from claudepack.project.json_text import JSON


def _value(text: str, *at: str) -> Entry:
    return Entry(at, is_item=False, text=text)


def _item(text: str, *at: str) -> Entry:
    return Entry(at, is_item=True, text=text)


@pytest.mark.parametrize(
    ("value", "entries"),
    [
        ({}, []),
        ({"model": "opus"}, [_value('"opus"', "model")]),
        ({"env": {"A": "1", "B": None}}, [_value('"1"', "env", "A"), _value("null", "env", "B")]),
        ({"p": {"allow": ["a", "b"]}}, [_item('"a"', "p", "allow"), _item('"b"', "p", "allow")]),
        ({"allow": ["a", "b", "a"]}, [_item('"a"', "allow"), _item('"b"', "allow")]),
        ({"allow": [1, 1.0, True]}, [_item("1", "allow"), _item("1.0", "allow"), _item("true", "allow")]),
        ({"hooks": [{"b": 1, "a": [2]}]}, [_item('{"a":[2],"b":1}', "hooks")]),
        ({"a": {}, "b": []}, [_value("{}", "a"), _value("[]", "b")]),
        ({"mcpServers": {"db": {"args": ["-x"], "a": {}}}}, [_value('{"a":{},"args":["-x"]}', "mcpServers", "db")]),
        ({"mcpServers": {"db": ["x"]}}, [_value('["x"]', "mcpServers", "db")]),
        ({"statusLine": {"type": "command", "a": {}}}, [_value('{"a":{},"type":"command"}', "statusLine")]),
        ({"fileSuggestion": {"type": "command"}}, [_value('{"type":"command"}', "fileSuggestion")]),
        ({"x": {"statusLine": {"a": 1}}}, [_value("1", "x", "statusLine", "a")]),
        ({"x": {"mcpServers": {"db": {"a": 1}}}}, [_value("1", "x", "mcpServers", "db", "a")]),
    ],
)
def test_a_fragment_is_taken_apart(value: JSON, entries: list[Entry]) -> None:
    assert list(take_apart(value)) == entries
    assert all(holds(value, entry) for entry in entries)


@pytest.mark.parametrize(
    ("document", "entry"),
    [
        ({}, _value("1", "a")),
        ({"a": 1}, _value("1", "a", "b")),
        ({"a": 1.0}, _value("1", "a")),
        ({"a": True}, _value("1", "a")),
        ({"a": {"b": 1, "c": 2}}, _value('{"b":1}', "a")),
        ({"a": []}, _item("1", "a")),
        ({"a": 1}, _item("1", "a")),
        ({"a": [[1]]}, _item("1", "a")),
        ({"a": {"1": 1}}, _item("1", "a")),
        ([], _value("1", "a")),
    ],
)
def test_what_is_another_value_is_not_held(document: JSON, entry: Entry) -> None:
    assert not holds(document, entry)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ((), (True, {"a": {"b": None}})),
        (("a", "b"), (True, None)),
        (("b",), (False, None)),
        (("a", "b", "c"), (False, None)),
    ],
)
def test_a_value_that_is_null_is_there(at: tuple[str, ...], found: tuple[bool, JSON]) -> None:
    assert find_value({"a": {"b": None}}, at) == found


KEYS = st.sampled_from(["a", "é", "mcpServers", "x y"])
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(0, 2, width=16) | st.text('x"é\n', max_size=2),
    lambda inner: st.lists(inner, max_size=3, unique_by=canonical) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
FRAGMENTS = st.dictionaries(KEYS, VALUES, max_size=4)
ENTRIES = FRAGMENTS.map(lambda value: tuple(sorted(take_apart(value))))


@given(value=FRAGMENTS)
def test_what_is_taken_apart_is_put_together_again(value: dict[str, JSON]) -> None:
    assert canonical(nest(take_apart(value))) == canonical(value)


@given(
    entries=ENTRIES,
    adopted=ENTRIES,
    made=st.sets(st.lists(KEYS, min_size=1, max_size=3).map(tuple)),
    created=st.booleans(),
)
def test_the_lock_gives_back_what_it_was_given(
    entries: tuple[Entry, ...], adopted: tuple[Entry, ...], made: set[tuple[str, ...]], *, created: bool
) -> None:
    fragment = LockedFragment(entries, adopted, tuple(sorted(made)), created)
    assert read_fragment(json.loads(json.dumps(dump_fragment(fragment)))) == fragment


SOUND: dict[str, Any] = {"entries": [{"at": ["a"], "value": 1}], "adopted": [], "made": [], "created": True}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"entries": 1}, TypeError),
        ({"entries": [1]}, TypeError),
        ({"entries": [{"at": ["a"]}]}, TypeError),
        ({"entries": [{"at": ["a"], "value": 1, "item": 1}]}, TypeError),
        ({"entries": [{"value": 1}]}, KeyError),
        ({"entries": [{"at": "a", "value": 1}]}, TypeError),
        ({"adopted": [{"at": [1], "item": 1}]}, TypeError),
        ({"made": ["a"]}, TypeError),
        ({"made": None}, TypeError),
    ],
)
def test_what_is_no_fragment_is_refused(change: dict[str, Any], fault: type[Exception]) -> None:
    assert read_fragment(SOUND).created
    with pytest.raises(fault):
        read_fragment({**SOUND, **change})


@pytest.mark.parametrize("lacking", SOUND)
def test_a_fragment_that_lacks_something_is_refused(lacking: str) -> None:
    with pytest.raises(KeyError):
        read_fragment({key: value for key, value in SOUND.items() if key != lacking})


@pytest.mark.parametrize(
    "text", ["", "{", '\ufeff{"a": 1}', '{"a": 1,}', '{"a": NaN}', '{"a": -Infinity}', "[" * 100_000]
)
def test_what_the_client_would_drop_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ClaudepackError, match=r"^settings\.json:1: "):
        load_json(text.encode(), "settings.json")
