"""After a power cut the disk holds what was synced, and of the rest what it pleases: old or new comes of it.

A project lies on an ext4 image, mounted through a loop device. What was not written back is in memory only, so
a copy of the image, taken at the kill, is the disk as a power cut leaves it. It is mounted like any disk after
one (ext4 replays its own journal), and a run recovers.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashes import Kills, recover_killed, run_killed
from trees import read_tree, write_pack, write_tree

OLD = {**{f"prompts/p/{number}.md": f"old {number}\n" * 500 for number in range(6)}, "CLAUDE.md": "old\n"}
NEW = {**{f"prompts/p/{number}.md": f"new {number}\n" * 500 for number in range(5)}, "prompts/r/n.md": "new\n"}
# Nothing is written back unless somebody asks; nor is a rename waited for, nor data brought to the disk before names.
HOSTILE = "commit=300,noauto_da_alloc,data=writeback"
MOUNTS = [pytest.param("defaults", id="as is"), pytest.param(HOSTILE, id="hostile")]


@contextlib.contextmanager
def _mounted(image: Path, folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    words = ["mount", "-o", f"loop,{options}", str(image), str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this system mounts no image: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _make_image(path: Path) -> None:
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        pytest.skip("an ext4 image is made and mounted by root, with mkfs.ext4")
    with path.open("wb") as stream:
        stream.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0", str(path)], check=True)


def _count_writes(image: Path) -> str:
    """What has been written to the loop device of an image so far."""
    found = next(
        folder
        for folder in Path("/sys/block").glob("loop*")
        if (folder / "loop/backing_file").exists() and (folder / "loop/backing_file").read_text().strip() == str(image)
    )
    return " ".join((found / "stat").read_text().split()[4:9])


def _cut_power(image: Path, copy: Path) -> None:
    """Copy the disk as it is at this moment; again, if something was written while it was copied."""
    while True:
        before = _count_writes(image)
        subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
        if _count_writes(image) == before:
            return


def _tree(project: Path) -> dict[str, bytes]:
    return {path: data for path, data in read_tree(project).items() if not path.startswith((".git/", ".claudepack/"))}


@pytest.mark.parametrize("portable", [False, True], ids=["renameat2", "portable"])
@pytest.mark.parametrize("git", [True, False], ids=["git", "no git"])
@pytest.mark.parametrize("options", MOUNTS)
def test_a_power_cut_leaves_the_old_state_or_the_new(
    tmp_path: Path,
    options: str,
    git: bool,  # noqa: FBT001 - parameters
    portable: bool,  # noqa: FBT001
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    pack, image = tmp_path / "mine", tmp_path / "disk.img"
    _make_image(image)
    write_pack(pack, OLD)
    with _mounted(image, tmp_path / "disk", "defaults") as disk:
        project = disk / "project"
        write_tree(project, {"CLAUDE.md": "# Mine\n"})
        if git:
            subprocess.run(["git", "init", "-q", str(project)], check=True)
        assert run_killed(["install", str(pack)], project, 0)[0] == 0
        before = _tree(project)
    shutil.copy(image, tmp_path / "saved.img")
    shutil.rmtree(pack)
    write_pack(pack, NEW)
    with _mounted(image, tmp_path / "disk", options) as disk:
        code, steps = run_killed(["sync"], disk / "project", 0, portable=portable)
        assert code == 0
        after = _tree(disk / "project")

    ends = set()
    for step in range(1, steps + 2, 1 if full else 16):
        image, copy = tmp_path / f"{step}.img", tmp_path / f"{step}-cut.img"  # no loop device knows these from before
        shutil.copy(tmp_path / "saved.img", image)
        with _mounted(image, tmp_path / "disk", options) as disk:
            code, _ = run_killed(["sync"], disk / "project", step, portable=portable)
            assert code == (-signal.SIGKILL if step <= steps else 0), step
            _cut_power(image, copy)
        Kills.power_cuts += 1
        with _mounted(copy, tmp_path / "disk", "defaults") as disk:
            project = disk / "project"
            assert recover_killed(project)[0] == 0, step
            tree = _tree(project)
            assert tree in (before, after), (step, sorted(set(tree.items()) ^ set(after.items())))
            ends.add(tree == after)
            assert run_killed(["sync"], project, 0)[0] == 0
            assert _tree(project) == after, step
            assert not (project / ".claudepack").exists()
        image.unlink()
        copy.unlink()
    assert ends == {True, False}
