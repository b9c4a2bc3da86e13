"""The options of a verb of two words may stand before the second, wherever no other reading is meant."""

import argparse
from pathlib import Path

import pytest

from claudepack.commands.words import put_word_first
from claudepack.fleet import command
from conftest import Tool
from trees import write_tree

LINES = {
    "status": "status",
    "status --json": "status --json",
    "--json status": "status --json",
    "-C work -q status --where a": "status -C work -q --where a",
    "--repo sync status": "status --repo sync",
    "--repo=sync status sync": "status --repo=sync sync",
    "--rep sync status": "status --rep sync",
    "--wave 10% --pr update": "update --wave 10% --pr",
    "--pr sync": "sync --pr",
    "--repos-from - update": "update --repos-from -",
    "-j4 update": "update -j4",
    "-j 4 update": "update -j 4",
    "-qC sync status": "status -qC sync",
    "-Csync update": "update -Csync",
    "-CC status": "status -CC",
    "--emit github matrix": "matrix --emit github",
    "--help status": "status --help",
    "--bogus status": "status --bogus",
    # There is no second word where one could be, and argparse says so.
    "": "",
    "--json": "--json",
    "--repo sync": "--repo sync",
    "--repo": "--repo",
    "--json sttaus": "--json sttaus",
    "work status": "work status",
}


@pytest.mark.parametrize(("line", "meant"), LINES.items(), ids=LINES.keys())
def test_the_second_word_is_the_first_that_no_option_takes(line: str, meant: str) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert put_word_first(parser, line.split()) == meant.split()


def test_a_verb_of_one_word_is_left_as_it_is() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    assert put_word_first(parser, ["--json", "sync"]) == ["--json", "sync"]


def test_an_option_takes_the_same_after_every_word() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = next(action.choices for action in parser._actions if action.nargs == argparse.PARSER)  # noqa: SLF001 - argparse has no other way
    assert isinstance(words, dict)
    actions = [action for word in words.values() for action in word._actions]  # noqa: SLF001 - likewise
    takes = {(name, action.nargs) for action in actions for name in action.option_strings}
    assert len(takes) == len({name for name, _ in takes})
    assert {nargs for _, nargs in takes} == {None, 0}


def test_wherever_the_options_of_a_fleet_stand_the_run_is_the_same(tool: Tool, project: Path) -> None:
    write_tree(project, {"fleet.toml": '[[repository]]\nurl = "https://github.com/team/shop"\n'})
    options = ("--json", "--emit", "repos.txt")

    assert tool("fleet", *options, "matrix").json["matrix"] == "team/shop"
    assert tool("--json", "fleet", "--emit", "repos.txt", "matrix").json["matrix"] == "team/shop"
    assert tool("fleet", "matrix", *options).json["matrix"] == "team/shop"
    run = tool("fleet", "--emit", "repos.txt", "status")
    assert (run.exit, run.err.splitlines()[0]) == (2, "error: unrecognized arguments: --emit repos.txt")
    assert "--where PACK" in tool("fleet", "--help", "status").out
