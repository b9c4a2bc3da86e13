"""What a run is at, shown where a person watches and it takes more than half a second; then it is gone.

One line of standard error, drawn by a thread of its own: the work neither waits for it nor notices what becomes of it.
The cursor is left alone and no handler is set, so that whatever ends the process leaves a terminal as it was.
"""

import _thread
import contextlib
import os
import sys
import time

from claudepack.tasks import Task, Watcher, find_task, watch_tasks

_QUIET_SECONDS = 0.5
_SECONDS = 0.1
_WIDTH = 79  # on a wide terminal the eye need not go far
_CLEAR = b"\r\x1b[2K"
_PATIENCE = 1.0  # a terminal that was stopped holds the thread, and must not hold the run


def show_progress() -> None:
    """Show what this process is at, unless standard error leads elsewhere than to a terminal that can be drawn on."""
    if sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM", "dumb") != "dumb":
        watch_tasks(_Line(sys.stderr.fileno()))


class _Line(Watcher):
    """The one line, and the one thread that draws it while there is something to show.

    A thread of `threading` would be waited for at the end of the process, and be one import more.

    Args:
        number: The terminal's descriptor.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._since = time.monotonic()
        self._turn = 0
        self._is_alive = self._is_drawn = False
        self._lock = _thread.allocate_lock()

    def begin(self) -> None:
        self._turn += 1
        if self._is_alive or not self._lock.acquire(timeout=_PATIENCE):
            return
        with contextlib.suppress(RuntimeError):  # the system has no more threads: the run goes on, and nobody sees it
            if not self._is_alive:
                _thread.start_new_thread(self._draw, ())
                self._is_alive = True
        self._lock.release()

    def end(self) -> None:
        self._turn += 1
        if self._is_drawn and self._lock.acquire(timeout=_PATIENCE):
            self._is_drawn = False
            self._write(_CLEAR)
            self._lock.release()

    def _draw(self) -> None:
        """Draw what goes on now; once something is drawn, a task that comes later has to last a moment, too."""
        before = self._turn
        time.sleep(max(self._since + _QUIET_SECONDS - time.monotonic(), _SECONDS))
        while task := self._find_task():
            turn = self._turn
            line = self._render(task) if turn == before and self._is_in_front() else b""
            with self._lock:
                if line and self._turn == turn:
                    self._is_drawn = True
                    self._write(_CLEAR + line)
            before = turn
            time.sleep(_SECONDS)

    def _find_task(self) -> Task | None:
        """What goes on; where nothing does, the thread is over, and whatever begins from now on starts another."""
        with self._lock:
            self._is_alive = False
            task = find_task()
            self._is_alive = task is not None
            return task

    def _is_in_front(self) -> bool:
        """Whether the terminal is this process's now, and not the shell's that has put it into the background."""
        try:
            return sys.platform == "win32" or os.tcgetpgrp(self._number) == os.getpgrp()
        except OSError:
            return False

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the terminal has gone
            os.write(self._number, data)

    def _render(self, task: Task) -> bytes:
        from rich.console import Console
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        from claudepack.report.text import escape_controls

        console = Console(file=sys.stderr, highlight=False)
        width = min(console.width - 1, _WIDTH)
        count = f"{task.done:,}" + f"/{task.total:,}" * bool(task.total) if task.done or task.total else ""
        bar = ProgressBar(total=task.total or None, completed=task.done, width=width // 3, pulse=not task.total)
        seconds = f"{time.monotonic() - self._since:.0f} s"
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_row(Text(escape_controls(task.what)), bar, Text(count), Text(seconds))
        with console.capture() as captured:
            console.print(table, width=width, end="")
        return captured.get().strip("\n").encode(console.encoding, "replace")
