"""A real OpenSSH server for one connection at a time, at the other end of a pipe: no port, and nobody's own keys."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "packs.example"
_CHROOT = Path("/run/sshd")  # which a server that runs as root wants to be there; else its init script makes it
_SERVER = """\
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
StrictModes no
PidFile none
PermitRootLogin yes
"""
_CLIENT = """\
Host {host}
  {way}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  GlobalKnownHostsFile /dev/null
  LogLevel ERROR
"""


@dataclass(frozen=True)
class SshHost:
    """What a user has of a host, and the host of them: keys of each in the other's file."""

    folder: Path

    @property
    def url(self) -> str:
        """What the URL of a repository begins with, whose absolute path follows."""
        return f"ssh://{HOST}"

    def know_host(self) -> None:
        """The user has seen the host's key before."""
        public = (self.folder / "host.pub").read_text()
        (self.folder / "known").write_text(f"{HOST} {public}")

    def exchange_host_key(self) -> None:
        """The host comes with another key than the user has seen."""
        for path in self.folder.glob("host*"):
            path.unlink()
        _make_key(self.folder / "host")

    def let_in(self) -> None:
        """The host knows the user's key."""
        shutil.copy(self.folder / "key.pub", self.folder / "authorized")

    def lock_key(self, passphrase: str) -> None:
        """The user's key has a passphrase from now on."""
        words = ["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", str(self.folder / "key")]
        subprocess.run(words, check=True, capture_output=True)

    def refuse_connections(self, port: int) -> None:
        """Nothing listens there any more, which is to be said of a port of loopback."""
        self._write_client(f"HostName 127.0.0.1\n  Port {port}")

    def _write_client(self, way: str) -> None:
        text = _CLIENT.format(host=HOST, way=way, folder=self.folder)
        (self.folder / "config").write_text(text)


def make_ssh_host(folder: Path, monkeypatch: pytest.MonkeyPatch) -> SshHost:
    """A host that nobody knows yet, reached by whatever looks up `ssh` on the PATH; the test is skipped without one."""
    server = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    client = shutil.which("ssh")
    if not server or not client:
        pytest.skip("OpenSSH's server is not installed (Debian: apt-get install openssh-server)")
    if os.geteuid() == 0:
        _CHROOT.mkdir(exist_ok=True)
    folder.mkdir()
    _make_key(folder / "host")
    _make_key(folder / "key")
    (folder / "server").write_text(_SERVER.format(folder=folder))
    host = SshHost(folder)
    host._write_client(f"ProxyCommand {server} -i -f {folder}/server")  # noqa: SLF001 - its own
    script = folder / "bin/ssh"  # ssh reads the home that the system's list of users has, whatever HOME says
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {client} -F {folder}/config "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    return host


def _make_key(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "t@example.org", "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)
