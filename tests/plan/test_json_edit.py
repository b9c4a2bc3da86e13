"""A value is put into a text and taken out of it in the text's own style, and every other byte stays."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.plan.json_edit import (
    Edit,
    apply_edits,
    insert_items,
    insert_members,
    remove_items,
    remove_members,
    replace_value,
)
from claudepack.project.json_text import JSON, Node, parse_json


def _parse(text: str) -> Node:
    return parse_json(text.encode(), "x.json")[1]


def test_edits_are_made_where_they_say_in_whatever_order() -> None:
    assert apply_edits("0123456789", [Edit(7, 9, ""), Edit(0, 1, "a"), Edit(4, 4, "b")]) == "a123b4569"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{\n  "k": [\n    1\n  ]\n}'),
        ("{}\n", '{\n  "k": [\n    1\n  ]\n}\n'),
        (" { } ", ' { "k": [1]} '),
        ('{"a": 1}', '{"a": 1, "k": [1]}'),
        ('{"a": 1}\n', '{"a": 1, "k": [1]}\n'),
        ('{\n  "a": 1\n}', '{\n  "a": 1,\n  "k": [\n    1\n  ]\n}'),
        ('{\n    "a": 1\n}', '{\n    "a": 1,\n    "k": [\n        1\n    ]\n}'),
        ('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"k": [\n\t\t1\n\t]\n}'),
        ('{\r\n  "a": 1\r\n}\r\n', '{\r\n  "a": 1,\r\n  "k": [\r\n    1\r\n  ]\r\n}\r\n'),
        ('{\n"a": 1\n}', '{\n"a": 1,\n"k": [\n  1\n]\n}'),
        ('{ "a": 1,\n  "b": 2 }', '{ "a": 1,\n  "b": 2, "k": [1] }'),
        ('{\n  "a": 1, "b": 2\n}', '{\n  "a": 1, "b": 2,\n  "k": [\n    1\n  ]\n}'),
    ],
)
def test_a_key_goes_behind_those_that_are_there_in_their_style(before: str, after: str) -> None:
    assert apply_edits(before, [insert_members(before, _parse(before), {"k": [1]})]) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"l": []}', '{"l": ["x", {"y": 1}]}'),
        ('{"l": [1]}', '{"l": [1, "x", {"y": 1}]}'),
        ('{\n  "l": []\n}', '{\n  "l": [\n    "x",\n    {\n      "y": 1\n    }\n  ]\n}'),
        ('{\n  "l": [1, 2]\n}', '{\n  "l": [1, 2, "x", {"y": 1}]\n}'),
        ('{\n "l": [\n  1\n ]\n}', '{\n "l": [\n  1,\n  "x",\n  {\n   "y": 1\n  }\n ]\n}'),
    ],
)
def test_items_go_behind_those_that_are_there_in_their_style(before: str, after: str) -> None:
    node = _parse(before).members["l"][1]
    assert apply_edits(before, [insert_items(before, node, ["x", {"y": 1}])]) == after


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ('{"a": 1, "b": 2, "c": 3}', "a", '{"b": 2, "c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', "b", '{"a": 1, "c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', "c", '{"a": 1, "b": 2}'),
        ('{"a": 1, "b": 2, "c": 3}', "ab", '{"c": 3}'),
        ('{"a": 1, "b": 2, "c": 3}', "bc", '{"a": 1}'),
        ('{"a": 1, "b": 2, "c": 3}', "ac", '{"b": 2}'),
        ('{"a": 1, "b": 2, "c": 3}', "abc", "{}"),
        ('{"a": 1, "b": 2, "c": 3}', "x", '{"a": 1, "b": 2, "c": 3}'),
        ("{ }", "a", "{ }"),
        ('{ "a" : 1 }', "a", "{}"),
        ('{\n  "a": 1,\n\n  "b": 2\n}\n', "a", '{\n  "b": 2\n}\n'),
        ('{\n  "a": 1,\n\n  "b": 2\n}\n', "b", '{\n  "a": 1\n}\n'),
        ('{\n  "a": 1\n}\n', "a", "{}\n"),
        ('{\r\n\t"a": 1\r\n}\r\n', "a", "{}\r\n"),
        ('{\n\n  "a": 1\n\n}\n', "a", "{}\n"),
    ],
)
def test_keys_are_taken_out_with_their_commas_and_no_more(before: str, keys: str, after: str) -> None:
    assert apply_edits(before, remove_members(before, _parse(before), keys)) == after


@pytest.mark.parametrize(
    ("before", "positions", "after"),
    [
        ("[1, 2, 3]", [0], "[2, 3]"),
        ("[1, 2, 3]", [1, 2], "[1]"),
        ("[1, 2, 3]", [0, 2], "[2]"),
        ("[1, 2, 3]", [0, 1, 2], "[]"),
        ("[]", [0], "[]"),
        ("[\n 1,\n 2\n]", [0], "[\n 2\n]"),
        ("[\n 1,\n 2\n]", [0, 1], "[]"),
    ],
)
def test_items_are_taken_out_with_their_commas_and_no_more(before: str, positions: list[int], after: str) -> None:
    assert apply_edits(before, remove_items(before, _parse(before), positions)) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ('{"k" : 1 }', [2, 3], '{"k" : [2, 3] }'),
        ('{\n  "k": {"a": 1}, "l": 2\n}', {"b": []}, '{\n  "k": {\n    "b": []\n  }, "l": 2\n}'),
        ('{\r\n\t"k": null\r\n}', ["x"], '{\r\n\t"k": [\r\n\t\t"x"\r\n\t]\r\n}'),
    ],
)
def test_another_value_takes_the_place_of_one(before: str, value: JSON, after: str) -> None:
    node = _parse(before).members["k"][1]
    assert apply_edits(before, [replace_value(before, node, value)]) == after


KEYS = st.sampled_from(["a", "b", "é", 'q"', "x y"])
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text('x"é\n{', max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
SPACES = st.sampled_from(["", "", " ", "\n", "\n  ", "\r\n\t", "\n\n"])


@st.composite
def _texts(draw: st.DrawFn, values: st.SearchStrategy[JSON] = VALUES) -> str:
    """A JSON text with blanks anywhere that it may have them."""

    def write(value: JSON) -> str:
        gap = draw(SPACES)
        if isinstance(value, dict):
            rows = [f"{draw(SPACES)}{json.dumps(key)}{draw(SPACES)}:{write(item)}" for key, item in value.items()]
            return f"{gap}{{{','.join(rows)}{draw(SPACES)}}}"
        if isinstance(value, list):
            return f"{gap}[{','.join(map(write, value))}{draw(SPACES)}]"
        return gap + json.dumps(value) + draw(SPACES)

    return write(draw(values)) + draw(SPACES)


@given(text=_texts(st.dictionaries(KEYS, VALUES, max_size=4)), added=st.dictionaries(KEYS, VALUES, max_size=3))
def test_keys_that_are_put_in_and_taken_out_leave_the_very_bytes(text: str, added: dict[str, JSON]) -> None:
    node = _parse(text)
    added = {key: value for key, value in added.items() if key not in node.members}

    full = apply_edits(text, [insert_members(text, node, added)]) if added else text

    assert json.loads(full) == {**json.loads(text), **added}
    assert apply_edits(full, remove_members(full, _parse(full), added)) == text


@given(text=_texts(st.lists(VALUES, max_size=4)), added=st.lists(VALUES, max_size=3))
def test_items_that_are_put_in_and_taken_out_leave_the_very_bytes(text: str, added: list[JSON]) -> None:
    count = len(json.loads(text))

    full = apply_edits(text, [insert_items(text, _parse(text), added)]) if added else text

    assert json.loads(full) == [*json.loads(text), *added]
    assert apply_edits(full, remove_items(full, _parse(full), range(count, count + len(added)))) == text


@given(text=_texts(st.dictionaries(KEYS, VALUES, max_size=5)), gone=st.sets(KEYS))
def test_what_is_taken_out_leaves_the_texts_of_the_rest(text: str, gone: set[str]) -> None:
    node = _parse(text)

    left = apply_edits(text, remove_members(text, node, gone))

    assert _pieces(left) == {key: piece for key, piece in _pieces(text).items() if key not in gone}


def _pieces(text: str) -> dict[str, str]:
    return {key: text[start : item.end] for key, (start, item) in _parse(text).members.items()}


@given(text=_texts(), value=VALUES)
def test_only_the_value_that_is_replaced_changes(text: str, value: JSON) -> None:
    node = _parse(text)

    after = apply_edits(text, [replace_value(text, node, value)])

    assert json.loads(after) == value
    assert (after.startswith(text[: node.start]), after.endswith(text[node.end :])) == (True, True)
