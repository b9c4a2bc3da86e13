"""Every kind of component that a pack can hold is loaded by the real client once it is installed."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from claude_client import ClaudeClient
from claudepack.lint.client_schema import EVENTS
from conftest import Tool
from trees import AGENT, write_pack, write_tree

pytestmark = pytest.mark.client

SKILL = "---\nname: tidy\ndescription: Tidies up.\n---\n\nRun scripts/tidy.sh.\n"
OURS = '{\n\t"permissions": {"deny": ["Read(.env)"]}\n}\n'
FILES = {
    "agents/team/reviewer.md": AGENT.format(name="reviewer"),
    "agents/other/reviewer.md": AGENT.format(name="other-reviewer"),
    "prompts/p/guide.md": "Guide.\n",
    "skills/tidy/SKILL.md": SKILL,
    "skills/tidy/scripts/tidy.sh": "#!/bin/sh\ntrue\n",
    "commands/ops/ship.md": "---\ndescription: Ships it.\n---\n\nShip $ARGUMENTS.\n",
    "rules/style.md": "Write short sentences, says PERSIMMON.\n",
    "output-styles/plain.md": "---\nname: plain\ndescription: Plain.\n---\n\nBe plain.\n",
    "hooks/check.sh": "#!/bin/sh\ntrue\n",
    "CLAUDE.md": "The context says QUINCE.\n",
    "settings.json": json.dumps(
        {
            "permissions": {"allow": ["Bash(make)"], "ask": ["WebFetch"]},
            "env": {"TEAM": "shop"},
            "hooks": {
                "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": ".claude/hooks/check.sh"}]}]
            },
        }
    ),
    "mcp.json": json.dumps({"mcpServers": {"pantry": {"type": "stdio", "command": "/bin/false"}}}),
}
SERVERS = '{"mcpServers": {}}'
ALLOW = ("--allow", "hooks,mcp,permissions,executables")


@pytest.fixture
def repository(project: Path, tmp_path: Path, tool: Tool) -> Path:
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    write_tree(project, {".claude/settings.json": OURS})
    pack = write_pack(tmp_path / "mine", FILES)
    for script in ("skills/tidy/scripts/tidy.sh", "hooks/check.sh"):
        (pack / script).chmod(0o755)
    run = tool("install", pack, *ALLOW)
    assert run.exit == 0, run.err
    return project


def test_all_of_it_is_loaded(client: ClaudeClient, repository: Path) -> None:
    loaded, request = client.loaded(repository), client.request(repository)

    assert {"mine", "reviewer", "other-reviewer"} <= set(loaded["agents"])
    assert "tidy" in loaded["skills"]
    assert "ops:ship" in loaded["slash_commands"]
    assert loaded["mcp_servers"] == ["pantry"]
    assert "PERSIMMON" in request
    assert "QUINCE" in request


def test_the_client_finds_nothing_wrong_with_the_settings(client: ClaudeClient, repository: Path) -> None:
    path = repository / ".claude/settings.json"
    sound = client.doctor(repository)
    path.write_text(path.read_text().replace('"deny": [', '"deny": [7, '))

    assert "settings.json" not in sound
    assert "settings.json" in client.doctor(repository), "else the test could not fail"


def test_the_events_of_hooks_are_those_that_the_client_knows(client: ClaudeClient, project: Path) -> None:
    write_tree(project, {".claude/settings.json": '{"hooks": {"Never": []}}'})

    known = re.search(r'"Never" was ignored\. Valid events: ([\w, ]+)', client.doctor(project))

    assert known
    assert set(known[1].split(", ")) == set(EVENTS)


def test_a_command_and_a_skill_of_one_name_are_one_to_the_client(client: ClaudeClient, project: Path) -> None:
    write_tree(
        project, {".claude/commands/ship.md": "Ship.\n", ".claude/commands/go.md": "Go.\n", ".mcp.json": SERVERS}
    )
    alone = client.loaded(project)
    write_tree(project, {".claude/skills/ship/SKILL.md": SKILL.replace("tidy", "ship")})

    both = client.loaded(project)

    assert {"ship", "go"} <= set(alone["slash_commands"])
    assert both["slash_commands"].count("ship") == 1


def test_scripts_can_be_run_and_texts_cannot(repository: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o111 for path in (repository / ".claude").rglob("*") if path.is_file()}

    assert {name for name, mode in modes.items() if mode} == {"tidy.sh", "check.sh"}


def test_an_uninstall_leaves_what_was_there(tool: Tool, client: ClaudeClient, repository: Path) -> None:
    assert tool("uninstall", "mine").exit == 0

    assert (repository / ".claude/settings.json").read_text() == OURS
    write_tree(repository, {".mcp.json": '{"mcpServers": {}}'})
    loaded = client.loaded(repository)
    assert not {"mine", "reviewer", "other-reviewer"} & set(loaded["agents"])
    assert "tidy" not in loaded["skills"]
    assert "ops:ship" not in loaded["slash_commands"]
