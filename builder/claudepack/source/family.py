"""A process and all that it starts: a family, which is ended at once and leaves nobody behind."""

import contextlib
import os
import signal
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

_running: set["subprocess.Popen[bytes]"] = set()


@contextlib.contextmanager
def hold_family(process: "subprocess.Popen[bytes]", *, is_group: bool = True) -> Iterator[None]:
    """While others wait for a process, they can be told to stop; whatever comes of it, no process is left.

    Args:
        process: What has been started.
        is_group: Whether in a session of its own, as what starts others has to be: a `git-remote-https` would go on,
            and hold the pipes open.
    """
    if is_group:
        _running.add(process)
    with process:
        try:
            yield
        except BaseException:
            _kill(process, is_group=is_group)
            raise
        finally:
            _running.discard(process)


def stop_all() -> None:
    """End every family that others wait for: they are told that it failed."""
    for process in list(_running):
        _kill(process, is_group=True)


def _kill(process: "subprocess.Popen[bytes]", *, is_group: bool) -> None:
    if is_group and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also where it has ended itself, and what it started has not
    else:
        process.kill()
