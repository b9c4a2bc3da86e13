"""Processes that a test has started without being their parent."""

import time
from pathlib import Path


def is_gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends in time: a zombie that nobody has waited for has."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False
