"""A terminal: a process runs in it as in a person's, and what it writes there is read."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

CLEAR = "\r\x1b[2K"
# The process's own terminal, so that it gets its signals, and is in front of it.
_TAKE = "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
_QUIET = ("CI", "NO_COLOR", "TERM", "COLUMNS", "LINES", "FORCE_COLOR")


class Terminal:
    """A terminal in which one process runs; its standard output may lead elsewhere.

    Args:
        words: The process.
        folder: Where it runs.
        output: A file for its standard output.
        settings: Variables of its environment.
    """

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        *,
        output: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.master, slave = pty.openpty()
        self.resize(80)
        kept = {name: value for name, value in os.environ.items() if name not in _QUIET}
        stream = output.open("wb") if output else None
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE, *words],
            cwd=folder,
            env={**kept, "TERM": "xterm", **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=stream or slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        if stream:
            stream.close()
        self.text = ""

    def resize(self, columns: int) -> None:
        """Give it another width; the process is told by a signal."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read_until(self, sign: str = "") -> str:
        """What is written from now until it has a sign in it, or nobody writes any more."""
        seen = ""
        while not sign or sign not in seen:
            try:
                chunk = os.read(self.master, 1 << 16)
            except OSError:  # the process, and whoever it started, has ended
                break
            if not chunk:
                break
            seen += chunk.decode()
        self.text += seen
        return seen

    def end(self) -> int:
        """Read the rest, and give the exit code."""
        self.read_until()
        os.close(self.master)
        return self.process.wait(timeout=60)

    @property
    def screen(self) -> list[str]:
        """The lines that are left on it, without colours."""
        plain = re.sub(r"\x1b\[[\d;]*m", "", self.text).replace("\r\n", "\n")
        return [line.rpartition(CLEAR)[2] for line in plain.split("\n")]
