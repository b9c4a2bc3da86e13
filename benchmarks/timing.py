"""One process: how long it takes, and how much memory it has at its peak."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TOOL = str(Path(sys.executable).with_name("claudepack"))


class Measured(NamedTuple):
    """What one process took: seconds of the clock and of the processor, and MiB at its peak.

    Linux counts at least what the parent had when it forked, so this program stays small.
    """

    seconds: float
    cpu: float
    peak: float


def make_environment(home: Path) -> dict[str, str]:
    """What a process sees: a home of its own with an empty cache, and bytecode that is written."""
    dropped = ("CLAUDEPACK_", "XDG_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Measured:
    """Run one process to its end, once everything that was written before is on the disk."""
    os.sync()
    start = time.perf_counter()
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr
    with process.stderr as stream:
        said = stream.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(words[:6])}: exit {process.returncode}\n{said}")
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu, usage.ru_maxrss / (1 << 10 if sys.platform == "linux" else 1 << 20))
