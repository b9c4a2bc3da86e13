"""Killed at any step, the project is as it was or as it was to be, and the next run leaves nothing behind."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from crashes import Kills, recover_killed, run_killed
from trees import read_tree, write_pack, write_tree

OLD = {
    "prompts/p/same.md": "same\n",
    "prompts/p/changed.md": "one\n",
    "prompts/p/leaves.md": "gone soon\n",
    "prompts/q/leaves.md": "gone soon\n",
    "prompts/p/turns": "a file\n",
    "prompts/s/turns/a.md": "in a folder\n",
    "prompts/s/turns/b/c.md": "in one more\n",
    "CLAUDE.md": "The old context.\n",
}
NEW = {
    "prompts/p/same.md": "same\n",
    "prompts/p/changed.md": "two\n",
    "prompts/r/comes.md": "new\n",
    "prompts/p/turns/a.md": "in a folder by now\n",
    "prompts/s/turns": "a file by now\n",
    "CLAUDE.md": "The new context.\n",
}


def _tree(project: Path) -> dict[str, bytes]:
    """What is the project's: not what git keeps, nor what a run keeps beside its work."""
    return {path: data for path, data in read_tree(project).items() if not path.startswith((".git/", ".claudepack/"))}


def _litter(project: Path) -> list[str]:
    """What a finished run must not leave: all but the file that runs lock each other out by."""
    kept = [path for path in read_tree(project) if path.startswith((".git/claudepack/", ".claudepack/"))]
    return [path for path in kept if not (path.startswith(".git/") and path.endswith("/lock"))]


def _many(count: int, text: str) -> dict[str, str]:
    """Files of which a new version leaves half as they are."""
    return {f"prompts/many/{number}.md": f"{number if number % 2 else text}\n" for number in range(count)}


def _set_up(project: Path, pack: Path, files: int, *, git: bool) -> None:
    if git:
        subprocess.run(["git", "init", "-q", str(project)], check=True)
    write_tree(project, {"CLAUDE.md": "# Mine\n", ".claude/agents/own.md": "---\nname: own\ndescription: d\n---\n"})
    write_pack(pack, {**OLD, **_many(files, "old")})


def _fresh(_project: Path, pack: Path, _files: int) -> list[str]:
    return ["install", str(pack)]


def _update(project: Path, pack: Path, files: int) -> list[str]:
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    shutil.rmtree(pack)
    write_pack(pack, {**NEW, **_many(files, "new")})
    return ["sync"]


def _uninstall(project: Path, pack: Path, _files: int) -> list[str]:
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    return ["uninstall", "mine"]


Job = Callable[[Path, Path, int], list[str]]
JOBS: Mapping[str, Job] = {"a first install": _fresh, "an update": _update, "an uninstall": _uninstall}


@pytest.fixture(params=[True, False], ids=["git", "no git"])
def git(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=[False, True], ids=["renameat2", "portable"])
def portable(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


class Scene:
    """A project before a job, and what it is to be after it; each attempt gets a copy."""

    def __init__(self, root: Path, job: Job, *, git: bool, portable: bool, files: int = 0) -> None:
        self.root, self.portable = root, portable
        self.project, self.pack = root / "project", root / "mine"
        self.project.mkdir()
        _set_up(self.project, self.pack, files, git=git)
        self.words = job(self.project, self.pack, files)
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

    def assert_recovers(self, where: str) -> None:
        for path, data in _tree(self.project).items():  # whatever is there is whole
            assert path.endswith("/") or data in (self.before.get(path), self.after.get(path)), (where, path)
        assert self.recover()[0] == 0, where
        self.assert_old_or_new(where)
        assert _litter(self.project) == [], where
        assert self.run(0)[0] in (0, 2), where  # 2: what was to be uninstalled is gone already
        assert _tree(self.project) == self.after, where
        assert _litter(self.project) == [], where


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
    for step in range(1, scene.steps + 1, 1 if full else 9):
        scene.reset()
        assert scene.run(step)[0] == -9
        scene.assert_recovers(f"step {step}")


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
def test_killed_again_and_again_while_it_recovers(
    tmp_path: Path,
    job: Job,
    git: bool,  # noqa: FBT001 - fixtures
    full: bool,  # noqa: FBT001
) -> None:
    scene = Scene(tmp_path, job, git=git, portable=False)
    for step in range(scene.steps // 3, scene.steps + 1, 2 if full else 12):
        for second in (2, 5, 9, 14) if full else (5, 9):
            scene.reset()
            scene.run(step)
            scene.recover(second)
            scene.recover(second + 3)
            scene.recover()
            scene.assert_old_or_new(f"step {step}, then {second}")
            assert _litter(scene.project) == [], (step, second)


@pytest.mark.parametrize(("files", "kills"), [(0, 100), (2000, 12)], ids=["small", "large"])
@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS.keys())
def test_a_process_that_is_killed_at_any_time(
    tmp_path: Path,
    job: Job,
    files: int,
    kills: int,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    """No hook in the process, no step chosen: a SIGKILL from outside, at a random time."""
    scene = Scene(tmp_path, job, git=True, portable=False, files=files if full else files // 10)
    words = [sys.executable, "-m", "claudepack", *scene.words]
    moment, amid = random.Random(files), 0  # noqa: S311 - a time to be killed is no secret

    def run() -> subprocess.Popen[bytes]:
        return subprocess.Popen(words, cwd=scene.project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    whole, held = _measure(scene, run)
    kills = kills if full else 4 if not files else 2

    for kill in range(kills):
        scene.reset()
        with run() as process:
            if kill % 2:  # at any time since it began to change something
                _await_hold(scene, process)
            time.sleep(moment.uniform(0, held if kill % 2 else whole))
            process.kill()
        Kills.count += process.returncode == -9
        amid += _is_held(scene)
        scene.assert_recovers(f"kill {kill}")
    assert amid >= kills // 10


def _is_held(scene: Scene) -> bool:
    return any(scene.project.glob(".git/claudepack/*/holder"))


def _await_hold(scene: Scene, process: subprocess.Popen[bytes]) -> None:
    while not _is_held(scene) and process.poll() is None:
        time.sleep(0.0005)


def _measure(scene: Scene, run: Callable[[], subprocess.Popen[bytes]]) -> tuple[float, float]:
    """How long a run takes, and how long of it the project is held."""
    scene.reset()
    begin = time.monotonic()
    with run() as process:
        _await_hold(scene, process)
        held = time.monotonic()
        while _is_held(scene):
            time.sleep(0.0005)
        end = time.monotonic()
    return time.monotonic() - begin, end - held
