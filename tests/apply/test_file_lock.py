"""One process at a time has a lock, and none that has ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claudepack.apply.file_lock import FileLock

HOLD = "import sys, time; from claudepack.apply.file_lock import FileLock; lock = FileLock(sys.argv[1])\n"
HOLD += "print(lock.acquire(), flush=True); time.sleep(60)"


def test_one_at_a_time_has_it(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    first, second = FileLock(path), FileLock(path)

    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_another_process_has_it_until_it_ends_however_that_is(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        assert not FileLock(path).acquire()
        holder.send_signal(signal.SIGKILL)

    lock = FileLock(path)
    assert lock.acquire()
    lock.release()


def test_a_file_that_its_holder_removed_is_no_lock_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opened it before, and gets the lock on it afterwards, would share the project with whoever makes it anew."""
    path = tmp_path / "lock"
    real = os.open

    def open_late(place: str, flags: int, mode: int) -> int:
        number = real(place, flags, mode)
        path.unlink()
        return number

    monkeypatch.setattr(os, "open", open_late)

    assert not FileLock(str(path)).acquire()


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="lock"):
        FileLock(str(tmp_path / "lock")).acquire()
    assert not (tmp_path / "elsewhere").exists()
