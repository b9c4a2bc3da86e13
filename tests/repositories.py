"""Git repositories with packs in them, and a daemon that serves them on loopback."""

import base64
import contextlib
import gzip
import http.server
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_WHO = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.org",
    "-c",
    "commit.gpgsign=false",
    "-c",
    "init.defaultBranch=main",
]


def git(folder: Path, *words: str) -> str:
    """Run git in a folder."""
    done = subprocess.run(["git", *_WHO, *words], cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def commit_all(folder: Path, message: str = "a commit", *, tag: str = "") -> str:
    """Commit everything in a folder, made a repository if it is none, and say the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", message)
    if tag:
        git(folder, "tag", "--force", "--annotate", "--message", tag, tag)
    return git(folder, "rev-parse", "HEAD")


@contextlib.contextmanager
def serve_repositories(base: Path) -> Iterator[str]:
    """`git daemon` for the repositories below a folder; gives what their URLs begin with."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "git",
        "daemon",
        "--export-all",
        "--reuseaddr",
        "--listen=127.0.0.1",
        f"--port={port}",
        f"--base-path={base}",
    ]
    daemon = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for_port(port)
        yield f"git://127.0.0.1:{port}"
    finally:
        os.killpg(daemon.pid, 15)
        daemon.wait(timeout=10)


def wait_for_port(port: int) -> None:
    """Wait until something listens on a port of loopback."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on {port}")


@contextlib.contextmanager
def serve_over_http(
    base: Path, user: str, password: str, *, failures: int = 0, is_open: bool = False, is_old: bool = False
) -> Iterator[str]:
    """git's smart HTTP for the repositories below a folder; gives its URL.

    It is behind Basic authentication, unless it is open to everybody. It may be one that nobody has told to hand the
    header `Git-Protocol` on.

    The first requests may fail, as those to a server that has too much to do.
    """
    left = [503] * failures
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            if left:
                self.send_response(left.pop())
                self.end_headers()
                return
            if not is_open and self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="packs"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            variables = {
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROJECT_ROOT": str(base),
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": "" if is_old else self.headers.get("Git-Protocol", ""),
            }
            data = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            done = subprocess.run(
                ["git", "http-backend"], env={**os.environ, **variables}, input=data, capture_output=True, check=False
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
