"""Lines on loopback that let through only so many bytes a second of what a server answers."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

_PIECES = 10  # a second


class SlowLine:
    """What a line has let through, and whether anybody is still at its end."""

    def __init__(self, url: str, rate: int, prompt: int) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._rate, self._prompt = rate, prompt
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f":{parts.port}", f":{self._listener.getsockname()[1]}", 1)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def wait_until_left(self, seconds: float) -> bool:
        """Whether, within some seconds, everybody has gone who asked something."""
        until = time.monotonic() + seconds
        for thread in self._threads[1:]:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads[1:])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._answer, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _answer(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            asking = threading.Thread(target=self._ask, args=(client, server), daemon=True)
            asking.start()
            with contextlib.suppress(OSError):  # whoever asked has gone
                left = self._prompt
                while piece := server.recv(left or max(1, self._rate // _PIECES)):
                    client.sendall(piece)
                    time.sleep(0 if left else len(piece) / self._rate)
                    left = max(0, left - len(piece))

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while asked := client.recv(1 << 16):
                server.sendall(asked)
            server.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def slow_line(url: str, rate: int, *, prompt: int = 0) -> Iterator[SlowLine]:
    """A line to the server of a URL: of each answer it lets some bytes through at once, then so many a second."""
    line = SlowLine(url, rate, prompt)
    try:
        yield line
    finally:
        line.close()
