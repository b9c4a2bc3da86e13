"""Strict JSON is read as every reader reads it, each value with its place; what is none is refused with its line."""

import json
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.project.json_text import JSON, MAX_DEPTH, Node, dump_json, parse_json

WHERE = "settings.json"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("", 1, "it ends too early"),
        ("\n{\n", 3, "it ends too early"),
        ('{"a": 1', 1, "it ends too early"),
        ('\ufeff{"a": 1}', 1, "a byte order mark"),
        ('{\n"a": 1,\n"a": 2}', 3, "the key 'a' is there twice"),
        ('{"a": 1,\n}', 2, "a comma before '}'"),
        ("[1,\n\n]", 3, "a comma before ']'"),
        ('{\n// mine\n"a": 1}', 2, "a comment"),
        ('{"a": 1 /* mine */}', 1, "a comment"),
        ("# mine\n{}", 1, "a comment"),
        ("{a: 1}", 1, "not JSON at 'a: 1}'"),
        ('{"a" 1}', 1, "not JSON at '1}'"),
        ('{"a": 1}\n}', 2, "not JSON at '}'"),
        ("[1 2]", 1, "not JSON at '2]'"),
        ("{'a': 1}", 1, 'not JSON at "'),
        ("[01]", 1, "not JSON at '1]'"),
        ("[.5]", 1, "not JSON at '.5]'"),
        ("[NaN]", 1, "not JSON at 'NaN]'"),
        ("[Infinity]", 1, "not JSON at 'Infinity]'"),
        ("[True]", 1, "not JSON at 'True]'"),
        ("[1\u0663]", 1, "not JSON at '\u0663]'"),  # a digit, but none of JSON's
        ("[1.\u0663]", 1, "not JSON at '.\u0663]'"),
        ('{"a":\n"b\n"}', 2, "a text that does not end"),
        ('["\\q"]', 1, "a character that must be escaped"),
        ("[" * (MAX_DEPTH + 2), 1, "nested more than 100 deep"),
        (f"[{'1' * 401}]", 1, "a number of more than 400 characters"),
        (b'{"a": 1,\n"b": "\xff"}', 2, "not UTF-8"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(text: str | bytes, line: int, why: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        parse_json(text if isinstance(text, bytes) else text.encode(), WHERE)
    assert caught.value.message.startswith(f"{WHERE}:{line}: ")
    assert why in caught.value.message
    assert (caught.value.code, bool(caught.value.hint)) == ("json", True)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('{"a": 1,\n}', "the client would drop this file whole: mend it"),
        ("", "write {} into it, or delete it"),
        (" \n", "write {} into it, or delete it"),
        ('{"a": 1, "a": 2}', "keep one of them: the client takes the last"),
        ("[" * (MAX_DEPTH + 2), "nest it less deep"),
        (f"[{'1' * 401}]", "write a shorter one"),
    ],
)
def test_only_what_the_client_drops_is_said_to_be_dropped(text: str, hint: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        parse_json(text.encode(), WHERE)
    assert caught.value.hint == hint


def test_each_value_has_its_place() -> None:
    text = '{"a": [1, {"b": "c"}],\n  "d": null}\n'

    read, node = parse_json(text.encode(), WHERE)

    assert read == text
    start, items = node.members["a"]
    assert text[start:].startswith('"a"')
    assert [text[item.start : item.end] for item in items.items] == ["1", '{"b": "c"}']
    assert text[slice(*node.members["d"][1][1:3])] == "null"


MARKS = (*"{}[],:'\\-+.e01x \t\n\r", "\u00a0", "\u0663", "\x01", "//")
WORDS = ('"a"', '"b"', '"\\u0041"', '"\\"', "12e3", "0.5", "true", "false", "null", "NaN", "Infinity")
PIECES = st.sampled_from([*MARKS, *WORDS])
VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _nearly_json(draw: st.DrawFn) -> str:
    """A JSON text with a stretch of it exchanged for anything."""
    text = json.dumps(draw(VALUES), ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 2])))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 3)))
    return text[:start] + draw(st.lists(PIECES, max_size=3).map("".join)) + text[end:]


@given(text=_nearly_json() | st.lists(PIECES, max_size=12).map("".join))
def test_it_reads_what_other_readers_read_and_refuses_what_they_refuse(text: str) -> None:
    try:
        expected = json.loads(text, object_pairs_hook=_refuse_twice, parse_constant=_refuse)
    except ValueError:
        with pytest.raises(ClaudepackError, match=rf"^{WHERE}:\d+: ") as caught:
            parse_json(text.encode(), WHERE)
        line = int(caught.value.message.split(":")[1])
        assert 1 <= line <= text.count("\n") + 1
    else:
        _, node = parse_json(text.encode(), WHERE)
        assert json.dumps(node.value) == json.dumps(expected)
        for inner in _walk(node):
            assert json.dumps(json.loads(text[inner.start : inner.end])) == json.dumps(inner.value)


def _refuse_twice(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("twice")
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for inner in (*(item for _, item in node.members.values()), *node.items):
        yield from _walk(inner)


@given(value=VALUES, indent=st.none() | st.just("\t"))
def test_what_is_written_is_read(value: JSON, indent: str | None) -> None:
    _, node = parse_json(dump_json(value, indent).encode(), WHERE)
    assert json.dumps(node.value) == json.dumps(value)


@pytest.mark.parametrize(
    ("value", "text"), [("é", '"é"'), ("\ud800", '"\\ud800"'), ({"é": "\udfff"}, '{"\\u00e9": "\\udfff"}')]
)
def test_only_half_a_pair_has_a_text_escaped(value: JSON, text: str) -> None:
    assert dump_json(value) == text
