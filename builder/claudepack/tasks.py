"""What a run is at, noted where it may take a while. Whoever shows it looks here, and nobody mostly does.

On the way of a run that changes nothing, and inside of a transaction: what does the work only sets attributes, and
is called by nothing that could fail.
"""

TYPE_CHECKING = False  # importing typing for it would cost half a start
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class Watcher:
    """Is told when there is something to show, and when no more. It must not raise; this one shows nothing."""

    def begin(self) -> None:
        """A task has begun."""

    def end(self) -> None:
        """The last task that was begun is over; what was shown is to be gone when this returns."""


_watchers = [Watcher()]
_begun: "list[Task]" = []


class Task:
    """Something that may take a while; within another one, it is the one that is shown.

    Attributes:
        what: In a few words, such as `reading ./mine`.
        done: How many of its parts are done.
        total: How many there are, 0 where nobody knows.
    """

    __slots__ = ("done", "total", "what")

    def __init__(self, what: str, total: int = 0) -> None:
        self.what, self.total, self.done = what, total, 0

    def __enter__(self) -> "Self":
        _begun.append(self)
        if len(_begun) == 1:
            _watchers[0].begin()
        return self

    def __exit__(
        self, kind: "type[BaseException] | None", error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        _begun.remove(self)
        if not _begun:
            _watchers[0].end()


def find_task() -> Task | None:
    """What is going on now."""
    return _begun[-1] if _begun else None


def watch_tasks(watcher: Watcher) -> None:
    """Have somebody told from now on."""
    _watchers[0] = watcher
