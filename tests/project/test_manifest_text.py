"""Edits of the manifest touch the entry, and leave the rest as its authors wrote it."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
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


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ('packs = {y = "1"}\n', 'packs = {y = "1", x = ">=1"}\n'),
        ('packs.y = "1"\n', 'packs.y = "1"\npacks.x = ">=1"\n'),
        ('[packs.y]\npath = "y"\n', '[packs]\nx = ">=1"\n\n[packs.y]\npath = "y"\n'),
        (
            '[packs]\ny = "1"\n[variables]\na = "b"\n[packs.z]\npath = "z"\n',
            '[packs]\ny = "1"\nx = ">=1"\n[variables]\na = "b"\n[packs.z]\npath = "z"\n',
        ),
    ],
)
def test_packs_may_be_written_in_any_form_that_toml_has(text: str, after: str) -> None:
    written = set_pack(text, "x", {"version": ">=1"})

    assert written.replace(" ", "") == after.replace(" ", "")  # the editor's versions differ in a blank of the first
    assert tomllib.loads(remove_pack(written, "x"))["packs"] == tomllib.loads(text)["packs"]


HEADS = st.sampled_from(["", "# top\n", '[project]\ncontext = "rules"\n\n', "[variables]\n"])
ROWS = st.lists(st.sampled_from(["", "# note", 'y = "==1"', 'v = {path = "../v"} # mine']), max_size=2, unique=True)
ENTRIES = st.sampled_from(
    [
        "",
        'x = ">=1" # pin',
        'x = {version = ">=1", exclude = ["a"]}',
        "x = { path = '../x' , allow = [ 'hooks', ] }",
        'x.path = "../x"\nx.allow = ["hooks"]',
    ]
)
TAILS = st.sampled_from(
    [
        '\n[project]\ncontext = "rules" # so\n',
        '[packs.x.override."agents/a.md"]\nmodel = "opus"\n',
        '\n[packs.z]\npath = "../z"\n',
        '[packs.x]\npath = "../x"\n',
        '\n[variables]\na = "b"\n',
    ]
)


@st.composite
def _manifests(draw: st.DrawFn) -> str:
    """A manifest as somebody may have written it; not every one is TOML."""
    rows = [*draw(ROWS), draw(ENTRIES)]
    line = ", ".join(row for row in rows if row and "#" not in row and "\n" not in row)
    packs = draw(st.sampled_from(["", "[packs]\n" + "\n".join(rows) + "\n", f"packs = {{{line}}}\n"]))
    text = draw(HEADS) + packs + "".join(draw(st.lists(TAILS, max_size=2, unique=True)))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


CHANGES = st.sampled_from(
    [
        {},
        {"version": ">=2", "path": ""},
        {"version": "", "path": "../new"},
        {"exclude": ["a", "b"]},
        {"exclude": [], "allow": ["mcp"]},
    ]
)


@given(text=_manifests(), fields=CHANGES)
def test_one_entry_changes_and_all_else_says_what_it_said(text: str, fields: dict[str, str | list[str]]) -> None:
    try:
        others = dict(parse_manifest(text).packs)
    except ClaudepackError:
        return
    before = tomllib.loads(text)
    wanted = {key: value for key, value in {**_read_entry(before), **fields}.items() if value}

    try:
        after = set_pack(text, "x", fields)
    except ClaudepackError:
        assert "x.path" in text
        return

    assert _read_entry(tomllib.loads(after)) == wanted
    assert {**tomllib.loads(after), "packs": None} == {**before, "packs": None}
    assert [note for note in ("# top", "# note", "# mine", "# so") if (note in text) != (note in after)] == []
    left = remove_pack(after, "x")
    others.pop("x", None)
    assert parse_manifest(left).packs == others
    assert left == text or "packs" in text or "\r" in text


def _read_entry(document: dict[str, Any]) -> dict[str, Any]:
    """What a document has of the pack, a version alone as in a table."""
    entry = document.get("packs", {}).get("x", {})
    return {key: value for key, value in ({"version": entry} if isinstance(entry, str) else entry).items() if value}
