"""git over ssh, by a real server: what it takes, and what is told where it fails; nobody is ever asked."""

import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from claudepack.fleet.job import sync_repository
from claudepack.fleet.spec import RepositorySpec
from conftest import Tool
from fleets import AUTHOR, edit_bare, make_bare, merge_own, show
from repositories import commit_all, git
from ssh_host import HOST, SshHost, make_ssh_host
from trees import read_tree, write_installed, write_pack, write_tree

PROMPT = ".claude/prompts/p/a.md"
TEXT = "".join(f"Line {number}.\n" for number in range(9))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SshHost:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return make_ssh_host(tmp_path / "ssh", monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    write_pack(root, {"prompts/p/a.md": "one\n"})
    commit_all(root, tag="v1.0")
    return root


def _befriend(host: SshHost) -> None:
    host.know_host()
    host.let_in()


def test_a_pack_is_fetched_with_the_user_s_key_and_kept_in_step(
    tool: Tool, project: Path, host: SshHost, repository: Path
) -> None:
    _befriend(host)

    run = tool("install", f"git+{host.url}{repository}@main")

    assert run.exit == 0, run.err
    assert (project / PROMPT).read_text() == "one\n"
    write_tree(repository, {"prompts/p/a.md": "two\n"})
    commit_all(repository)
    assert tool("update").exit == 0
    assert (project / PROMPT).read_text() == "two\n"


@pytest.mark.parametrize("ref", ["v1.0", "main", "commit"])
def test_a_server_that_tells_only_what_it_advertises_gives_a_commit_that_no_branch_is_at(
    tool: Tool, project: Path, tmp_path: Path, host: SshHost, repository: Path, ref: str
) -> None:
    _befriend(host)  # by default it hands no GIT_PROTOCOL on, so git talks as before 2.18
    word = git(repository, "rev-parse", "HEAD") if ref == "commit" else ref
    if ref == "main":
        assert tool("install", f"git+{host.url}{repository}@{word}").exit == 0
    write_tree(repository, {"prompts/p/a.md": "two\n"})
    commit_all(repository)

    words = ("sync", "--frozen") if ref == "main" else ("install", f"git+{host.url}{repository}@{word}")
    (project / PROMPT).unlink(missing_ok=True)
    run = tool(*words, cache=tmp_path / "empty")

    assert run.exit == 0, run.err
    assert (project / PROMPT).read_text() == "one\n"


def _do_nothing(_: SshHost) -> None:
    """Nobody knows anybody."""


def _forget_user(host: SshHost) -> None:
    host.know_host()
    (host.folder / "authorized").write_text("")


def _change_host(host: SshHost) -> None:
    _befriend(host)
    host.exchange_host_key()


def _lock_key(host: SshHost) -> None:
    _befriend(host)
    host.lock_key("secret")


def _refuse(host: SshHost) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host.refuse_connections(free.getsockname()[1])


@pytest.mark.parametrize(
    ("prepare", "path", "said", "hint"),
    [
        (_do_nothing, "", "Host key verification failed", f"ssh {HOST}"),
        (_change_host, "", "Host key verification failed", f"ssh {HOST}"),
        (_forget_user, "", "access denied: ", "an ssh key"),
        (_lock_key, "", "Permission denied (publickey", "an ssh key"),
        (_refuse, "", "Connection refused", "git ls-remote"),
        (_befriend, "-not", "-not' does not appear to be a git repository\n", "git ls-remote"),
    ],
)
def test_what_is_in_the_way_is_told_and_nobody_is_asked(
    tool: Tool,
    project: Path,
    host: SshHost,
    repository: Path,
    prepare: Callable[[SshHost], None],
    path: str,
    said: str,
    hint: str,
) -> None:
    prepare(host)

    run = tool("install", f"git+{host.url}{repository}{path}@v1.0")

    assert run.exit == 2
    message, _, told = run.err.partition("\n  ")
    assert said in message + "\n"
    assert hint in told
    assert "Could not read from remote repository" not in run.err
    assert read_tree(project) == {}


def test_a_key_with_a_passphrase_that_an_agent_holds_will_do(
    tool: Tool, host: SshHost, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _befriend(host)
    host.lock_key("secret")
    ask = tmp_path / "ask"
    ask.write_text("#!/bin/sh\necho secret\n")
    ask.chmod(0o755)
    socket = str(tmp_path / "agent")
    asks = {"SSH_AUTH_SOCK": socket, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        while not Path(socket).exists():
            assert agent.poll() is None
        words = ["ssh-add", "-q", str(host.folder / "key")]
        subprocess.run(words, env={**os.environ, **asks}, stdin=subprocess.DEVNULL, check=True)
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)

        run = tool("install", f"git+{host.url}{repository}@v1.0")
    finally:
        agent.terminate()
        agent.wait(10)

    assert run.exit == 0, run.err


def test_a_fleet_s_repository_is_cloned_and_pushed_to_and_its_history_has_the_base_of_an_edit(
    tmp_path: Path, host: SshHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    _befriend(host)
    bare = make_bare(tmp_path / "shop.git")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env/.venv"))
    write_installed(tmp_path / "env", {"prompts/p/a.md": TEXT}, version="1.0.0")
    spec = RepositorySpec(f"{host.url}{bare}", manifest='[packs]\nmine = ">=1"\n', run=str(tmp_path), author=AUTHOR[1])

    first = sync_repository(spec)

    assert first.state == "pushed", first.error
    merge_own(bare)
    for number in range(3):
        edit_bare(bare, {PROMPT: TEXT.replace("Line 0", f"Line nought {number}")})
    write_installed(tmp_path / "env", {"prompts/p/a.md": TEXT.replace("Line 8", "Line eight")}, version="1.1.0")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

    second = sync_repository(replace(spec, action="update", run="2"))

    assert second.state == "pushed", second.error
    merged = TEXT.replace("Line 0", "Line nought 2").replace("Line 8", "Line eight")
    assert show(bare, second.branch, PROMPT) == merged.strip()
