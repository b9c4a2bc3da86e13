"""Where the state of runs lies, and who says so when one was cut short."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Run
from crashes import run_killed
from trees import read_tree, write_pack

Inline = Callable[..., Run]
VERBS = {
    "status": ["status"],
    "verify": ["verify"],
    "list": ["list"],
    "show": ["show", "../mine"],
    "why": ["why", ".claude/agents/mine.md"],
    "doctor": ["doctor"],
    "sync --dry-run": ["sync", "--dry-run"],
}


@pytest.fixture(params=["git", "no git"])
def cut_short(request: pytest.FixtureRequest, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which an update was killed after its commit."""
    if request.param == "git":
        subprocess.run(["git", "init", "-q", str(project)], check=True)
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "old\n", "prompts/p/b.md": "old\n"})
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    write_pack(pack, {"prompts/p/a.md": "new\n", "prompts/p/b.md": "new\n"})
    step = 24
    while not list(project.glob("**/journal.json")):
        step += 1
        assert run_killed(["sync"], project, step)[0] == -9
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS.keys())
def test_a_verb_that_changes_nothing_says_that_a_run_was_cut_short(
    inline: Inline, cut_short: Path, words: list[str]
) -> None:
    before = read_tree(cut_short)

    run, told = inline(*words), inline(*words, "--json")

    assert "a run was cut short here" in run.out
    assert "a run was cut short here" in told.out
    assert run.exit == (1 if words[0] in ("verify", "doctor") else 0)
    assert read_tree(cut_short) == before

    assert inline("sync").exit == 0
    assert "cut short here" not in inline(*words).out


def test_a_run_that_was_killed_before_its_commit_is_worth_a_note(inline: Inline, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine")
    assert run_killed(["install", str(pack)], project, 8)[0] == -9

    run = inline("doctor")

    assert run.exit == 0
    assert "was killed before it changed anything" in run.out


def test_a_journal_alone_tells_of_a_killed_run(inline: Inline, project: Path, tmp_path: Path) -> None:
    """Who holds a project is not brought to the disk: after a power cut that file may be gone."""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    words = ["install", str(write_pack(tmp_path / "mine", {"prompts/p/a.md": "old\n"}))]
    shutil.copytree(project, tmp_path / "saved")
    _, step = run_killed(words, project, 0)
    while not list(project.glob("**/journal.json")):
        shutil.rmtree(project)
        shutil.copytree(tmp_path / "saved", project)
        assert run_killed(words, project, step)[0] == -9  # at the last step at which there is nothing else to do
        step -= 1
    for path in project.glob("**/holder"):
        path.unlink()

    assert inline("sync").exit == 0

    assert not list(project.glob("**/journal.json"))
