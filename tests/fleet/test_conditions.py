"""Which repositories `--where` means."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.conditions import parse_condition
from claudepack.fleet.reading import PackReading
from claudepack.fleet.survey import is_meant
from surveys import read_pack, read_repository

VERSIONS = {"backend": "1.2.0", "early": "2.0rc1", "odd": "of today"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("backend", True),
        ("backend<1.2.3", True),
        ("backend < 1.2.3", True),
        ("backend>=1.2,<2", True),
        ("backend==1.2", True),
        ("backend<1.2", False),
        ("claudepack-backend>1", True),
        ("design", False),
        ("design<2", False),
        ("!backend", False),
        ("!design", True),
        ("!backend<1", True),
        ("!backend<1.3", False),
        ("early>=2.0rc1", True),
        ("early<2", False),  # as PEP 440 has it: before 2 is not before its candidates
        ("odd", True),
        ("odd<9", False),
        ("!odd<9", True),
    ],
)
def test_a_condition_is_about_the_installed_version(text: str, holds: bool) -> None:  # noqa: FBT001 - a row's verdict
    assert parse_condition(text).holds(VERSIONS) == holds


@pytest.mark.parametrize("text", ["", "!", "backend<", "backend[x]", "./backend", "git+https://example.org/x", "<1.2"])
def test_what_names_no_pack_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        parse_condition(text)

    assert caught.value.code == "usage"
    assert "backend<1.2.3" in caught.value.hint


@pytest.mark.parametrize(
    ("packs", "fault", "is_one"),
    [
        ([read_pack(version="1.0.0")], "", True),
        ([read_pack(version="1.2.0")], "", False),
        ([], "", False),
        ([], "claudepack.lock: not JSON", True),  # it may be one of them
        ([read_pack(version="1.2.0")], "CLAUDE.md is UTF-16", False),
    ],
)
def test_a_repository_of_which_nobody_can_tell_is_meant(packs: list[PackReading], fault: str, *, is_one: bool) -> None:
    repository = read_repository("https://example.org/shop.git", packs, [], fault)

    assert is_meant(repository, [parse_condition("backend<1.2")]) == is_one
