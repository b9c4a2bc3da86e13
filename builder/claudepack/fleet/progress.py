"""How far a run of many repositories is, where a person watches."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from claudepack.tasks import Watcher, watch_tasks


@contextlib.contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Callable[[str, str], None]]:
    """Gives what is to be told the state and the name of each; on a terminal a line says how many are in each state.

    What each of many threads is at would say nothing: that is not shown.
    """
    watch_tasks(Watcher())
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _state, _name: None
        return
    from rich.console import Console
    from rich.markup import escape

    counts: dict[str, int] = {}
    with Console(stderr=True).status("…") as status:

        def tell(state: str, name: str) -> None:
            counts[state] = counts.get(state, 0) + 1
            told = ", ".join(f"{count} {known}" for known, count in counts.items())
            status.update(escape(f"{told}; {name}"))

        yield tell
