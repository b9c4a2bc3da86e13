"""Which repositories a run is about."""

import argparse
import io
import sys
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.fleet_file import Fleet, Member
from claudepack.fleet.roster import list_members, open_fleet
from fleets import make_bare
from repositories import git

FLEET = Fleet(members=(Member("https://x.org/a"), *(Member("https://x.org/b", path=path) for path in "bc")))


def _name(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"file": "", "repo": [], "repos_from": [], "glob": [], **given})


def test_without_options_those_of_the_file() -> None:
    assert list(list_members(_name(), FLEET)) == list(FLEET.members)


def test_what_is_named_is_done_instead_each_once_and_as_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list").write_text("# a list\n\nhttps://x.org/b  # why\nhttps://x.org/c\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("https://x.org/d\nhttps://x.org/c\n"))

    named = _name(repo=["https://x.org/a"], repos_from=[str(tmp_path / "list"), "-"])

    assert list(list_members(named, FLEET)) == [*FLEET.members, Member("https://x.org/c"), Member("https://x.org/d")]


def test_a_pattern_finds_repositories_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_bare(tmp_path / "b.git")
    git(tmp_path, "init", "--quiet", "a")
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path)
    wanted = [Member((tmp_path / name).as_uri()) for name in ("a", "b.git")]

    assert list(list_members(_name(glob=["*"]), FLEET)) == wanted
    assert list(list_members(_name(glob=[f"{tmp_path}/*"]), FLEET)) == wanted
    with pytest.raises(ClaudepackError, match="no repository is there"):
        list(list_members(_name(glob=["nope*"]), FLEET))


def test_a_file_is_needed_only_where_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert open_fleet(_name(repo=["https://x.org/a"])) == Fleet()
    for named in (_name(), _name(file="other.toml", repo=["https://x.org/a"])):
        with pytest.raises(ClaudepackError, match="there is no such file"):
            open_fleet(named)
