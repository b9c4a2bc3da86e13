"""The manifest is read strictly: what is misspelt is named, with what was meant."""

import contextlib
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from claudepack.errors import ClaudepackError
from claudepack.project.location import Project
from claudepack.project.manifest import PACK_KEYS, TABLES, Entry, parse_manifest, read_manifest, read_requested

WHOLE = """\
[packs]
backend = ">=1.0,<2"
any = ""
mine = { path = "../packs/mine", allow = ["hooks"], exclude = ["agents/old.md"] }
[variables]
language = "TypeScript"
tests = ["unit", "e2e"]
strict = true
[project]
context = "rules"
[index]
corp = "https://pypi.example.org/simple"
"""


def test_what_is_written_is_read() -> None:
    manifest = parse_manifest(WHOLE)

    assert manifest.text == WHOLE
    assert list(manifest.packs) == ["backend", "any", "mine"]
    assert manifest.packs["backend"] == Entry(">=1.0,<2", ">=1.0,<2")
    assert manifest.packs["any"] == Entry(">=0", ">=0")
    assert manifest.packs["mine"]._replace(requested="") == Entry(
        "", path="../packs/mine", allow=("hooks",), exclude=("agents/old.md",)
    )
    assert manifest.variables == {"language": "TypeScript", "tests": ["unit", "e2e"], "strict": True}
    assert manifest.context == "rules"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{version = ">=1", exclude = ["a"]}', '{ exclude = ["a"], version = ">=1" } # as before', True),
        ('{version = ">=1", exclude = ["a"]}', '{version = ">=1", exclude = ["b"]}', False),
        ('">=1"', '">=2"', False),
        ('">=1"', '" >=1 "', True),
        ('""', '">=0"', True),
    ],
)
def test_entries_that_say_the_same_are_equal(one: str, other: str, *, same: bool) -> None:
    first, second = (parse_manifest(f"[packs]\nx = {text}\n").packs["x"] for text in (one, other))
    assert (first.requested == second.requested) == same


@pytest.mark.parametrize(
    ("written", "version"),
    [('">=1"', ">=1"), ('" >=1 "', ">=1"), ('"==1.*"', "==1.*"), ('{version = "~=1.2"}', "~=1.2"), ('{git = "u"}', "")],
)
def test_a_specifier_is_read(written: str, version: str) -> None:
    assert parse_manifest(f"[packs]\nx = {written}\n").packs["x"].version == version


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("=", "not TOML"),
        ("a = " + "[" * 100_000, "not TOML"),
        ("a = " + "1" * 5000, "not TOML"),
        ("[pack]", "unknown key 'pack'"),
        ("packs = 7", "packs must be a table"),
        ("[[packs]]", "packs must be a table"),
        ('[project]\ncontex = "rules"', r"\[project\] unknown key 'contex'"),
        ('[project]\ncontext = "block"', r"context = 'block'"),
        ("[project]\ncontext = []", r"context = \[\]"),
        ('[project]\ncontext = ""', "context = ''"),
        ("[variables]\nx = 2024-01-01", "x: must be text"),
        ("[variables]\nx = [1]", "x: must be text"),
        ("[index]\nminimum-age = 7", "minimum-age = 7"),
        ("[index]\nminimum-age = false", "minimum-age = False"),
        ("[index]\nminimum-age = []", r"minimum-age = \[\]"),
        ('[index]\nminimum-age = ""', "minimum-age = ''"),
        ('[index]\nminimum-age = "7 weeks"', "minimum-age = '7 weeks'"),
        (f'[index]\nminimum-age = "{"9" * 5000} days"', "minimum-age = '9"),
        ('[packs]\nBackend = ">=1"', "'Backend' cannot be the name"),
        ('[packs]\n"a/b" = ">=1"', "'a/b' cannot be the name"),
        ('[packs]\n"é" = ">=1"', "cannot be the name"),
        ("[packs]\nx = 1", "x: must be a version or a table"),
        ('[packs]\nx = "1.0"', "'1.0' is no version specifier"),
        ('[packs]\nx = "latest"', "'latest' is no version specifier"),
        ('[packs]\nx = ">=one"', "'>=one' is no version specifier"),
        ('[packs]\nx = ">="', "'>=' is no version specifier"),
        ("[packs]\nx = {version = 1}", "version must be text"),
        ('[packs]\nx = {path = "../x\\u0000"}', r"path = '\.\./x\\x00'"),
        ('[index]\nx = "../x\\u0000"', r"\[index\] x: must be"),
        ('[packs]\nx = {version = ">=1", exclude = "a"}', "exclude must be a list of texts"),
        ('[packs]\nx = {version = ">=1", allow = [1]}', "allow must be a list of texts"),
        ('[packs]\nx = {exclude = ["a"]}', "must have one of version, path, git"),
        ('[packs]\nx = {version = ">=1", path = "../x"}', "must have one of version, path, git"),
        ('[packs]\nx = {path = "../x", tag = "v1"}', "must have one of version, path, git"),
        ('[packs]\nx = {path = "/x"}', "path must be relative"),
        ('[packs]\nx = {path = "../x", plugin = "y"}', "subdirectory and plugin go with git"),
        ('[packs]\nx = {verion = ">=1"}', "x: unknown key 'verion'"),
        ('[packs]\nx = {version = ">=1", allow = ["hook"]}', "allow: there is no kind 'hook'"),
        ('[packs]\nx = {git = "u", tag = "v1", branch = "b"}', "x: tag and branch"),
        ('[packs]\nx = {git = "u", subdirectory = "../x"}', "subdirectory = '../x'"),
        ('[packs]\nx = {version = ">=1", index = "corp"}', "there is no index 'corp'"),
        ('[packs]\nx = {path = "x", override = {a = 1}}', "override must be tables"),
        ('[packs]\nx = {path = "x", override = {a = {name = "b"}}}', "name is how others call it"),
        ('[index]\ncorp = "/wheels"', "corp: must be a URL, or a folder relative"),
        ('[index]\ncorp = ""', "corp: must be a URL, or a folder relative"),
    ],
)
def test_what_is_wrong_is_named(text: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        parse_manifest(text)
    assert caught.value.code == "manifest"
    assert caught.value.message.startswith("claudepack.toml: ")
    assert caught.value.hint


@pytest.mark.parametrize("requested", ["{", '{"path": 1}', "latest", '{"version": ">=1", "more": 1}'])
def test_an_entry_that_the_lock_has_and_that_is_none_is_named(requested: str) -> None:
    with pytest.raises(ClaudepackError, match=r"\bx\b") as caught:
        read_requested("x", requested)
    assert caught.value.code == "manifest"


@pytest.mark.parametrize("entry", ['x = ">=1"', 'x = {path = "../x"}'])
def test_an_entry_in_one_line_that_a_table_adds_to_is_explained(entry: str) -> None:
    with pytest.raises(ClaudepackError, match="not TOML") as caught:
        parse_manifest(f'[packs]\n{entry}\n\n[packs.x.override."agents/a.md"]\nmodel = "opus"\n')

    assert "write [packs.NAME], and each of its keys in a line" in caught.value.hint


def test_the_key_that_was_meant_is_suggested() -> None:
    with pytest.raises(ClaudepackError) as caught:
        parse_manifest('[packs]\nx = {verion = ">=1"}')
    assert caught.value.hint == "did you mean version?"


def test_it_is_read_from_the_project(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("p")
    project = Project(str(root), ".claude/", "")
    assert read_manifest(project) is None

    (root / "claudepack.toml").write_bytes(b'\xef\xbb\xbf[packs]\r\nx = ">=1"\r\n')
    manifest = read_manifest(project)
    assert manifest is not None
    assert manifest.packs["x"].version == ">=1"

    (root / "claudepack.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ClaudepackError, match="not UTF-8"):
        read_manifest(project)


PIECES = st.sampled_from(
    [">=", "<=", "==", "!=", "~=", "===", ">", "<", "=", ",", " ", ".", "*", "1", "20", "a", "rc1"]
)


@given(text=st.lists(PIECES, max_size=7).map("".join))
@example("")
@example(">=1,")
@example("==1.*")
def test_a_specifier_is_what_packaging_takes_for_one(text: str) -> None:
    try:
        expected = SpecifierSet(text.strip() or ">=0")
    except InvalidSpecifier:
        with pytest.raises(ClaudepackError, match="is no version specifier"):
            parse_manifest(f'[packs]\nx = "{text}"\n')
    else:
        assert SpecifierSet(parse_manifest(f'[packs]\nx = "{text}"\n').packs["x"].version) == expected


KEYS = st.sampled_from([*PACK_KEYS, "x", "a b"])
WORDS = st.sampled_from(
    ["", ">=1", "../x", "/x", "https://u:p@example.org/x.git", "v1", "hooks", "corp", "name", "7 days"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    WORDS | st.booleans() | st.integers(-1, 9) | st.floats() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=4,
)
NAMES = st.sampled_from(["x", "corp", "default", "minimum-age", "context", "settings", "A", ""])


@given(
    document=st.dictionaries(
        st.sampled_from([*TABLES, "more"]), VALUES | st.dictionaries(NAMES, VALUES, max_size=3), max_size=3
    )
)
def test_whatever_stands_in_any_table_is_read_or_refused(document: dict[str, Any]) -> None:
    with contextlib.suppress(ClaudepackError):
        manifest = parse_manifest(tomlkit.dumps(document))
        for name, entry in manifest.packs.items():
            assert read_requested(name, entry.requested)._replace(git="") == entry._replace(git="")
            assert ":p@" not in entry.requested
