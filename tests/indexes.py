"""Package indexes on loopback: real ones, and ones that misbehave."""

import base64
import contextlib
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from repositories import wait_for_port

USER, PASSWORD = "reader", "pass-secret"


@contextlib.contextmanager
def serve_index(folder: Path, *, private: bool = False) -> Iterator[str]:
    """A pypiserver for the wheels in a folder; gives its URL, without the credentials that a private one asks for."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "pypiserver", "run", "--interface=127.0.0.1", "--disable-fallback"]
    if private:
        passwords = folder.parent / f"{folder.name}.htpasswd"
        hashed = base64.b64encode(hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).digest()).decode()
        passwords.write_text(f"{USER}:{{SHA}}{hashed}\n")
        words += [f"--passwords={passwords}", "--authenticate=list,download,update"]
    else:
        words += ["--passwords=.", "--authenticate=."]
    port = _find_port()
    server = subprocess.Popen(
        [*words, f"--port={port}", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}/simple"
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextlib.contextmanager
def serve_pages(pages: dict[str, tuple[int, str, bytes]], *, certificate: Path | None = None) -> Iterator[str]:
    """A server that answers each path with a status, a content type and a body; "" is for every other path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = pages.get(self.path, pages[""])
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket, scheme = context.wrap_socket(server.socket, server_side=True), "https"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{server.server_port}/simple"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(path: Path) -> Path:
    """A certificate for loopback that nobody has vouched for, with its key, by the openssl command."""
    key = path.with_suffix(".key")
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(path)]
    subprocess.run([*words, *more], check=True, capture_output=True, timeout=60)
    path.write_bytes(key.read_bytes() + path.read_bytes())
    return path


def write_netrc() -> None:
    """Let the home of the test know the credentials of a private index on loopback."""
    path = Path.home() / ".netrc"
    path.write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    path.chmod(0o600)


def write_keyring(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `keyring` on the PATH know them, as a company's own way to log in does, and pip ask it."""
    path = folder / "keyring"
    folder.mkdir()
    known = json.dumps({"username": USER, "password": PASSWORD})
    path.write_text(f"#!/bin/sh\ntest \"$3\" = get && echo '{known}'\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PIP_KEYRING_PROVIDER", "subprocess")


def _find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
