"""Edits of the manifest touch the entry, and leave the rest as its authors wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.project.manifest import parse_manifest
from claudepack.project.manifest_text import remove_pack, set_pack, set_variable

OURS = '# why we have it\n[variables]\nlanguage = "Go" # for now\n'


@pytest.mark.parametrize(
    ("text", "fields", "after"),
    [
        ("", {"version": ">=1"}, '[packs]\nx = ">=1"\n'),
        ('[packs]\n# keep\ny = "1"\n', {"version": ">=1"}, '[packs]\n# keep\ny = "1"\nx = ">=1"\n'),
        ('[packs]\nx = "==1" # pinned\n', {"version": ">=2"}, '[packs]\nx = ">=2" # pinned\n'),
        ('[packs]\nx = ">=1"\n', {"exclude": ["a"]}, '[packs]\nx = {version = ">=1", exclude = ["a"]}\n'),
        ('[packs]\nx = {version = ">=1", exclude = ["a"]}\n', {"exclude": []}, '[packs]\nx = ">=1"\n'),
        ("", {"path": "../x", "version": ""}, '[packs]\nx = {path = "../x"}\n'),
    ],
)
def test_an_entry_is_written(text: str, fields: dict[str, str | list[str]], after: str) -> None:
    assert set_pack(text, "x", fields) == after


@pytest.mark.parametrize("text", ["", OURS, '[packs]\ny = "1"\n', '[packs]\n# note\n\n[project]\ncontext = "rules"\n'])
def test_removing_an_entry_gives_the_text_back(text: str) -> None:
    assert remove_pack(set_pack(text, "x", {"version": ">=1"}), "x") == text


def test_a_variable_is_written_beside_the_others() -> None:
    assert set_variable(OURS, "tests", "go test") == OURS + 'tests = "go test"\n'


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_any_value_is_read_back(value: str) -> None:
    assert parse_manifest(set_variable("", "x", value)).variables == {"x": value}
