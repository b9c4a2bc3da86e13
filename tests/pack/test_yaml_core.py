"""YAML is read as JSON values by the core schema of YAML 1.2, and within bounds."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from claudepack.pack.yaml_core import JSON, MAX_DEPTH, DuplicateKeyError, TooLargeError, load_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("tRue", "tRue"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01 10:00:00", "2024-01-01 10:00:00"),
        ("7", 7),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("08", 8),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.2.3", "1.2.3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'7'", "7"),
        ("=", "="),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("a: yes\n7: b", {"a": "yes", "7": "b"}),
        ("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}),
        ("{a: [b, {c: d}]}", {"a": ["b", {"c": "d"}]}),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("!!str 7", "7"),
    ],
)
def test_a_value_is_what_the_core_schema_says(text: str, value: JSON) -> None:
    loaded = load_yaml(text)
    assert (loaded, type(loaded)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system [ls]",
        "!!binary aGk=",
        "!!set {a}",
        "!!timestamp 2024-01-01",
        "!custom a",
        "&a [*a]",
        "? [a]\n: b",
        "a: b: c",
        "[",
        "*a",
        "1e999",
        "- a\n--- \n- b",
        "a: \x01",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)


@pytest.mark.parametrize(
    ("text", "key", "first", "second"),
    [("a: 1\nb: 2\na: 3", "a", 1, 3), ("x:\n  a: 1\n  'a': 2", "a", 2, 3), ("7: a\n'7': b", "7", 1, 2)],
)
def test_a_key_that_is_there_twice_is_named_with_both_lines(text: str, key: str, first: int, second: int) -> None:
    with pytest.raises(DuplicateKeyError) as caught:
        load_yaml(text)
    assert (caught.value.key, caught.value.first, caught.value.second) == (key, first, second)


def test_depth_is_bounded() -> None:
    whole = load_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert str(whole).count("[") == MAX_DEPTH
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(TooLargeError, match="deep"):
            load_yaml("[" * depth + "]" * depth)


def test_aliases_that_unfold_without_end_are_refused() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    with pytest.raises(TooLargeError, match="unfold"):
        load_yaml("\n".join(rows))


NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufeff\ufffe\uffff"))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS.filter(bool), inner, max_size=4)),
    max_leaves=10,
)


@given(value=VALUES)
def test_what_is_written_as_json_is_read_as_it_was(value: JSON) -> None:
    import json

    loaded = load_yaml(json.dumps(value, ensure_ascii=False))
    assert loaded == value
    assert not isinstance(loaded, float) or math.isfinite(loaded)
