"""A server that trickles is left after a while, with nothing changed; on a line that is only slow, all goes on."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from claudepack.source.pace import SLOWEST
from claudepack.source.pip import Index, fetch_wheels
from conftest import Tool
from indexes import serve_index
from repositories import commit_all, git, serve_over_http, serve_repositories
from slow_lines import SlowLine, slow_line
from trees import read_tree, write_pack, write_wheel

TRICKLE, SLOW = 5, 3 * SLOWEST  # bytes a second
SIZE, MORE = 25_000, 120_000
# As long as a run may take that is to give up: far below the time that the whole answer would take.
SECONDS = 30


def _noise(size: int = SIZE) -> str:
    """A text that becomes half of it where it is packed, and no less."""
    return random.Random(1).randbytes(size // 2).hex() + "\n"  # noqa: S311 - no secret


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("PIP_TIMEOUT", "0.75")
    monkeypatch.setenv("PIP_RETRIES", "0")
    write_wheel(tmp_path / "wheels", "corp", "1.0", files={"prompts/p/noise.md": _noise()})
    with serve_index(tmp_path / "wheels") as url:
        yield url


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a pack."""
    root = tmp_path / "served/mine"
    write_pack(root, {"prompts/p/noise.md": _noise(MORE)})
    commit_all(root, tag="v1.0")
    return root


def _give_up(tool: Tool, project: Path, line: SlowLine | None, *words: str) -> str:
    """What a run says that was not willing to wait."""
    before, begin = read_tree(project), time.monotonic()
    run = tool(*words)
    assert time.monotonic() - begin < SECONDS
    assert (run.exit, read_tree(project)) == (2, before)
    assert line is None or line.wait_until_left(5)
    return run.err


@pytest.mark.parametrize("prompt", [0, 2000], ids=["page", "wheel"])
def test_an_index_that_trickles_is_left(tool: Tool, project: Path, index: str, prompt: int) -> None:
    with slow_line(index, TRICKLE, prompt=prompt) as line:
        told = _give_up(tool, project, line, "install", "corp", "--index-url", line.url)

    assert told.startswith(f"error: {line.url} answers with fewer than 1,000 bytes a second\n")
    assert "PIP_TIMEOUT" in told


def test_one_that_is_asked_for_all_its_versions_is_left_as_well(tool: Tool, project: Path, index: str) -> None:
    text = '[packs]\ncorp = {version = ">=1", index = "own"}\n[index]\nown = "%s"\n'
    (project / "claudepack.toml").write_text(text % index)
    assert tool("sync").exit == 0
    with slow_line(index, TRICKLE) as line:
        (project / "claudepack.toml").write_text(text % line.url)
        told = _give_up(tool, project, line, "outdated")

    assert "answers with fewer than 1,000 bytes a second" in told


def test_an_index_on_a_slow_line_is_waited_for(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    (tmp_path / "stage").mkdir()
    with slow_line(index, SLOW) as line:
        begin = time.monotonic()
        [wheel] = fetch_wheels(["claudepack-corp==1.0"], Index(url=line.url), tmp_path / "stage")
    assert time.monotonic() - begin > 4  # so it was looked at
    assert wheel.read_bytes() == (tmp_path / "wheels" / wheel.name).read_bytes()


def _set(name: str, value: str) -> None:
    git(Path.home(), "config", "--global", name, value)


def test_a_repository_over_http_that_trickles_is_left(tool: Tool, project: Path, repository: Path) -> None:
    _set("http.lowSpeedTime", "2")
    with (
        serve_over_http(repository.parent, "", "", is_open=True) as url,
        slow_line(url, TRICKLE, prompt=200) as line,
    ):
        told = _give_up(tool, project, line, "install", f"git+{line.url}/mine/.git@v1.0")

    assert told.startswith(f"error: {line.url}/mine/.git: fewer than 1,000 bytes a second in 2 s\n")
    assert "http.lowSpeedLimit" in told


def test_one_that_git_has_no_measure_for_is_left_with_all_that_was_started(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    script, beats = tmp_path / "ssh", tmp_path / "beats"
    script.write_text(
        f"#!/bin/sh\ntrap '' PIPE\nprintf fff0\nwhile :; do printf x; echo >> '{beats}'; sleep 0.1; done\n"
    )
    script.chmod(0o755)
    _set("core.sshCommand", str(script))
    _set("http.lowSpeedTime", "1")

    told = _give_up(tool, project, None, "install", "git+ssh://git@example.org/mine@v1.0")

    assert told.startswith("error: ssh://git@example.org/mine: fewer than 1,000 bytes a second in 5 s\n")
    last = beats.stat().st_size
    time.sleep(0.5)
    assert beats.stat().st_size == last > 0


def test_one_on_a_slow_line_is_waited_for(tool: Tool, project: Path, repository: Path) -> None:
    _set("http.lowSpeedTime", "1")
    _set("http.lowSpeedLimit", "100")  # git writes what comes in pieces, and a machine may have other things to do
    with serve_repositories(repository.parent) as url, slow_line(url, 8 * SLOWEST) as line:
        begin = time.monotonic()
        run = tool("install", f"git+{line.url}/mine@v1.0")
    assert run.exit == 0, run.err
    assert time.monotonic() - begin > 5  # so it was looked at
    assert (project / ".claude/prompts/p/noise.md").read_text() == _noise(MORE)
