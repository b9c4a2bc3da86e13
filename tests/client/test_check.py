"""`check --client` and `update --prove` ask the real client, and say what it does not load."""

import json
from pathlib import Path

import pytest

from claude_client import VERSION, ClaudeClient
from claudepack.lint.page import read_page
from claudepack.lint.registry import load_rules
from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

pytestmark = pytest.mark.client

WHOLE = {
    ".claude/agents/reviewer.md": AGENT.format(name="reviewer"),
    ".claude/agents/web/tester.md": AGENT.format(name="tester"),
    ".claude/skills/tidy/SKILL.md": "---\nname: tidy\ndescription: Tidies up.\n---\n\nTidy.\n",
    ".claude/commands/ops/ship.md": "Ship it.\n",
}
BROKEN = {
    ".claude/agents/number.md": "---\nname: number\ndescription: 7\n---\n",
    ".claude/agents/colon.md": "---\nname: 'a:b'\ndescription: d\n---\n",
    ".claude/agents/UPPER.MD": AGENT.format(name="upper"),
    ".claude/skills/low/skill.md": "---\nname: low\ndescription: d\n---\n",
}
# It would be run, if anything were.
HOOK = {"hooks": [{"type": "command", "command": "touch ran"}]}
SETTINGS = json.dumps({"apiKeyHelper": "touch ran", "hooks": {"SessionStart": [HOOK]}})


@pytest.fixture
def path(client: ClaudeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client is on the PATH."""
    monkeypatch.setenv("PATH", f"{client.executable.parent}:/usr/local/bin:/usr/bin:/bin")


@pytest.mark.usefixtures("path")
def test_what_the_client_does_not_load_is_named_and_nothing_is_run(tool: Tool, project: Path) -> None:
    write_tree(project, {**WHOLE, **BROKEN, ".claude/settings.json": SETTINGS})
    before = read_tree(project)

    run = tool("check", "--client", "--select", "CL", "--json")

    assert run.exit == 1
    assert {finding["path"] for finding in run.json["findings"]} == set(BROKEN)
    assert all(VERSION in finding["message"] for finding in run.json["findings"])
    assert read_tree(project) == before


@pytest.mark.usefixtures("path")
def test_the_page_of_the_rule_is_true(tool: Tool, tmp_path: Path) -> None:
    page = read_page(load_rules()["CL001"])
    for name, files in (("bad", page.bad), ("good", page.good)):
        write_tree(tmp_path / name / ".claude", files)

    found = tool("check", tmp_path / "bad", "--client", "--json").json["findings"]
    assert "CL001" in [finding["code"] for finding in found]
    assert tool("check", tmp_path / "good", "--client", "--json").json["findings"] == []


@pytest.mark.usefixtures("path")
def test_what_we_cannot_read_and_the_client_can_is_loaded(tool: Tool, project: Path) -> None:
    write_tree(project, {".claude/agents/a.md": "---\nname: a\nmodel: opus\nmodel: opus\ndescription: d\n---\n"})

    assert tool("check", "--client", "--select", "CL", "--json").json["findings"] == []


@pytest.mark.usefixtures("path")
def test_a_pack_is_asked_about_like_a_project(tool: Tool, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"agents/seven.md": "---\nname: seven\ndescription: 7\n---\n"})

    run = tool("check", pack, "--client", "--select", "CL", "--json")

    assert [finding["path"] for finding in run.json["findings"]] == [f"{pack}/agents/seven.md"]


@pytest.mark.usefixtures("path")
def test_of_two_agents_of_one_name_one_is_not_loaded(tool: Tool, project: Path) -> None:
    write_tree(project, {f".claude/agents/{name}.md": AGENT.format(name="twin") for name in "ab"})

    [finding] = tool("check", "--client", "--select", "CL", "--json").json["findings"]

    assert finding["path"] == ".claude/agents/b.md"
    assert ".claude/agents/a.md" in finding["message"]


@pytest.mark.usefixtures("path")
def test_an_update_that_loses_nothing_is_proven_and_done(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"agents/old.md": AGENT.format(name="old")})
    assert tool("install", pack).exit == 0
    write_pack(pack, {"agents/new.md": AGENT.format(name="new")}, version="1.1.0")
    (pack / "agents/old.md").unlink()

    run = tool("update", "--prove", "--json")

    assert run.exit == 0, run.err
    assert run.json["notices"] == [
        f"Claude Code {VERSION} loads all 2 agents, skills and commands that it should: it was asked",
        "the update takes away the agent 'old' (agents/old.md)",
    ]
    assert (project / ".claude/agents/new.md").exists()
