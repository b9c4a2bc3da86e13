"""Who a pack is comes from its pyproject or its metadata, and both are believed as far as they go."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.identity import Identity, check_name, read_entry_points, read_metadata, read_pyproject

PYPROJECT = """\
[project]
name = "claudepack-web-api"
version = "1.2.0"
description = "Two\\nlines"
dependencies = ["rich", "claudepack-base>=1", "Claudepack.Other"]
[project.entry-points."claudepack.packs"]
web-api = "claudepack_web_api"
"""
METADATA = """\
Metadata-Version: 2.4
Name: claudepack_web_api
Version: 1.2
Summary: Two
  lines
Requires-Dist: rich
Requires-Dist: claudepack-base>=1
Requires-Dist: Claudepack.Other

Version: 9 is only said in the body
"""
POINTS = "[console_scripts]\na = b:c\n[claudepack.packs]\nweb-api = claudepack_web_api\n"
REQUIRES = ("Claudepack.Other", "claudepack-base>=1")


def test_a_pyproject_says_who_a_pack_is() -> None:
    assert read_pyproject(PYPROJECT.encode(), "here") == Identity(
        "web-api", "claudepack-web-api", "1.2.0", "Two lines", REQUIRES, "claudepack_web_api"
    )


def test_metadata_says_it_too() -> None:
    assert read_metadata(METADATA, POINTS, "here") == Identity(
        "web-api", "claudepack-web-api", "1.2", "Two lines", REQUIRES, "claudepack_web_api"
    )


@pytest.mark.parametrize(
    ("written", "version"), [("1.0", "1.0"), ("v1.0-rc.1", "1.0rc1"), ("1.0.0+Local", "1.0.0+local"), ("01.0", "1.0")]
)
def test_a_version_is_normalised(written: str, version: str) -> None:
    assert read_pyproject(PYPROJECT.replace("1.2.0", written).encode(), "here").version == version


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (PYPROJECT, "[tool]", r"no \[project\] table"),
        (PYPROJECT, "project = 7", r"no \[project\] table"),
        ('version = "1.2.0"', 'dynamic = ["version"]', "has no version"),
        ('"1.2.0"', '"one"', "'one' is no version"),
        ('"1.2.0"', "1.2", "version must be a string"),
        ('name = "claudepack-web-api"', "", "name must be a string"),
        ('"claudepack-web-api"', '"web-api"', "must come as the distribution 'claudepack-web-api', not 'web-api'"),
        ('["rich", ', '[7, "rich", ', "dependencies must be a list of strings"),
        ('web-api = "claudepack_web_api"', "", "no entry points"),
        ('web-api = "claudepack_web_api"', 'a = "a"\nb = "b"', "2 entry points"),
        ('web-api = "claudepack_web_api"', "web-api = 7", "must map a name to a string"),
        ('"claudepack_web_api"', '"claudepack_web_api:main"', "must name one module"),
        ('"claudepack_web_api"', '"../../etc"', "must name one module"),
        ('[project.entry-points."claudepack.packs"]', "[project.entry-points]", "no entry points"),
    ],
)
def test_what_describes_no_pack_is_refused(old: str, new: str, why: str) -> None:
    assert old in PYPROJECT
    with pytest.raises(ClaudepackError, match=why) as caught:
        read_pyproject(PYPROJECT.replace(old, new).encode(), "here/pyproject.toml")
    assert caught.value.code == "pack"
    assert caught.value.message.startswith("here/pyproject.toml: ")
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"=", b"\xff", b"a = " + b"[" * 100_000, b"a = " + b"1" * 5000])
def test_what_is_no_toml_is_refused(data: bytes) -> None:
    with pytest.raises(ClaudepackError, match="here: not TOML"):
        read_pyproject(data, "here")


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (POINTS, {"web-api": "claudepack_web_api"}),
        ("[claudepack.packs]\nB = a:b\n", {"B": "a:b"}),
        ("[console_scripts]\na = b:c\n", {}),
        ("[DEFAULT]\nx = y\n[claudepack.packs]\na = b\n", {"a": "b"}),
        ("", {}),
    ],
)
def test_entry_points_name_packs(text: str, points: dict[str, str]) -> None:
    assert read_entry_points(text, "here") == points


def test_entry_points_that_cannot_be_parsed_are_an_error() -> None:
    with pytest.raises(ClaudepackError, match=r"here: entry_points\.txt"):
        read_entry_points("a = b\n", "here")


@pytest.mark.parametrize("name", ["a", "backend", "web-api", "x2", "2x"])
def test_a_name_is_lower_case_words(name: str) -> None:
    check_name(name, "here")


@pytest.mark.parametrize("name", ["", "Backend", "web_api", "-a", "a-", "a--b", "a b", "a/b", "é", "a\n"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(ClaudepackError, match="cannot be the name of a pack") as caught:
        check_name(name, "here")
    assert caught.value.code == "name"
