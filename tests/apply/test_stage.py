"""A stage lies on each mount that a project reaches, and none is left."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crashes import Kills
from trees import write_pack

FILES = {f"prompts/{folder}/{number}.md": f"old {number}\n" for folder in "pq" for number in range(5)}
MOUNTED = """
set -e; for path in .claude .claude/prompts/q; do mkdir -p "$1/$path"; mount -t tmpfs none "$1/$path"; done
cd "$1"; exec "$2" -c "$3" "$1" "$4" "$5"
"""
KILL_EACH = """
import sys
from pathlib import Path
from crashes import Kills, run_killed
from trees import read_tree
project, pack = map(Path, sys.argv[1:3])
code, steps = run_killed(["install", str(pack)], project, 0)
assert code == 0, code
assert run_killed(["uninstall", "mine"], project, 0)[0] == 0
empty = read_tree(project)
for step in range(1, steps + 1, int(sys.argv[3])):
    assert run_killed(["install", str(pack)], project, step)[0] == -9, step
    assert run_killed(["install", str(pack)], project, 0)[0] == 0, step
    assert len(list(project.glob(".claude/prompts/*/*.md"))) == 10, step
    assert not list(project.glob("**/stage")), step
    assert run_killed(["uninstall", "mine"], project, 0)[0] == 0, step
    assert read_tree(project) == empty, (step, read_tree(project))
print(Kills.count, "kills")
"""
WRITE_LATE = """
import subprocess, sys, time
from pathlib import Path
project, pack = map(Path, sys.argv[1:3])
claudepack = [sys.executable, "-m", "claudepack"]
subprocess.run([*claudepack, "install", pack], cwd=project, check=True)
target = project / ".claude/prompts/q/3.md"
for path in pack.glob("prompts/*/*.md"):
    path.write_text("new")
with target.open("a") as stream:
    run = subprocess.Popen([*claudepack, "sync"], cwd=project, stdout=subprocess.PIPE, text=True)
    while target.read_text() != "new":
        time.sleep(0.01)
    stream.write("late")
out, _ = run.communicate(timeout=30)
rescued = project / ".claudepack/rescued/.claude/prompts/q/3.md"
assert run.returncode == 0
assert rescued.read_text() == "old 3\\nlate"
assert str(rescued.relative_to(project)) in out
assert not list(project.glob("**/stage"))
print("rescued")
"""


@pytest.fixture
def run_mounted(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], str]:
    """Runs a script in a project whose `.claude`, and a folder in it, are mounts of their own."""
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system refuses a mount namespace")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]), prepend=os.pathsep)
    pack = write_pack(tmp_path / "mine", FILES)

    def run(script: str, stride: int) -> str:
        words = ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", str(project), sys.executable, script, str(pack)]
        done = subprocess.run([*words, str(stride)], capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_killed_at_every_step_a_project_of_several_mounts_keeps_no_stage(
    run_mounted: Callable[[str, int], str],
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    told = run_mounted(KILL_EACH, 1 if full else 12)

    kills = int(told.split()[0])
    Kills.count += kills
    assert kills > 5


def test_what_was_written_meanwhile_is_rescued_from_another_mount(run_mounted: Callable[[str, int], str]) -> None:
    assert run_mounted(WRITE_LATE, 1).endswith("rescued\n")
