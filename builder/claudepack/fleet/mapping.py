"""A job mapped over an executor: a window of it at a time, so that memory does not grow with what is to be done."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from math import inf
from typing import TypeVar

from claudepack.source.family import stop_all

Item = TypeVar("Item")
Answer = TypeVar("Answer")
_STEP = 0.05


def map_window(  # noqa: PLR0913 - what is done, with what, and how fast
    executor: Executor,
    job: Callable[[Item], Answer],
    items: Iterable[Item],
    *,
    window: int,
    per_minute: float = 0,
    room: Callable[[], float] = lambda: inf,
    explain: Callable[[Item, Exception], Answer],
) -> Iterator[Answer]:
    """The answers, each as soon as it is there.

    Args:
        executor: Where it is done: threads, processes, another machine.
        job: What is done.
        items: What it is done to; the next is asked for only when there is room for it.
        window: How many are under way at once.
        per_minute: How many are begun in a minute at most; 0 for as many as can be.
        explain: The answer where there is none: a worker has died, or there is a mistake in what it does.
        room: How many may be under way at most, by what has come of the others; with none, no more are begun.
    """
    source = iter(items)
    pending: dict[Future[Answer], Item] = {}
    begin = 0.0
    try:
        while True:
            while len(pending) < min(window, room()):
                try:
                    item = next(source)
                except StopIteration:
                    break
                begin = _await_turn(begin, per_minute)
                pending[executor.submit(job, item)] = item
            if not pending:
                return
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                item, error = pending.pop(future), future.exception()
                yield explain(item, error) if isinstance(error, Exception) else future.result()
    finally:
        _give_up(pending)


def _await_turn(begin: float, per_minute: float) -> float:
    if per_minute:
        time.sleep(max(0.0, begin + 60 / per_minute - time.monotonic()))
    return time.monotonic()


def _give_up(pending: Iterable["Future[Answer]"]) -> None:
    """End what is under way: its clones are thrown away, and what was pushed is whole."""
    for future in pending:
        future.cancel()
    while wait(pending, timeout=_STEP).not_done:
        stop_all()
