"""With a warm cache the lock is all that an install needs: no network, and hardly more time than a directory takes."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Tool
from indexes import serve_index
from trees import read_tree, write_pack, write_wheel

RUNS = 7
FILES: dict[str, str | bytes] = {f"prompts/p/{number}.md": f"{number}\n" * 100 for number in range(30)}


@pytest.fixture
def locked(tool: Tool, project: Path, tmp_path: Path) -> Path:
    """A project whose pack came from an index that is gone."""
    write_wheel(tmp_path / "w", "mine", "1.0.0", files=FILES)
    with serve_index(tmp_path / "w") as url:
        assert tool("install", "mine", "--index-url", url).exit == 0
    return project


def _copy(locked: Path, target: Path) -> Path:
    target.mkdir()
    for name in ("claudepack.toml", "claudepack.lock"):
        shutil.copy(locked / name, target)
    return target


@pytest.mark.parametrize("words", [["sync"], ["sync", "--frozen"], ["sync", "--locked"]])
def test_it_needs_no_network(locked: Path, tmp_path: Path, words: list[str]) -> None:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root may take the network away from a process, by unshare")
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


def test_it_takes_at_most_half_as_long_again_as_a_directory(locked: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    times: dict[str, list[float]] = {"lock": [], "directory": []}
    for number in range(RUNS):
        first, second = _copy(locked, tmp_path / f"lock{number}"), tmp_path / f"directory{number}"
        second.mkdir()
        times["lock"].append(_measure(first, "sync", "--frozen"))
        times["directory"].append(_measure(second, "install", str(pack)))
    assert min(times["lock"]) <= 1.5 * min(times["directory"]), times


def _measure(folder: Path, *words: str) -> float:
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "claudepack", *words], cwd=folder, check=True, capture_output=True, timeout=60
    )
    return time.perf_counter() - begin
