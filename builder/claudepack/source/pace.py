"""How slowly a server may answer: what pip and git each leave open.

pip gives up where nothing comes for as long as its `--timeout` says, and git where less than `http.lowSpeedLimit` comes
for `http.lowSpeedTime`, if somebody has set these, and only over HTTP. So a server that sends a byte now and then would
hold a run for ever. Both get one bound here, far below what a slow line carries; what a user has set is in force.
"""

import os
import subprocess
from functools import cache
from typing import NamedTuple

SLOWEST, _SECONDS = 1000, 60
TOO_SLOW = f"fewer than {SLOWEST:,} bytes a second"  # what pip's process ends with, so that this is known from it


class Pace(NamedTuple):
    """How few bytes a second, for how many seconds, are too few; with a 0, none are."""

    limit: int
    seconds: int


def find_pace(url: str) -> Pace:
    """That of git for a URL: by its variables, else by its settings, else our own."""
    scheme, _, rest = url.partition("://")
    root = f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"
    limit = os.environ.get("GIT_HTTP_LOW_SPEED_LIMIT") or ask_git("http.lowSpeedLimit", root)
    seconds = os.environ.get("GIT_HTTP_LOW_SPEED_TIME") or ask_git("http.lowSpeedTime", root)
    return Pace(_read(limit, SLOWEST), _read(seconds, _SECONDS))


@cache
def ask_git(setting: str, root: str = "") -> str:
    """What the user has set in git's configuration, for what is below a URL; empty for nothing.

    The repository that we are in is not asked: what is fetched is no business of it.
    """
    words = ["--type=int", "--get-urlmatch", setting, root] if root else ["--get", setting]
    done = subprocess.run(
        ["git", "config", *words],  # noqa: S607 - looked up on the PATH, as for the user
        env={**os.environ, "GIT_DIR": os.devnull},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return "" if done.returncode else done.stdout.strip()


def _read(text: str, usual: int) -> int:
    return int(text) if text.isdecimal() else usual
