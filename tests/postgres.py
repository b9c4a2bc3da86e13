"""A real PostgreSQL server for a test, on a socket in a folder of its own and nowhere else."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OWNER = "shop_owner"
# PostgreSQL refuses to run as root; as nobody, it still has to come through root's folders to its own.
_AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
_AS_NOBODY += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
_SECONDS = 60


def find_postgres() -> Path | None:
    """The folder of the newest server's programs: on PATH, or where Debian keeps them."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name.partition(".")[0]))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


@dataclass(frozen=True)
class Postgres:
    """A running server; its databases belong to `OWNER` and nobody is asked for a password."""

    programs: Path
    folder: Path

    def url(self, database: str, user: str = OWNER) -> str:
        """Where a client finds a database."""
        return f"postgres://{user}@localhost/{database}?host={self.folder}"

    def run(self, database: str, sql: str, *, user: str = OWNER, one_transaction: bool = False) -> str:
        """Run statements with psql, up to the first that fails; raises AssertionError with its message."""
        words = [
            self.programs / "psql",
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.folder,
            "-U",
            user,
            "-d",
            database,
        ]
        done = subprocess.run(
            [*map(str, words), *(["-1"] if one_transaction else []), "-f", "-"],
            input=sql,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=_SECONDS,
        )
        assert done.returncode == 0, f"{sql}\n{done.stderr}"
        return done.stdout.strip()


@contextlib.contextmanager
def start_postgres(programs: Path, folder: Path) -> Iterator[Postgres]:
    """Run a server while the context is open; its data and its socket lie in the folder."""
    prefix = _AS_NOBODY if os.geteuid() == 0 else []
    if prefix:
        os.chown(folder, 65534, 65534)
    data = folder / "data"
    initialise = [programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
    done = subprocess.run([*prefix, *map(str, initialise)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # `fsync=off`: what a test wrote need not survive the machine.
    words = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*prefix, *map(str, words)], cwd=folder, stdout=log, stderr=log)
        try:
            postgres = Postgres(programs, folder)
            _await(server, postgres)
            yield postgres
        finally:
            server.send_signal(signal.SIGINT)  # ends sessions instead of waiting for them
            server.wait(_SECONDS)


def _await(server: subprocess.Popen[bytes], postgres: Postgres) -> None:
    ready = [str(postgres.programs / "pg_isready"), "-q", "-h", str(postgres.folder), "-U", OWNER, "-d", "postgres"]
    for _ in range(_SECONDS * 20):
        assert server.poll() is None, (postgres.folder / "log").read_text()
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError((postgres.folder / "log").read_text())
