"""The judge of plugins: what is exported, the real client takes; what it loads of a plugin, a pack of it brings."""

import json
from pathlib import Path

import pytest

from claude_client import ClaudeClient
from conftest import Tool
from trees import AGENT, write_pack, write_tree

pytestmark = pytest.mark.client

STOP = "$CLAUDE_PROJECT_DIR/.claude/hooks/stop.sh"
FILES = {
    "agents/team/own.md": AGENT.format(name="own"),
    "commands/go.md": "---\ndescription: Goes.\n---\nGo.\n",
    "skills/count/SKILL.md": "---\nname: count\ndescription: Counts.\n---\nCount.\n",
    "hooks/stop.sh": "echo\n",
    "settings.json": json.dumps({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": STOP}]}]}}),
    "mcp.json": '{"mcpServers": {"db": {"type": "http", "url": "https://db.example.org"}}}',
}


@pytest.mark.parametrize("form", ["plugin", "marketplace"])
def test_what_is_exported_is_valid(client: ClaudeClient, tool: Tool, tmp_path: Path, form: str) -> None:
    write_pack(tmp_path / "mine", FILES)
    assert tool("export", form, "../mine", "-o", "../out").exit == 0

    said = client.validate(tmp_path / "out")

    assert "Validation passed" in said
    for component in ("mine:mine", "mine:team:own", "mine:go", "mine:count") if form == "plugin" else ():
        assert component in said


def test_what_is_exported_installs_from_a_local_marketplace(
    client: ClaudeClient, tool: Tool, project: Path, tmp_path: Path
) -> None:
    write_pack(tmp_path / "mine", FILES)
    assert tool("export", "marketplace", "../mine", "-o", "../shop").exit == 0

    said = client.install_plugin("mine", tmp_path / "shop", Path.home())

    assert "Successfully installed plugin: mine@shop" in said
    write_tree(project, {".mcp.json": '{"mcpServers": {}}'})
    loaded = client.loaded(project, Path.home())
    assert {"mine:mine", "mine:team:own"} <= set(loaded["agents"])
    assert "mine:count" in loaded["skills"]
    assert "mine:go" in loaded["slash_commands"]


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {"agents": "./agents/"},
        {"agents": {}, "hooks": []},
        {"commands": {"go": {"content": "Go."}}},
        {"commands": {"go": {}}},
        {"mcpServers": {"db": {"url": "https://db.example.org"}}},
        {"hooks": [{}], "mcpServers": [], "outputStyles": []},
        {"author": "us"},
        {"name": "claude-box"},
        {"name": "official-box"},
    ],
    ids=str,
)
def test_a_manifest_that_the_client_refuses_is_told(
    client: ClaudeClient, tool: Tool, tmp_path: Path, manifest: dict[str, object]
) -> None:
    about = {".claude-plugin/plugin.json": json.dumps({"name": "box", "version": "1.0.0", **manifest})}
    box = write_tree(tmp_path / "box", {**about, "agents/own.md": AGENT.format(name="own")})

    is_valid = "Validation passed" in client.validate(box)

    assert (tool("check", box, "--strict", "--select", "PK010,PK012").exit == 0) is is_valid


def test_what_is_not_valid_is_told_apart(client: ClaudeClient, tmp_path: Path) -> None:
    write_tree(tmp_path / "bad", {".claude-plugin/plugin.json": '{"name": "bad", "agents": ["./absent"]}'})

    assert "Validation failed" in client.validate(tmp_path / "bad")


@pytest.mark.parametrize("scope", [[], ["--user"]])
def test_the_hooks_of_a_plugin_run_where_they_were_installed(
    client: ClaudeClient, tool: Tool, project: Path, tmp_path: Path, scope: list[str]
) -> None:
    begin = {
        "hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": 'sh "${CLAUDE_PLUGIN_ROOT}/go.sh"'}]}]}
    }
    files = {
        ".claude-plugin/plugin.json": '{"name": "box"}',
        "agents/own.md": AGENT.format(name="own"),
        "hooks/hooks.json": json.dumps(begin),
        "go.sh": f'echo "$0" > {tmp_path}/ran\n',
    }
    assert tool("install", write_tree(tmp_path / "box", files), *scope, "--allow", "hooks,executables").exit == 0

    client.start(project, Path.home())

    place = Path.home() if scope else project
    assert (tmp_path / "ran").read_text() == f"{place}/.claude/hooks/box/go.sh\n"


def test_the_agents_of_a_plugin_are_loaded_from_the_project(
    client: ClaudeClient, tool: Tool, project: Path, tmp_path: Path
) -> None:
    about = '{"name": "box", "version": "1.0.0", "agents": ["./team/own.md"]}'
    write_tree(tmp_path / "box", {".claude-plugin/plugin.json": about, "team/own.md": AGENT.format(name="own")})
    assert "Validation passed" in client.validate(tmp_path / "box")

    assert tool("install", "../box").exit == 0

    assert client.context(project).agents["own"][0] == "Project"
