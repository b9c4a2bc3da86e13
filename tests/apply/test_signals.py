"""Ctrl-C and SIGTERM leave the old state or the new, and nothing that a next run would have to tidy."""

import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claudepack import cli
from crashes import run_killed
from trees import read_tree, write_pack

OLD = {"prompts/p/a.md": "old\n", "prompts/p/b.md": "old\n", "prompts/q/c.md": "old\n", "CLAUDE.md": "old\n"}
NEW = {"prompts/p/a.md": "new\n", "prompts/p/b.md": "new\n", "prompts/r/d.md": "new\n", "CLAUDE.md": "new\n"}
SIGNALS = [pytest.param(signal.SIGINT, id="Ctrl-C"), pytest.param(signal.SIGTERM, id="SIGTERM")]


STATE = (".git/claudepack/", ".claudepack/")


def _tree(project: Path) -> dict[str, bytes]:
    """The project, and what runs keep: in git the lock file always, elsewhere while there is more, and whose it was."""
    tree = {path: data for path, data in read_tree(project).items() if not path.startswith(".git/") or STATE[0] in path}
    kept = {path: data for path, data in tree.items() if path.startswith(STATE) and not path.endswith(("/lock", "/"))}
    for path in [path for path in tree if path.startswith(STATE)]:
        if path.endswith("/lock") and (kept or path.startswith(".git/")):
            del tree[path]
        elif path.endswith("/holder"):
            tree[path] = b"a process"
        elif path.endswith("/") and path.startswith(".git/"):
            del tree[path]
    return tree


@pytest.mark.parametrize("git", [True, False], ids=["git", "no git"])
@pytest.mark.parametrize("killed_at", [0, 30], ids=["running", "recovering"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_at_any_step(
    tmp_path: Path,
    project: Path,
    number: int,
    killed_at: int,
    git: bool,  # noqa: FBT001 - a parameter
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    if git:
        subprocess.run(["git", "init", "-q", str(project)], check=True)
    pack = write_pack(tmp_path / "mine", OLD)
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    before = _tree(project)
    shutil.rmtree(pack)
    write_pack(pack, NEW)
    saved = tmp_path / "saved"
    if killed_at:
        assert run_killed(["sync"], project, killed_at)[0] == -9
    shutil.copytree(project, saved)
    pending = _tree(project)
    _, steps = run_killed(["sync"], project, 0)
    after = _tree(project)
    ends = set()

    for step in range(1, steps + 1, 1 if full else 4):
        shutil.rmtree(project)
        shutil.copytree(saved, project)

        code, _ = run_killed(["sync"], project, step, number=number)

        tree = _tree(project)
        assert tree in (before, after, pending), (step, code, sorted(set(tree.items()) ^ set(after.items())))
        assert code in (0, 128 + number), step
        assert code or tree == after
        ends.add(tree == after)
    assert ends == {True, False}


def test_a_thread_that_is_not_the_main_one_may_run_too(project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", OLD)

    with ThreadPoolExecutor(1) as pool:
        code = pool.submit(cli.main, ["install", str(pack), "-C", str(project)]).result()

    assert code == 0
    assert (project / ".claude/prompts/p/a.md").read_text() == "old\n"
