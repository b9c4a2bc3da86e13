"""What is no strict YAML is read whole: no word is lost, and no line of an example becomes a field."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.pack.fields import FIELDS
from claudepack.pack.lenient import NoKeyError, TwiceError, has_dialogue, read_lenient
from claudepack.pack.yaml_core import JSON


@pytest.mark.parametrize(
    ("block", "metadata", "places"),
    [
        ("name: a\ndescription: x: y", {"name": "a", "description": "x: y"}, [1, 2]),
        ("\n# note\nname: a", {"name": "a"}, [3]),
        ("description: x: y\n  more\n\nlast", {"description": "x: y\n  more\n\nlast"}, [1]),
        ("description: x: y\nuser: hi\nname: a", {"description": "x: y\nuser: hi", "name": "a"}, [1, 3]),
        ("team: a\nprose\nowner: b\nmodel: c", {"team": "a\nprose\nowner: b", "model": "c"}, [1, 4]),
        ("a: b\nNote: c", {"a": "b\nNote: c"}, [1]),
        ("a: [\n  b", {"a": "[\n  b"}, [1]),
        ("tools: [A, B]\nb: 'c: d'", {"tools": ["A", "B"], "b": "c: d"}, [1, 2]),
        ("a: 'it's'\nb: \"x\" y\"", {"a": "it's", "b": 'x" y'}, [1, 2]),
        ("description: x\nprose\ndescription: again", {"description": "x\nprose\ndescription: again"}, [1]),
        ("key:\n  - a\nname: @b", {"key": ["a"], "name": "@b"}, [1, 3]),
    ],
)
def test_a_value_goes_on_until_the_next_key(block: str, metadata: dict[str, JSON], places: list[int]) -> None:
    assert read_lenient(block.split("\n")) == (metadata, dict(zip(metadata, places, strict=True)))


@pytest.mark.parametrize("field", sorted(frozenset[str]().union(*FIELDS.values()) - {"description", "context"}))
def test_each_field_that_the_client_knows_ends_a_value(field: str) -> None:
    metadata, _ = read_lenient(["description: Use it: always", "and more", f"{field}: x"])

    assert metadata == {"description": "Use it: always\nand more", field: "x"}


@pytest.mark.parametrize(
    ("block", "line"), [("url:http\nname: a", "1"), ("\n- a", "2"), ("  name: a", "1"), ("\n# note\nprose", "3")]
)
def test_a_block_that_begins_with_no_key_is_an_error_with_its_line(block: str, line: str) -> None:
    with pytest.raises(NoKeyError, match=f"^{line}$"):
        read_lenient(block.split("\n"))


@pytest.mark.parametrize(
    ("rows", "key", "first", "second"),
    [(["name: a", "name: b"], "name", 1, 2), (["name: a", "tools: x", "", "name: b"], "name", 1, 4)],
)
def test_a_field_that_is_there_twice_is_an_error(rows: list[str], key: str, first: int, second: int) -> None:
    with pytest.raises(TwiceError) as caught:
        read_lenient(rows)
    assert (caught.value.key, caught.value.first, caught.value.second) == (key, first, second)


@pytest.mark.parametrize(
    ("metadata", "is_dialogue"),
    [
        ({"description": "d", "user": "hi"}, True),
        ({"description": "d", "assistant": "hi"}, True),
        ({"description": "d", "context": "fork"}, False),
        ({"description": "d", "model": "opus"}, False),
        ({"user": "hi"}, False),
    ],
)
def test_words_of_an_example_give_it_away(metadata: dict[str, JSON], *, is_dialogue: bool) -> None:
    assert has_dialogue(metadata) == is_dialogue


KEYS = ["name:", "description:", "user:", "tools:", "mine:", "Note:"]
MARKS = ["[y]", "'q", '"', "'", "{", "@z", "*", "-", "|", ">", "&", "!"]
WORDS = st.sampled_from([*KEYS, *MARKS, "a", "x", "b:c"])
ROWS = st.lists(
    st.builds(lambda indent, words: indent + " ".join(words), st.sampled_from(["", "", "  ", "\t"]), st.lists(WORDS)),
    max_size=8,
)


@given(rows=ROWS)
def test_no_word_is_lost_and_none_is_made_up(rows: list[str]) -> None:
    with contextlib.suppress(NoKeyError, TwiceError):
        metadata, places = read_lenient(rows)
        assert list(metadata) == list(places)
        letters = "".join(f"{key}{_flatten(value)}" for key, value in metadata.items())
        assert [char for char in letters if char.isalnum()] == [char for char in "".join(rows) if char.isalnum()]


@given(rows=st.lists(st.text(max_size=20), max_size=8))
def test_any_lines_are_read_or_refused(rows: list[str]) -> None:
    with contextlib.suppress(NoKeyError, TwiceError):
        metadata, places = read_lenient(rows)
        assert all(rows[line - 1].startswith(key) for key, line in places.items())
        assert list(metadata) == list(places)


def _flatten(value: JSON) -> str:
    if isinstance(value, dict):
        return "".join(key + _flatten(item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(map(_flatten, value))
    return "" if value is None else str(value)
