"""A run as a process of its own: the console script, and `python -m claudepack`."""

import gc
import io
import os
import sys

from claudepack.cli import main

_OBJECTS = 100_000


def run() -> int:
    """Run one command, and leave the tidying up to the end of the process.

    Looking for cycles costs a run that changes nothing a tenth of its time, and the memory ends with it anyway; one
    that goes on (`sync --watch`) is still looked through now and then.

    Returns:
        The exit code.
    """
    gc.set_threshold(_OBJECTS)
    _open_streams()
    code = main()
    gc.freeze()
    return code


def _open_streams() -> None:
    """Let every text be printed: to nobody where a stream is closed, escaped where its encoding does not know it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # whatever is opened next would get its number, and the output of what we call
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - until the process ends
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(run())
