"""Waiting for git: until it is done, until its time is over, or for as long as enough comes.

Over HTTP git itself looks at how much comes. Over ssh and `git://` it would wait for ever, so there the size of what is
on the disk is looked at. It says nothing while a server thinks, or tells what it has, so the time is a longer one.
"""

import contextlib
import subprocess
import time
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.source.family import hold_family
from claudepack.source.pace import find_pace
from claudepack.urls import strip_credentials

_UNMEASURED, _TIMES = ("ssh", "git"), 5


def has_family(url: str, until: float | None) -> bool:
    """Whether git starts what would outlive it, so that all of it has to be a group that can be ended at once."""
    return until is not None or _find_scheme(url) in ("http", "https", *_UNMEASURED)


def wait_for_git(
    process: "subprocess.Popen[bytes]", stdin: bytes, url: str, folder: Path | None, until: float | None
) -> tuple[bytes, bytes]:
    """What git prints to both of its streams; whatever comes of it, no process is left.

    Raises:
        ClaudepackError: It was not done in time, with the code `timeout`, or the server is too slow.
    """
    with hold_family(process, is_group=has_family(url, until)):
        try:
            if until is None:
                return _communicate(process, stdin, url, folder)
            return process.communicate(stdin, timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            if until is None:
                pace = find_pace(url)
                raise explain_slowness(url, pace.limit, _TIMES * pace.seconds) from error
            raise ClaudepackError(
                f"{strip_credentials(url)}: not done in time",
                code="timeout",
                hint="give it longer, or look at the server",
            ) from error


def explain_slowness(url: str, limit: int, seconds: int) -> ClaudepackError:
    """That a server is slower than it may be."""
    return ClaudepackError(
        f"{strip_credentials(url)}: fewer than {limit:,} bytes a second in {seconds} s",
        code="network",
        hint="try again later; where the line is that slow: git config --global http.lowSpeedLimit 100",
    )


def _communicate(
    process: "subprocess.Popen[bytes]", stdin: bytes, url: str, folder: Path | None
) -> tuple[bytes, bytes]:
    seconds, enough = _find_patience(url)
    size = 0
    while True:
        try:
            return process.communicate(stdin, timeout=seconds or None)
        except subprocess.TimeoutExpired:
            before, size = size, _measure(folder)
            if size - before < enough:
                raise


def _find_patience(url: str) -> tuple[int, int]:
    """For how many seconds something has to come, and how much; 0 for ever."""
    if _find_scheme(url) not in _UNMEASURED:
        return 0, 0
    pace = find_pace(url)
    return _TIMES * pace.seconds if pace.limit else 0, _TIMES * pace.seconds * pace.limit


def _find_scheme(url: str) -> str:
    return url.partition("://")[0].lower()


def _measure(folder: Path | None) -> int:
    """How much of a pack is here: git writes it as it comes."""
    size = 0
    for path in (folder / "objects/pack").glob("*") if folder else ():
        with contextlib.suppress(FileNotFoundError):  # it has just got its final name
            size += path.stat().st_size
    return size
