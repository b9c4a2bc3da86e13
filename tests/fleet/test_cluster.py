"""A fleet on a real Dask cluster: a scheduler and two workers, each a process of its own, of which one dies."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Tool
from fleets import AUTHOR, copy_bare, list_branches, make_bare

_PYTHON = [sys.executable, "-W", "ignore", "-m"]


class Cluster:
    """The processes of a cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        words = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.scheduler = self._start(*words, "--scheduler-file", str(self.file))
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> None:
        """One more, which may do two things at once."""
        words = ["distributed.cli.dask_worker", "--scheduler-file", str(self.file), "--nthreads", "2", "--no-nanny"]
        local = ["--no-dashboard", "--local-directory", str(self.folder)]
        self.workers.append(self._start(*words, *local))

    def stop(self) -> None:
        """End all of it."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    @staticmethod
    def _start(*words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([*_PYTHON, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def find_address(self) -> str:
        """Where the scheduler is, once both workers are there."""
        from distributed import Client

        while not self.file.exists():
            time.sleep(0.05)
        with Client(scheduler_file=str(self.file), set_as_default=False) as client:  # type: ignore[no-untyped-call]
            if self.workers:
                client.wait_for_workers(len(self.workers), timeout=60)
            return str(client.scheduler.address)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    running = Cluster(tmp_path)
    try:
        yield running
    finally:
        running.stop()


def test_a_worker_that_dies_in_the_middle_costs_nothing(tmp_path: Path, cluster: Cluster) -> None:
    (tmp_path / "fleet.toml").write_text('[packs]\nbackend = ">=1"\n')
    bares = copy_bare(make_bare(tmp_path / "shop.git"), tmp_path / "remotes", 10)
    cluster.add_worker()
    cluster.add_worker()
    words = ["fleet", "sync", "--glob", "remotes/*", *AUTHOR, "--scheduler", cluster.find_address()]
    run = subprocess.Popen(
        [sys.executable, "-m", "claudepack", *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=os.environ
    )
    results = tmp_path / "fleet.jsonl"
    while not results.exists() or results.read_bytes().count(b"\n") < 3:
        assert run.poll() is None
        time.sleep(0.01)
    cluster.workers[0].kill()
    out, _ = run.communicate(timeout=120)

    assert run.returncode == 0, out
    assert results.read_bytes().count(b"\n") == len(bares)
    assert all(len(list_branches(bare)) == 2 for bare in bares)


def test_a_scheduler_that_is_not_there_or_has_no_workers_is_told(tmp_path: Path, tool: Tool, cluster: Cluster) -> None:
    (tmp_path / "fleet.toml").write_text('[packs]\nbackend = ">=1"\n')
    words = ("fleet", "sync", "--repo", str(make_bare(tmp_path / "shop.git")), *AUTHOR, "--scheduler")

    alone = tool(*words, cluster.find_address(), cwd=tmp_path)
    cluster.scheduler.kill()
    gone = tool(*words, "nonsense://x", cwd=tmp_path)

    assert (alone.exit, gone.exit) == (2, 2)
    assert "no workers" in alone.err
    assert "no scheduler answers" in gone.err
