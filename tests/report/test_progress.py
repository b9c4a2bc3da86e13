"""What takes its time is shown to whoever watches, on one line, and nothing is left of it."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from conftest import Tool
from repositories import commit_all
from terminals import CLEAR, Terminal
from trees import AGENT, write_tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

CLAUDEPACK = [sys.executable, "-m", "claudepack"]
SLOW = """#!/bin/sh
case "$*" in *" fetch "*) sleep {seconds};; esac
exec {git} "$@"
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A repository with an agent."""
    commit_all(write_tree(tmp_path / "shelf", {"data/own.md": AGENT.format(name="own")}))
    return f"git+file://{tmp_path}/shelf"


@pytest.fixture
def slow(tmp_path: Path) -> dict[str, str]:
    """The variables with which git takes its time to fetch."""
    write_tree(tmp_path / "bin", {"git": SLOW.format(git=shutil.which("git"), seconds=1)})
    (tmp_path / "bin/git").chmod(0o755)
    return {"PATH": f"{tmp_path}/bin{os.pathsep}{os.environ['PATH']}"}


def test_a_slow_source_is_named_while_it_is_waited_for_and_then_the_line_is_gone(
    tool: Tool, project: Path, tmp_path: Path, source: str, slow: dict[str, str]
) -> None:
    terminal = Terminal([*CLAUDEPACK, "install", source], project, settings=slow)

    shown = terminal.read_until(" s")

    assert shown.startswith(CLEAR), "nothing else comes before it"
    assert "\n" not in shown
    assert f"fetching file://{tmp_path}/shelf"[:30] in shown
    assert terminal.end() == 0
    (project.parent / "second").mkdir()
    plain = tool("install", source, cwd=project.parent / "second")
    assert plain.err == ""
    assert terminal.screen[1:] == plain.out.split("\n")[1:]
    assert terminal.screen[0] == f"project {project}"


def test_the_line_follows_the_width_of_the_terminal(project: Path, source: str, slow: dict[str, str]) -> None:
    terminal = Terminal([*CLAUDEPACK, "install", source], project, settings=slow)
    terminal.read_until(CLEAR)

    terminal.resize(40)
    terminal.read_until(CLEAR)
    terminal.read_until(CLEAR)
    line = terminal.read_until(CLEAR)

    assert len(re.sub(r"\x1b\[[\d;]*[mK]", "", line).strip("\r")) <= 39
    assert terminal.end() == 0


def test_a_json_object_is_whole_beside_it(project: Path, tmp_path: Path, source: str, slow: dict[str, str]) -> None:
    output = tmp_path / "out.json"

    terminal = Terminal([*CLAUDEPACK, "install", source, "--json"], project, output=output, settings=slow)

    assert terminal.end() == 0
    assert terminal.text.count(CLEAR) > 1
    assert terminal.screen == [""]
    assert json.loads(output.read_text())["packs"][0]["name"] == "shelf"


@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_it_has_colours_unless_nobody_wants_them(
    project: Path, tmp_path: Path, source: str, slow: dict[str, str], settings: dict[str, str], *, coloured: bool
) -> None:
    terminal = Terminal(
        [*CLAUDEPACK, "install", source], project, output=tmp_path / "out", settings={**slow, **settings}
    )

    assert terminal.end() == 0
    assert terminal.text.count(CLEAR) > 1
    assert bool(re.search(r"\x1b\[[\d;]*3\d", terminal.text)) == coloured


@pytest.mark.parametrize(
    ("words", "settings"), [(["--quiet"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"})], ids=repr
)
def test_it_is_not_shown_where_nobody_watches(
    project: Path, tmp_path: Path, source: str, slow: dict[str, str], words: list[str], settings: dict[str, str]
) -> None:
    terminal = Terminal(
        [*CLAUDEPACK, "install", source, *words], project, output=tmp_path / "out", settings={**slow, **settings}
    )

    assert (terminal.end(), terminal.text) == (0, "")


def test_what_is_done_at_once_shows_nothing(project: Path, tmp_path: Path, source: str) -> None:
    terminal = Terminal([*CLAUDEPACK, "install", source], project, output=tmp_path / "out")

    assert (terminal.end(), terminal.text) == (0, "")


def test_an_error_stands_alone(project: Path, tmp_path: Path, slow: dict[str, str]) -> None:
    commit = "0" * 40
    commit_all(write_tree(tmp_path / "shelf", {"README.md": "1"}))

    terminal = Terminal([*CLAUDEPACK, "install", f"git+file://{tmp_path}/shelf@{commit}"], project, settings=slow)

    assert terminal.end() == 2
    assert terminal.text.count(CLEAR) > 1
    assert terminal.screen[0].startswith("error: file://")


def test_a_terminal_that_goes_away_breaks_no_run(
    project: Path, tmp_path: Path, source: str, slow: dict[str, str]
) -> None:
    words = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *CLAUDEPACK, "install", source]
    terminal = Terminal(words, project, output=tmp_path / "out", settings=slow)
    terminal.read_until(CLEAR)

    os.close(terminal.master)

    assert terminal.process.wait(timeout=60) == 0
    assert (project / ".claude/agents/data/own.md").is_file()
    assert "1 created" in (tmp_path / "out").read_text()


@pytest.mark.parametrize("verb", ["verify", "sync"])
def test_a_run_that_changes_nothing_loads_nothing_for_it(tool: Tool, project: Path, tmp_path: Path, verb: str) -> None:
    assert tool("install", "backend").exit == 0
    code = f"import sys; from claudepack.cli import main; main(['{verb}', '--json']); print(*sys.modules)"

    terminal = Terminal([sys.executable, "-c", code], project, output=tmp_path / "out")

    assert (terminal.end(), terminal.text) == (0, "")
    assert not {"rich", "threading"} & set((tmp_path / "out").read_text().rpartition("}")[2].split())
