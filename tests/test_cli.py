"""The words of the command line, and what a run may load."""

import subprocess
import sys
from pathlib import Path

import pytest

from claudepack import __version__
from claudepack.commands.verbs import VERBS
from conftest import Tool
from trees import write_pack

HEAVY = {
    "rich",
    "jinja2",
    "yaml",
    "tomlkit",
    "packaging",
    "dataclasses",
    "pathlib",
    "frontmatter",
    "hatchling",
    "shutil",
    "filelock",
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(tool: Tool, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = tool(verb, "--help")
    assert run.exit == 0
    assert [line for line in (run.out + tool("--help").out).splitlines() if len(line) >= 80] == []
    assert f"claudepack {verb}" in run.out.split("examples:")[1]


def test_the_version_is_told_alone(tool: Tool) -> None:
    assert tool("--version").out == f"claudepack {__version__}\n"


def test_no_words_show_the_verbs_and_are_a_mistake(tool: Tool) -> None:
    run = tool()
    assert run.exit == 2
    assert all(verb in run.out for verb in VERBS)


def test_options_may_stand_before_the_verb(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("-C", project, "--json", "install", "backend", cwd=tmp_path).json["exit"] == 0
    assert (project / ".claude").is_dir()


@pytest.mark.parametrize("alias", ["add", "remove"])
def test_aliases_are_verbs(tool: Tool, alias: str) -> None:
    tool("add", "backend")
    assert tool(alias, "backend").exit == 0


def test_the_environment_speaks_for_options(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDEPACK_JSON", "1")
    assert tool("status").json["command"] == "status"
    assert tool("sync").json["error"]["code"] == "no-manifest"


@pytest.mark.parametrize("pack", ["backend", "../mine"])
@pytest.mark.parametrize("verb", ["verify", "sync", "install"])
def test_a_run_that_changes_nothing_loads_nothing_heavy(tool: Tool, project: Path, verb: str, pack: str) -> None:
    write_pack(project.parent / "mine", {"prompts/p/a.md": "a", "CLAUDE.md": "Read it.\n"})
    assert tool("install", pack).exit == 0
    code = f"import sys; from claudepack.cli import main; main(['{verb}']); print(*sys.modules)"
    words = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]

    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True)

    assert not HEAVY & set(done.stdout.split())
