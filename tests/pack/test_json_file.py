"""An object is read from a JSON file or refused with its place; every text in a value is found, however deep."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.json_file import dump_json_object, list_texts, parse_json_object, read_json_object


@pytest.mark.parametrize("data", [b'{"a": [1, "\xc3\xa9"]}', b'\xef\xbb\xbf{"a": [1, "\xc3\xa9"]}\n'])
def test_an_object_is_read_with_a_mark_before_it_or_without(data: bytes) -> None:
    assert parse_json_object(data, "x.json") == {"a": [1, "é"]}


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'"text"', b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ClaudepackError, match=r"^x\.json: not ") as caught:
        parse_json_object(data, "x.json")
    assert caught.value.code == "json"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClaudepackError, match=r"^plugin\.json: No such file"):
        read_json_object(tmp_path / "plugin.json", "plugin.json")


def test_what_is_written_is_read() -> None:
    value = {"é": {"b": [None, True, 1.5]}}
    assert parse_json_object(dump_json_object(value), "x.json") == value


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        (7, []),
        ("a", ["a"]),
        (["a", 7, ["b"]], ["a", "b"]),
        ({"k": "a", "l": {"m": ["b"]}}, ["a", "b"]),
    ],
)
def test_every_text_in_a_value_is_found(value: object, texts: list[str]) -> None:
    assert list(list_texts(value)) == texts
