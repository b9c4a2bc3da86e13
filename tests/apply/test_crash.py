"""Killed at any step, the project is as it was or as it was to be, and the next run leaves nothing behind."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from crashes import recover_killed, run_killed
from trees import read_tree, write_pack, write_tree

OLD = {
    "prompts/p/same.md": "same\n",
    "prompts/p/changed.md": "one\n",
    "prompts/p/leaves.md": "gone soon\n",
    "prompts/q/leaves.md": "gone soon\n",
    "CLAUDE.md": "The old context.\n",
}
NEW = {
    "prompts/p/same.md": "same\n",
    "prompts/p/changed.md": "two\n",
    "prompts/r/comes.md": "new\n",
    "CLAUDE.md": "The new context.\n",
}


def _tree(project: Path) -> dict[str, bytes]:
    """What is the project's: not what git keeps, nor what a run keeps beside its work."""
    return {path: data for path, data in read_tree(project).items() if not path.startswith((".git/", ".claudepack/"))}


def _litter(project: Path) -> list[str]:
    """What a finished run must not leave: all but the file that runs lock each other out by."""
    kept = [path for path in read_tree(project) if path.startswith((".git/claudepack/", ".claudepack/"))]
    return [path for path in kept if not (path.startswith(".git/") and path.endswith("/lock"))]


def _set_up(project: Path, pack: Path, *, git: bool) -> None:
    if git:
        subprocess.run(["git", "init", "-q", str(project)], check=True)
    write_tree(project, {"CLAUDE.md": "# Mine\n", ".claude/agents/own.md": "---\nname: own\ndescription: d\n---\n"})
    write_pack(pack, OLD)


def _fresh(_project: Path, pack: Path) -> list[str]:
    return ["install", str(pack)]


def _update(project: Path, pack: Path) -> list[str]:
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    shutil.rmtree(pack)
    write_pack(pack, NEW)
    return ["sync"]


def _uninstall(project: Path, pack: Path) -> list[str]:
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    return ["uninstall", "mine"]


Job = Callable[[Path, Path], list[str]]
JOBS: Mapping[str, Job] = {"a first install": _fresh, "an update": _update, "an uninstall": _uninstall}


@pytest.fixture(params=[True, False], ids=["git", "no git"])
def git(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=[False, True], ids=["renameat2", "portable"])
def portable(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


class Scene:
    """A project before a job, and what it is to be after it; each attempt gets a copy."""

    def __init__(self, root: Path, job: Job, *, git: bool, portable: bool) -> None:
        self.root, self.portable = root, portable
        self.project, self.pack = root / "project", root / "mine"
        self.project.mkdir()
        _set_up(self.project, self.pack, git=git)
        self.words = job(self.project, self.pack)
        self.saved = root / "saved"
        shutil.copytree(self.project, self.saved, symlinks=True)
        self.before = _tree(self.project)
        code, self.steps = self.run(0)
        assert code == 0
        self.after = _tree(self.project)

    def reset(self) -> None:
        shutil.rmtree(self.project)
        shutil.copytree(self.saved, self.project, symlinks=True)

    def run(self, kill_at: int) -> tuple[int, int]:
        return run_killed(self.words, self.project, kill_at, portable=self.portable)

    def recover(self, kill_at: int = 0) -> tuple[int, int]:
        return recover_killed(self.project, kill_at, portable=self.portable)

    def assert_old_or_new(self, where: str) -> None:
        tree = _tree(self.project)
        assert tree in (self.before, self.after), (where, sorted(set(tree.items()) ^ set(self.after.items())))


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
def test_killed_at_every_step_the_state_is_old_or_new(
    tmp_path: Path,
    job: Job,
    git: bool,  # noqa: FBT001 - fixtures
    portable: bool,  # noqa: FBT001
    full: bool,  # noqa: FBT001
) -> None:
    scene = Scene(tmp_path, job, git=git, portable=portable)
    assert scene.steps > 20
    for step in range(1, scene.steps + 1, 1 if full else 6):
        scene.reset()
        assert scene.run(step)[0] == -9
        for path, data in _tree(scene.project).items():
            assert path.endswith("/") or data in (scene.before.get(path), scene.after.get(path)), (step, path)
        scene.recover()
        scene.assert_old_or_new(f"step {step}")
        code, _ = scene.run(0)
        assert code in (0, 2), step  # 2: what was to be uninstalled is gone already
        assert _tree(scene.project) == scene.after, step
        assert _litter(scene.project) == [], step


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
def test_killed_again_and_again_while_it_recovers(
    tmp_path: Path,
    job: Job,
    git: bool,  # noqa: FBT001 - fixtures
    full: bool,  # noqa: FBT001
) -> None:
    scene = Scene(tmp_path, job, git=git, portable=False)
    for step in range(scene.steps // 3, scene.steps + 1, 2 if full else 8):
        for second in (2, 5, 9, 14) if full else (5, 9):
            scene.reset()
            scene.run(step)
            scene.recover(second)
            scene.recover(second + 3)
            scene.recover()
            scene.assert_old_or_new(f"step {step}, then {second}")
            assert _litter(scene.project) == [], (step, second)
