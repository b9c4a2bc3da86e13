"""A run as a process of its own: the console script, and `python -m claudepack`."""

import gc
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
    code = main()
    gc.freeze()
    return code


if __name__ == "__main__":
    sys.exit(run())
