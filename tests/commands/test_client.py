"""The version of the client that a pack asks for, against the one that is here."""

import os
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    claude = tmp_path / "bin/claude"
    claude.parent.mkdir()
    claude.write_text("#!/bin/sh\necho '2.0.5 (Claude Code)'\n")
    claude.chmod(0o755)
    monkeypatch.setenv("PATH", f"{claude.parent}{os.pathsep}{os.environ['PATH']}")
    return write_pack(tmp_path / "mine", {"pack.toml": 'requires-claude-code = ">=2.1"\n'})


def test_an_older_client_is_a_notice(tool: Tool, pack: Path) -> None:
    run = tool("install", pack, "--json")

    assert run.exit == 0
    assert run.json["notices"] == ["mine asks for Claude Code >=2.1, and here is 2.0.5"]


def test_strictly_it_is_a_refusal(tool: Tool, project: Path, pack: Path) -> None:
    run = tool("install", pack, "--strict")

    assert run.exit == 2
    assert "2.0.5" in run.err
    assert read_tree(project) == {}


def test_a_client_that_answers_what_is_no_text_has_no_version(tool: Tool, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "bin/claude").write_text("#!/bin/sh\nprintf '\\377\\n'\n")

    run = tool("install", pack, "--json")

    assert (run.exit, run.json["notices"]) == (0, [])


def test_a_client_that_is_new_enough_is_not_mentioned(tool: Tool, pack: Path) -> None:
    (pack / "pack.toml").write_text('requires-claude-code = ">=2.0"\n')

    assert tool("install", pack, "--json", "--strict").json["notices"] == []


SAYS = {
    "echo 'Not logged in'": "Not logged in",
    "exit 3": "nothing",
    'echo \'{"subtype": "other"}\'': "other",
}


@pytest.mark.parametrize(("script", "said"), SAYS.items())
def test_a_client_that_does_not_say_what_it_loads_is_an_error(
    tool: Tool, pack: Path, tmp_path: Path, script: str, said: str
) -> None:
    (tmp_path / "bin/claude").write_text(f"#!/bin/sh\n{script}\n")

    run = tool("check", pack, "--client", "--json")

    assert (run.exit, run.json["error"]["code"]) == (2, "client")
    assert said in run.json["error"]["message"]


def test_without_a_client_asking_it_is_an_error(
    tool: Tool, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (project / "agents").mkdir()

    run = tool("check", "--client", "--json")

    assert (run.exit, run.json["error"]["code"]) == (2, "no-client")
