"""A run that was cut short is finished by the next one, which tells what came of it, whatever it comes to itself."""

import shutil
from pathlib import Path

from conftest import Tool
from crashes import run_killed
from trees import write_pack

AGENT_PATH = ".claude/agents/mine.md"


def _cut_short(project: Path, words: list[str]) -> None:
    """Kill a run of a copy of the project, then make it the project: just after its commit."""
    saved = project.with_name("saved")
    shutil.copytree(project, saved)
    for step in range(1, 100):
        assert run_killed(words, project, step)[0] == -9
        if any(project.glob("**/journal.json")):
            return
        shutil.rmtree(project)
        shutil.copytree(saved, project)


def test_what_was_changed_after_a_kill_is_named_though_the_next_run_is_refused(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    tool("install", write_pack(tmp_path / "mine"))
    _cut_short(project, ["uninstall", "mine"])
    (project / AGENT_PATH).write_text("edited\n")

    run = tool("sync")

    assert run.exit == 2  # nothing is left to sync
    assert f"{AGENT_PATH} was changed after that run, and stays as it is" in run.err
    assert (project / AGENT_PATH).read_text() == "edited\n"


def test_what_was_changed_after_a_kill_is_named_by_the_run_that_goes_on(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "one\n", "prompts/p/b.md": "gone\n"})
    tool("install", pack)
    (pack / "prompts/p/b.md").unlink()
    _cut_short(project, ["sync"])
    (project / ".claude/prompts/p/b.md").write_text("edited\n")

    run = tool("sync", "--json")

    assert run.exit == 0
    assert ".claude/prompts/p/b.md was changed after that run, and stays as it is" in run.json["notices"]
