"""With a warm cache the lock is all that an install needs: no network, and no more work than a directory is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import Tool
from counting import count_run
from indexes import serve_index
from trees import read_tree, write_pack, write_wheel

FILES = 30


def _list_files(count: int) -> dict[str, str | bytes]:
    return {f"prompts/p/{number}.md": f"{number}\n" * 100 for number in range(count)}


def _install(tool: Tool, project: Path, wheels: Path, count: int) -> Path:
    """A project whose pack came from an index that is gone."""
    write_wheel(wheels, "mine", "1.0.0", files=_list_files(count))
    project.mkdir(exist_ok=True)
    with serve_index(wheels) as url:
        assert tool("install", "mine", "--index-url", url, cwd=project).exit == 0
    return project


def _copy(locked: Path, target: Path) -> Path:
    target.mkdir()
    for name in ("claudepack.toml", "claudepack.lock"):
        shutil.copy(locked / name, target)
    return target


@pytest.mark.parametrize("words", [["sync"], ["sync", "--frozen"], ["sync", "--locked"]])
def test_it_needs_no_network(tool: Tool, project: Path, tmp_path: Path, words: list[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root may take the network away from a process, by unshare")
    locked = _install(tool, project, tmp_path / "wheels", FILES)
    target = _copy(locked, tmp_path / "second")

    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "claudepack", *words],
        cwd=target,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert read_tree(target) == read_tree(locked)


class Work(NamedTuple):
    """What a run with the lock did, what one with a directory did, and how often the first opened what is kept."""

    lock: dict[str, int]
    directory: dict[str, int]
    kept: int


def _count(tool: Tool, place: Path, count: int) -> Work:
    place.mkdir()
    target = _copy(_install(tool, place / "locked", place / "wheels", count), place / "target")
    write_pack(place / "mine", _list_files(count))
    lock, opened = count_run(target, "sync", "--frozen")
    directory, _ = count_run(place / "directory", "install", "../mine")
    return Work(lock, directory, sum(times for path, times in opened.items() if path.endswith(".pack")))


def test_it_asks_no_more_of_the_system_than_a_directory(tool: Tool, tmp_path: Path) -> None:
    once, twice = (_count(tool, tmp_path / str(count), count) for count in (FILES, 2 * FILES))

    assert twice.lock["processes"] == 0
    assert twice.lock["events"] <= 1.1 * twice.directory["events"]
    assert twice.lock["events"] - once.lock["events"] <= 2 * FILES  # each is read, and written into the stage
    assert twice.lock["stats"] - once.lock["stats"] <= FILES  # and looked for
    assert twice.kept - once.kept <= FILES
