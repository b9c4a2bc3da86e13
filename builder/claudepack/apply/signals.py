"""Ctrl-C and SIGTERM: before a commit they unwind the run, after it they wait until it is done."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def termination_raised() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C does, so that what a run has begun is removed; its exit code stays 143."""
    if not _may_handle():
        yield
        return

    def terminate(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Let both wait until what was committed is done."""
    if not _may_handle():
        yield
        return
    arrived: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in arrived:
        signal.raise_signal(late)


def _may_handle() -> bool:
    """Whether signals come here: they go to the main thread, and only it may say how."""
    return threading.current_thread() is threading.main_thread()
