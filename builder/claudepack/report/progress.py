"""What a run is at, shown where a person watches and it takes more than half a second; then it is gone.

One line of standard error, drawn by a thread of its own: the work neither waits for it nor notices what becomes of it.
The cursor is left alone and no handler is set, so that whatever ends the process leaves a terminal as it was.
"""

import _thread
import os
import sys
import time

from claudepack.steps import Step, Watcher, find_step, watch_steps

TYPE_CHECKING = False  # importing typing for it would cost half a start
if TYPE_CHECKING:
    from rich.console import Console

_QUIET_SECONDS = 0.5
_SECONDS = 0.1
_WIDTH = 79  # on a wide terminal the eye need not go far
_CLEAR = b"\r\x1b[2K"
_PATIENCE = 1.0  # a terminal that was stopped holds the thread, and must not hold the run


def show_progress() -> None:
    """Show what this process is at, unless standard error leads elsewhere than to a terminal that can be drawn on."""
    if sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM", "dumb") != "dumb":
        watch_steps(_Line(sys.stderr.fileno()))


class _Line(Watcher):
    """The one line.

    Args:
        number: The terminal's descriptor.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._since = time.monotonic()
        self._begun = 0
        self._is_drawn = False
        self._lock = _thread.allocate_lock()

    def begin(self) -> None:
        self._begun += 1
        try:
            _thread.start_new_thread(self._draw, (self._begun,))
        except RuntimeError:
            return  # the system has no more threads: there is nothing to see, and the run goes on

    def end(self) -> None:
        self._begun += 1
        if self._lock.acquire(timeout=_PATIENCE):
            try:
                self._clear()
            finally:
                self._lock.release()

    def _clear(self) -> None:
        if self._is_drawn:
            self._is_drawn = False
            self._write(_CLEAR)

    def _draw(self, turn: int) -> None:
        """Draw until the turn is over; a step that comes late has to last a moment, too.

        A thread of `threading` would be waited for at the end, and be one import more.
        """
        time.sleep(max(self._since + _QUIET_SECONDS - time.monotonic(), _SECONDS))
        if self._begun != turn:
            return
        from rich.console import Console

        console = Console(file=sys.stderr, highlight=False)
        while (step := find_step()) and self._begun == turn:
            line = _render(console, step, time.monotonic() - self._since) if self._is_in_front() else b""
            with self._lock:
                if self._begun != turn or (line and not self._write(_CLEAR + line)):
                    return
                self._is_drawn |= bool(line)
            time.sleep(_SECONDS)

    def _is_in_front(self) -> bool:
        """Whether the terminal is this process's now, and not the shell's that has put it into the background."""
        try:
            return sys.platform == "win32" or os.tcgetpgrp(self._number) == os.getpgrp()
        except OSError:
            return False

    def _write(self, data: bytes) -> bool:
        """Write to the terminal; False where it is gone."""
        try:
            os.write(self._number, data)
        except OSError:
            return False
        return True


def _render(console: "Console", step: Step, seconds: float) -> bytes:
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    from claudepack.report.text import escape_controls

    width = min(console.width - 1, _WIDTH)
    count = f"{step.done:,}" + f"/{step.total:,}" * bool(step.total) if step.done or step.total else ""
    bar = ProgressBar(total=step.total or None, completed=step.done, width=width // 3, pulse=not step.total)
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_row(Text(escape_controls(step.what)), bar, Text(count), Text(f"{seconds:.0f} s"))
    with console.capture() as captured:
        console.print(table, width=width, end="")
    return captured.get().strip("\n").encode(console.encoding, "replace")
