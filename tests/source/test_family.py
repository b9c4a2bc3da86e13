"""What a process has started ends with it, when it is not done in time and when nobody waits for it any more."""

import subprocess
import threading
import time
from pathlib import Path

import pytest

from claudepack.source.family import hold_family, stop_all
from processes import is_gone

LIVES = ["sleep 60 & echo $! > pid; wait", "sleep 60 & echo $! > pid"]  # the second ends before its child does
SECONDS = 20.0


def _start(folder: Path, script: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        ["sh", "-c", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.parametrize("script", LIVES)
def test_what_is_not_done_in_time_leaves_nobody(tmp_path: Path, script: str) -> None:
    process = _start(tmp_path, script)

    with pytest.raises(subprocess.TimeoutExpired), hold_family(process):
        process.communicate(timeout=1)

    assert is_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("script", LIVES)
def test_whoever_waits_is_told_when_all_are_stopped(tmp_path: Path, script: str) -> None:
    process = _start(tmp_path, script)
    ended = threading.Event()

    def wait() -> None:
        with hold_family(process):
            process.communicate()
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    stop_all()

    assert ended.wait(SECONDS)
    thread.join()
    assert is_gone(int((tmp_path / "pid").read_text()))


def test_what_was_done_is_left_as_it_is(tmp_path: Path) -> None:
    process = _start(tmp_path, "sleep 60 > /dev/null 2>&1 & echo $! > pid; echo done")

    with hold_family(process):
        out, _ = process.communicate(timeout=SECONDS)

    pid = int((tmp_path / "pid").read_text())
    assert (out, Path(f"/proc/{pid}").exists()) == (b"done\n", True)
    subprocess.run(["kill", str(pid)], check=True)
