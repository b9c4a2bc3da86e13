"""One run at a time changes a project, and no lock outlives its process."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from claudepack.apply.hold import hold_project
from conftest import Tool
from trees import read_tree, write_pack

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


def test_a_run_waits_names_the_holder_and_gives_up_with_75(tool: Tool, project: Path, git_root: str) -> None:
    with _held(project, git_root) as holder:
        before = read_tree(project)
        start = time.monotonic()

        run = tool("install", "backend", "--json")

        waited = time.monotonic() - start
        assert (run.exit, run.json["error"]["code"]) == (75, "busy")
        assert f"process {holder.pid}" in run.json["error"]["message"]
        assert f"waiting for another run (process {holder.pid})" in run.err
        assert 9 < waited < 20
        assert read_tree(project) == before
        assert tool("status").exit == 0


def test_a_holder_that_was_killed_holds_nobody_up(tool: Tool, project: Path, git_root: str) -> None:
    with _held(project, git_root) as holder:
        holder.send_signal(signal.SIGKILL)

    assert tool("install", "backend").exit == 0
    assert tool("verify").exit == 0
    assert not (project / ".claudepack").exists()


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
