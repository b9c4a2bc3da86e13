"""One run at a time changes a project, and no lock outlives its process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claudepack.apply.hold import hold_project
from conftest import Tool
from trees import read_tree, write_pack, write_tree

CLAUDEPACK = [sys.executable, "-m", "claudepack"]
HOLD = """
import sys, time
from claudepack.apply.hold import hold_project
with hold_project(sys.argv[1], sys.argv[2], print):
    print("held", flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def _held(project: Path, git_root: str) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-c", HOLD, str(project), git_root]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.fixture(params=["git", "no git"])
def git_root(request: pytest.FixtureRequest, project: Path) -> str:
    if request.param == "no git":
        return ""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    return str(project)


def test_a_run_waits_names_the_holder_and_gives_up_with_75(tool: Tool, tmp_path: Path) -> None:
    projects = [tmp_path / "git", tmp_path / "no-git"]
    for path in projects:
        path.mkdir()
    subprocess.run(["git", "init", "-q", str(projects[0])], check=True)

    with ThreadPoolExecutor() as pool, _held(projects[0], str(projects[0])) as one, _held(projects[1], "") as other:
        before = [read_tree(path) for path in projects]
        start = time.monotonic()
        runs = list(pool.map(lambda path: tool("install", "backend", "--json", cwd=path), projects))
        waited = time.monotonic() - start
        for run, holder, path in zip(runs, (one, other), projects, strict=True):
            assert (run.exit, run.json["error"]["code"]) == (75, "busy")
            assert f"process {holder.pid}" in run.json["error"]["message"]
            assert f"waiting for another run (process {holder.pid})" in run.err
            assert tool("status", cwd=path).exit == 0
        assert 9 < waited < 20
        assert [read_tree(path) for path in projects] == before


def test_a_holder_that_was_killed_holds_nobody_up(tool: Tool, project: Path, git_root: str) -> None:
    with _held(project, git_root) as holder:
        holder.send_signal(signal.SIGKILL)

    assert tool("install", "backend").exit == 0
    assert tool("verify").exit == 0
    assert not (project / ".claudepack").exists()


STRESS = """
import os, sys
from claudepack.apply.hold import hold_project
root, git_root, count = sys.argv[1:]
for _ in range(int(count)):
    with hold_project(root, git_root, print) as site:
        os.close(os.open(os.path.join(root, "alone"), os.O_CREAT | os.O_EXCL))
        os.makedirs(site.stage)
        os.rmdir(site.stage)
        os.unlink(os.path.join(root, "alone"))
"""


def test_no_two_hold_a_project_while_others_tidy_up_behind_them(
    project: Path,
    git_root: str,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    words = [sys.executable, "-c", STRESS, str(project), git_root, "500" if full else "60"]
    runs = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    ends = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]

    assert ends == [("", 0)] * 4
    assert [path.name for path in project.iterdir()] == ([".git"] if git_root else [])


@pytest.mark.parametrize("count", [2, 8])
def test_runs_at_once_come_one_after_another(project: Path, tmp_path: Path, git_root: str, count: int) -> None:
    assert git_root in ("", str(project))
    names = [f"pack-{number}" for number in range(count)]
    for name in names:
        write_pack(tmp_path / name, {f"prompts/{name}/{number}.md": "x\n" for number in range(20)}, name=name)

    runs = [
        subprocess.Popen([*CLAUDEPACK, "install", str(tmp_path / name)], cwd=project, stderr=subprocess.PIPE)
        for name in names
    ]
    ends = [(run.communicate(timeout=60)[1], run.returncode) for run in runs]

    assert [code for _, code in ends] == [0] * count, ends
    listed = subprocess.run([*CLAUDEPACK, "list"], cwd=project, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in sorted(listed.splitlines())] == names
    assert subprocess.run([*CLAUDEPACK, "verify"], cwd=project, check=False, capture_output=True).returncode == 0
    assert not (project / ".claudepack").exists()


def test_a_directory_that_was_made_to_be_held_goes_again_when_it_stays_empty(tmp_path: Path) -> None:
    with hold_project(str(tmp_path / "a/b"), "", print) as site:
        assert Path(site.state).is_dir()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [".claudepack", ".claudepack/state"])
def test_a_file_where_the_state_is_to_be_is_named(tool: Tool, project: Path, path: str, git_root: str) -> None:
    write_tree(project, {path: "a file came first\n"})

    run = tool("install", "backend")

    if git_root and path == ".claudepack":
        assert run.exit == 0
    else:
        assert run.exit == 2
        assert f"{path} is no directory" in run.err
        assert not (project / ".claude").exists()


@pytest.mark.parametrize("name", ["holder", "journal.json", "areas"])
def test_nothing_waits_at_a_fifo_in_the_state(tool: Tool, project: Path, name: str) -> None:
    state = project / ".claudepack/state"
    state.mkdir(parents=True)
    os.mkfifo(state / name)

    run = tool("install", "backend")

    assert (run.exit, f"state/{name}" in run.err) == (2, True), run.err
    assert not (project / ".claude").exists()
