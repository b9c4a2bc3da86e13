"""A word of the command line is a name or a path, and is told apart by how it is written."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.source.requirement import Requirement, parse_requirement


@pytest.mark.parametrize(
    ("word", "requirement"),
    [
        ("backend", Requirement("backend")),
        ("web-api", Requirement("web-api")),
        ("claudepack-backend", Requirement("backend")),
        ("backend==1.2", Requirement("backend", "==1.2")),
        ("backend >= 1, < 2", Requirement("backend", "<2,>=1")),
        ("claudepack-backend~=1.2", Requirement("backend", "~=1.2")),
        (".", Requirement(path=".")),
        ("..", Requirement(path="..")),
        ("./mine", Requirement(path="./mine")),
        ("../packs/mine", Requirement(path="../packs/mine")),
        ("/abs/mine", Requirement(path="/abs/mine")),
        ("mine/", Requirement(path="mine/")),
        ("packs/a b==1", Requirement(path="packs/a b==1")),
        ("mine-1.0-py3-none-any.whl", Requirement(path="mine-1.0-py3-none-any.whl")),
        ("dist/mine.whl", Requirement(path="dist/mine.whl")),
    ],
)
def test_a_word_is_read(word: str, requirement: Requirement) -> None:
    assert parse_requirement(word) == requirement


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "names no pack"),
        ("Backend", "names no pack"),
        ("my_pack", "names no pack"),
        ("web.api", "names no pack"),
        ("a--b", "names no pack"),
        ("backend==", "names no pack"),
        ("backend=1", "names no pack"),
        ("backend@1.0", "no extras, markers or URLs"),
        ("-x", "names no pack"),
        ("backend[extra]", "no extras, markers or URLs"),
        ("backend; python_version > '3'", "no extras, markers or URLs"),
        ("https://example.org/a.whl", "not from a URL"),
        ("file:///mine", "not from a URL"),
        ("git+ssh://example.org/a.git@v1", "not from a URL"),
        ("git+https://example.org/a", "not from a URL"),
    ],
)
def test_what_is_neither_is_refused(word: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        parse_requirement(word)
    assert (caught.value.code, bool(caught.value.hint)) == ("requirement", True)
