"""How far a run of many repositories is, where a person watches."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from claudepack.fleet.spec import RepositoryReport
from claudepack.tasks import Watcher, watch_tasks


@contextlib.contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Callable[[RepositoryReport], None]]:
    """Gives what is to be told of each report; on a terminal a line says how many there are of each state.

    What each of many threads is at would say nothing: that is not shown.
    """
    watch_tasks(Watcher())
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    counts: dict[str, int] = {}
    with Console(stderr=True).status("…") as status:

        def tell(report: RepositoryReport) -> None:
            counts[report.state] = counts.get(report.state, 0) + 1
            told = ", ".join(f"{count} {state}" for state, count in counts.items())
            status.update(escape(f"{told}; {report.name}"))

        yield tell
