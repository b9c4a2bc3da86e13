"""The service that the samples make, as a process that answers on loopback, and the mail service it calls."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import queue
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postgres import Postgres
from sample_project import SampleProject

_SECONDS = 30
_ORIGIN = "https://shop.example"
_NEW_KEY = """
const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
console.log(JSON.stringify({ keys: [{ ...(await crypto.subtle.exportKey('jwk', privateKey)), kid: 'first' }] }));
"""


@dataclass(frozen=True)
class Answer:
    """What the service said; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a test looks at what it expects
        return json.loads(self.text)


@dataclass(frozen=True)
class Mailbox:
    """The mail service's side: each mail with its key; attempts get the statuses in `failures`, while there are any."""

    url: str
    mails: "queue.Queue[tuple[str, Any]]" = field(default_factory=queue.Queue)
    failures: "queue.Queue[int]" = field(default_factory=queue.Queue)

    def next(self) -> tuple[str, Any]:
        return self.mails.get(timeout=_SECONDS)


@contextlib.contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    """Serve on loopback what the service sends its mails through."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with contextlib.suppress(queue.Empty):
                self.send_response(mailbox.failures.get_nowait())
                self.end_headers()
                return
            mailbox.mails.put((self.headers["idempotency-key"], json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        mailbox = Mailbox(f"http://127.0.0.1:{server.server_address[1]}/mails")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Service:
    """A running service; `log` grows while it runs."""

    process: subprocess.Popen[str]
    port: int
    log: list[dict[str, Any]]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request; an underscore in a header's name stands for a hyphen."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body)
        if data is not None:
            sent["content-type"] = "application/json"
        with contextlib.closing(connection):
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    def tells(self, message: str) -> bool:
        """Whether it logs a message, which may come after the answer that it tells of."""
        end = time.monotonic() + _SECONDS
        while not (said := any(entry["msg"] == message for entry in self.log)) and time.monotonic() < end:
            time.sleep(0.01)
        return said

    def stop(self) -> int:
        """Ask it to end, and wait for its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_SECONDS)


def settings(postgres: Postgres, database: str, mailbox: Mailbox) -> dict[str, str]:
    """The environment of a service, with keys of its own."""
    key = subprocess.run(
        ["node", "--input-type=module", "-e", _NEW_KEY], capture_output=True, text=True, check=True, timeout=_SECONDS
    )
    return {
        **os.environ,
        "PORT": "0",
        "METRICS_PORT": "0",
        "PUBLIC_URL": _ORIGIN,
        "TRUSTED_PROXIES": "127.0.0.1",
        "DATABASE_URL": postgres.url(database),
        "SIGNING_KEYS": key.stdout,
        "LINK_SECRET": secrets.token_hex(32),
        "MAIL_URL": mailbox.url,
        "DRAIN_MS": "300",
    }


@contextlib.contextmanager
def start_service(project: SampleProject, environment: Mapping[str, str]) -> Iterator[Service]:
    """Run the service while the context is open, once it listens."""
    words = ["node", str(project.built / "src/main.js")]
    process = subprocess.Popen(words, cwd=project.root, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    log: list[dict[str, Any]] = []
    listening = threading.Event()

    def read(lines: Iterator[str]) -> None:
        for line in lines:
            log.append(json.loads(line))
            if log[-1]["msg"].startswith("Server listening"):
                listening.set()
        listening.set()  # it has ended, and will not listen

    reader = threading.Thread(target=read, args=[process.stdout])
    reader.start()
    try:
        assert listening.wait(_SECONDS)
        assert process.poll() is None, log
        # One line for each address of the machine; the port is the same.
        address, *_ = (entry["msg"] for entry in log if entry["msg"].startswith("Server listening"))
        yield Service(process, int(address.rpartition(":")[2]), log)
    finally:
        process.kill()
        process.wait(_SECONDS)
        reader.join()
        process.stdout.close()


@dataclass(frozen=True)
class Account:
    """Somebody who has registered and is logged in."""

    service: Service
    email: str
    password: str
    tokens: Mapping[str, str]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """A request of theirs."""
        bearer = f"Bearer {self.tokens['accessToken']}"
        return self.service.call(method, path, body, authorization=bearer, **headers)

    @property
    def claims(self) -> Any:  # noqa: ANN401 - a test looks at what it expects
        payload = self.tokens["accessToken"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))


def open_account(service: Service, mailbox: Mailbox, name: str, address: str) -> Account:
    """Register, follow the link of the mail, log in; `address` is where the requests come from."""
    email, password = f"{name}@shop.example", f"the password of {name}"
    asked = service.call("POST", "/v1/registrations", {"email": email}, x_forwarded_for=address)
    assert asked.status == 202, asked
    _, mail = mailbox.next()
    assert mail["to"] == email
    token = mail["text"].partition("#")[2]
    created = service.call("POST", "/v1/users", {"token": token, "password": password, "tenant": name})
    assert created.status == 201, created
    logged_in = service.call(
        "POST", "/v1/sessions", {"email": email.upper(), "password": password}, x_forwarded_for=address
    )
    assert logged_in.status == 201, logged_in
    return Account(service, email, password, logged_in.json)


def migrate(project: SampleProject, environment: Mapping[str, str], folder: Path) -> list[str]:
    """Run the samples' own runner over a folder of migrations; tells which it applied."""
    words = ["node", str(project.built / "src/migrate.js"), str(folder)]
    done = subprocess.run(
        words, cwd=project.root, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    assert done.returncode == 0, done.stderr
    applied: list[str] = json.loads(done.stdout)["applied"]
    return applied
