"""The executor of a run: threads of this process, or a Dask cluster, which is how it leaves one machine."""

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from claudepack.errors import ClaudepackError

_MOST_THREADS = 8
_SECONDS = 10


@contextlib.contextmanager
def open_executor(scheduler: str, jobs: int) -> Iterator[tuple[Executor, int]]:
    """An executor, and how many repositories are under way in it at once.

    Args:
        scheduler: The address of a Dask scheduler; empty for threads.
        jobs: How many are wanted; 0 for as many as are fit.

    Raises:
        ClaudepackError: The scheduler does not answer, or Dask is not here.
    """
    if not scheduler:
        window = jobs or min(_MOST_THREADS, 2 * (os.cpu_count() or 1))
        with ThreadPoolExecutor(window) as executor:
            yield executor, window
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ClaudepackError(
            "--scheduler needs Dask, which is not here", code="dask", hint="pip install 'claudepack[dask]'"
        ) from error
    try:
        client = Client(scheduler, timeout=_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]  # Dask's
    except (OSError, ValueError) as error:
        raise ClaudepackError(
            f"{scheduler}: no scheduler answers: {error}", code="dask", hint="start one with: dask scheduler"
        ) from error
    with client:
        threads = sum(client.ncores().values())  # type: ignore[no-untyped-call]  # likewise
        if not threads:
            raise ClaudepackError(
                f"{scheduler}: it has no workers", code="dask", hint=f"start some with: dask worker {scheduler}"
            )
        # Twice as many as there are threads: the next need not be sent for.
        with client.get_executor(pure=False) as executor:  # type: ignore[no-untyped-call]  # likewise
            yield executor, jobs or 2 * threads
