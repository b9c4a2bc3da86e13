"""One process: how long it takes, and how much memory it has at its peak."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import resource

TOOL = str(Path(sys.executable).with_name("claudepack"))


class Measured(NamedTuple):
    """What one process took: seconds of the clock and of the processor, and MiB at its peak.

    Linux counts at least what the parent had when it forked, so this program stays small. Of a process that was given
    a limit, `failure` says why the figures mean nothing.
    """

    seconds: float
    cpu: float
    peak: float
    failure: str = ""


def make_environment(home: Path) -> dict[str, str]:
    """What a process sees: a home of its own with an empty cache, and bytecode that is written."""
    dropped = ("CLAUDEPACK_", "XDG_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], limit: float | None = None) -> Measured:
    """Run one process to its end, once everything that was written before is on the disk.

    Args:
        words: The program and its arguments.
        folder: Where it runs.
        environment: What it sees.
        limit: The seconds that a program which is not ours may take. If it fails, that is a result and ends nothing.
    """
    os.sync()
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        own = limit is not None  # a group of its own can be killed with all that it began
        start = time.perf_counter()
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=own,
        )
        status, usage = _wait(process.pid, limit)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        message = said.read().strip()
    if process.returncode and limit is None:
        raise SystemExit(f"{' '.join(words[:6])}: exit {process.returncode}\n{message}")
    failure = f"exit {process.returncode}: {message[-200:]}" if process.returncode else ""
    if limit is not None and process.returncode and seconds >= limit:
        failure = f"over {limit:g} s"
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu, usage.ru_maxrss / (1 << 10 if sys.platform == "linux" else 1 << 20), failure)


def _wait(number: int, limit: float | None) -> tuple[int, "resource.struct_rusage"]:
    if limit is None:
        return os.wait4(number, 0)[1:]
    timer = threading.Timer(limit, os.killpg, (number, signal.SIGKILL))
    timer.start()
    try:
        return os.wait4(number, 0)[1:]
    finally:
        timer.cancel()
