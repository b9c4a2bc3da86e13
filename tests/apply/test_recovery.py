"""Between a crash and the run that recovers from it, anything may have happened to the project."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Tool
from crashes import run_killed
from trees import read_tree, write_pack, write_tree

OLD = {
    **{f"prompts/p/{number}.md": f"old {number}\n" for number in range(4)},
    "prompts/q/leaves.md": "gone soon\n",
    "CLAUDE.md": "The old context.\n",
}
NEW = {
    **{f"prompts/p/{number}.md": f"new {number}\n" for number in range(4)},
    "prompts/r/comes.md": "new\n",
    "CLAUDE.md": "The new context.\n",
}
EDITED = ".claude/prompts/p/2.md"
TYPES = [pytest.param(False, id="renameat2"), pytest.param(True, id="portable")]


class Update:
    """A project whose pack has a new version; each attempt begins with a fresh copy of it."""

    def __init__(self, root: Path, *, portable: bool = False, prepare: Callable[[Path], None] | None = None) -> None:
        self.portable = portable
        self.project, self.saved, self.pack = root / "project", root / "saved", root / "mine"
        self.project.mkdir(exist_ok=True)
        if prepare:
            prepare(self.project)
        write_pack(self.pack, OLD)
        assert run_killed(["install", str(self.pack)], self.project, 0)[0] == 0
        shutil.rmtree(self.pack)
        write_pack(self.pack, NEW)
        shutil.copytree(self.project, self.saved, symlinks=True)
        self.before = self.tree()
        code, self.steps = self.run()
        assert code == 0
        self.after = self.tree()

    def tree(self) -> dict[str, bytes]:
        tree = read_tree(self.project)
        return {path: data for path, data in tree.items() if not path.startswith((".git/", ".claudepack/"))}

    def run(self, kill_at: int = 0) -> tuple[int, int]:
        return run_killed(["sync"], self.project, kill_at, portable=self.portable)

    def crash(self, kill_at: int) -> None:
        """Begin anew, and be killed at a step."""
        shutil.rmtree(self.project)
        shutil.copytree(self.saved, self.project, symlinks=True)
        assert self.run(kill_at)[0] == -9

    def is_pending(self) -> bool:
        return any(self.project.glob("**/journal.json"))


def _put_file_for_folder(project: Path) -> None:
    shutil.rmtree(project / ".claude/prompts/r", ignore_errors=True)
    (project / ".claude/prompts/r").write_text("a file came first\n")


def _without_folder(tree: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in tree.items() if not path.startswith(".claude/prompts/r")}


@pytest.mark.parametrize("portable", TYPES)
def test_a_recovery_that_cannot_go_on_takes_all_back(
    tmp_path: Path,
    portable: bool,  # noqa: FBT001 - a parameter
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    """Also one that is killed while it does."""
    update = Update(tmp_path, portable=portable)
    for step in range(1, update.steps, 3 if full else 13):
        update.crash(step)
        if not update.is_pending():
            continue
        _put_file_for_folder(update.project)
        code, steps = update.run()
        assert code == 2, step
        assert update.tree() == {**update.before, ".claude/prompts/r": b"a file came first\n"}, step
        assert not update.is_pending()

        for second in range(1, steps, 1 if full else 17):
            update.crash(step)
            _put_file_for_folder(update.project)
            assert update.run(second)[0] == -9
            (update.project / ".claude/prompts/r").unlink()
            update.run()
            tree = _without_folder(update.tree())
            assert tree in (_without_folder(update.before), _without_folder(update.after)), (step, second)
            assert update.run()[0] == 0
            assert update.tree() == update.after, (step, second)
            assert not (update.project / ".claudepack").exists()


@pytest.mark.parametrize("portable", TYPES)
def test_an_edit_before_a_recovery_that_is_killed_ends_as_if_it_was_not_killed(
    tmp_path: Path,
    portable: bool,  # noqa: FBT001 - a parameter
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    update = Update(tmp_path, portable=portable)
    for step in range(1, update.steps, 3 if full else 13):
        update.crash(step)
        (update.project / EDITED).write_text("an edit after the crash\n")
        _, steps = update.run()
        expected, code = update.tree(), update.run()[0]
        assert expected[EDITED] == b"an edit after the crash\n", step

        for second in range(1, steps, 1 if full else 17):
            update.crash(step)
            (update.project / EDITED).write_text("an edit after the crash\n")
            update.run(second)
            update.run()
            assert update.tree() == expected, (step, second)
            assert update.run()[0] == code, (step, second)


def _link_claude(project: Path) -> None:
    (project / "config/claude").mkdir(parents=True)
    (project / ".claude").symlink_to("config/claude")


def _link_context(project: Path) -> None:
    write_tree(project, {"docs/agents.md": "# Mine\n"})
    (project / "CLAUDE.md").symlink_to("docs/agents.md")


@pytest.mark.parametrize("prepare", [_link_claude, _link_context])
def test_a_killed_run_in_a_project_with_links_is_recovered(
    tmp_path: Path,
    prepare: Callable[[Path], None],
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    update = Update(tmp_path, prepare=prepare)
    for step in range(1, update.steps, 1 if full else 4):
        update.crash(step)
        assert update.run()[0] == 0, step
        assert update.tree() == update.after, step
        assert not (update.project / ".claudepack").exists()


def test_a_run_that_was_killed_before_the_project_was_in_git_is_recovered(
    tmp_path: Path,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    update = Update(tmp_path)
    for step in range(1, update.steps, 1 if full else 6):
        update.crash(step)
        subprocess.run(["git", "init", "-q", str(update.project)], check=True)
        assert update.run()[0] == 0, step
        assert update.tree() == update.after, step
        assert not (update.project / ".claudepack").exists()


def test_a_killed_run_for_the_user_is_recovered(
    tmp_path: Path,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    folder = write_tree(Path.home() / ".claude", {"CLAUDE.md": "# Mine\n"})
    words = ["install", "--user", str(write_pack(tmp_path / "mine", OLD))]
    before = read_tree(folder)
    _, steps = run_killed(words, tmp_path, 0, below=folder)
    after = read_tree(folder)
    assert steps > 20

    for step in range(1, steps + 1, 1 if full else 6):
        assert run_killed(["uninstall", "--user", "mine"], tmp_path, 0)[0] == 0
        assert read_tree(folder) == before
        assert run_killed(words, tmp_path, step, below=folder)[0] == -9
        assert run_killed(words, tmp_path, 0)[0] == 0
        assert read_tree(folder) == after, step


def _find_commit(update: Update) -> int:
    """The first step before which a killed run had committed; the project is left as that kill left it."""
    for step in range(1, update.steps):
        update.crash(step)
        if update.is_pending():
            return step
    raise AssertionError("no kill came after the commit")


def test_a_recovery_whose_stage_is_not_there_waits_for_it(tmp_path: Path, tool: Tool) -> None:
    update = Update(tmp_path)
    update.crash(_find_commit(update) + 2)  # amid the exchange
    (stage,) = update.project.glob("**/stage")
    between, away = update.tree(), tmp_path / "away"
    stage.rename(away)

    run = tool("-C", update.project, "sync")

    assert (run.exit, update.tree()) == (2, between)
    assert f"{stage.relative_to(update.project)} is not there, and a run that was cut short needs it" in run.err
    away.rename(stage)
    assert update.run()[0] == 0
    assert update.tree() == update.after


def test_a_stage_that_is_gone_for_good_is_done_without_as_the_message_says(tmp_path: Path, tool: Tool) -> None:
    update = Update(tmp_path)
    _find_commit(update)
    (stage,), (journal,) = update.project.glob("**/stage"), update.project.glob("**/journal.json")
    shutil.rmtree(stage)
    assert f"remove {journal}" in tool("-C", update.project, "sync").err

    journal.unlink()

    assert update.run()[0] == 0
    assert update.tree() == update.after
