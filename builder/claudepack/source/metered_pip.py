"""pip as `python -m pip` runs it, except that an answer which trickles ends it: a process of its own.

pip's `--timeout` is for each read, so that one byte now and then holds it for ever. Here what arrives is counted where
Python reads from a connection, whatever pip does with it, against the time for which was waited.
"""

import runpy
import socket
import time
from typing import TYPE_CHECKING

from claudepack.source.pace import SLOWEST, TOO_SLOW

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_TIMES, _USUAL = 4, 15  # times pip's timeout, which is so many seconds unless the user says otherwise


class TooSlowError(BaseException):
    """A server trickles. What is an Exception, or an error of a connection, pip would try again."""


class MeteredIO(socket.SocketIO):
    """What an answer is read from; it may be slow for four times as long as pip waits for a single byte."""

    def __init__(self, connection: socket.socket, mode: str) -> None:
        super().__init__(connection, mode)  # type: ignore[arg-type]  # one of six words, and not ours
        self._patience = _TIMES * (connection.gettimeout() or _USUAL)
        self._waited, self._count = 0.0, 0

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        """Read, and give up where too little has come."""
        begin = time.monotonic()
        count = super().readinto(buffer)
        self._waited += time.monotonic() - begin
        self._count += count or 0
        if count and self._waited >= self._patience:
            if self._count < SLOWEST * self._patience:
                raise TooSlowError(TOO_SLOW)
            self._waited, self._count = 0.0, 0
        return count


if __name__ == "__main__":
    socket.SocketIO = MeteredIO  # type: ignore[misc, assignment]  # what `makefile` of every connection makes
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
