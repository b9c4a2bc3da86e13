"""What an update loses, by what the client says before and after it."""

import os
from pathlib import Path

import pytest

from claudepack.commands.proof import Losses, find_losses, name_heads
from claudepack.lint.loaded import Loaded
from conftest import Tool
from trees import AGENT, read_tree, write_pack

A = {"agents/a.md": ("agent", "a")}
MOVED = {"agents/b.md": ("agent", "a")}
RENAMED = {"agents/a.md": ("agent", "z")}

CASES = {
    "nothing changes": (A, "a", A, "a", Losses((), ())),
    "it is there and no longer loaded": (A, "a", A, "", Losses(("the agent 'a' (agents/a.md)",), ())),
    "it was not loaded before": (A, "", A, "", Losses((), ())),
    "its file is gone": (A, "a", {}, "", Losses((), ("the agent 'a' (agents/a.md)",))),
    "it is in another file": (A, "a", MOVED, "a", Losses((), ())),
    "it has another name, and is loaded": (A, "a", RENAMED, "z", Losses((), ("the agent 'a' (agents/a.md)",))),
    "it has another name, and is not": (A, "a", RENAMED, "", Losses(("the agent 'a' (agents/a.md)",), ())),
}


@pytest.mark.parametrize(("before", "was", "after", "now", "losses"), CASES.values(), ids=CASES.keys())
def test_what_is_lost(
    before: dict[str, tuple[str, str]], was: str, after: dict[str, tuple[str, str]], now: str, losses: Losses
) -> None:
    assert find_losses(before, _load(was), after, _load(now)) == losses


def _load(names: str) -> Loaded:
    return Loaded("2.1.0", frozenset(names), frozenset(), frozenset())


def test_heads_are_named_as_the_client_names_them() -> None:
    heads = {
        "agents/team/x.md": AGENT.format(name="a").encode(),
        "agents/broken.md": b"no frontmatter\n",
        "skills/tidy/SKILL.md": AGENT.format(name="other").encode(),
        "commands/ops/ship.md": b"Ship it.\n",
    }

    assert name_heads(heads) == {
        "agents/team/x.md": ("agent", "a"),
        "agents/broken.md": ("agent", ""),
        "skills/tidy/SKILL.md": ("skill", "tidy"),
        "commands/ops/ship.md": ("command", "ops:ship"),
    }


# A client of another version, which does not read a field that the newest knows.
OLD_CLIENT = """#!/bin/sh
names=$(grep -rL novelty .claude/agents | sed 's|.*/\\(.*\\).md|"\\1"|' | paste -sd,)
echo "{\\"subtype\\": \\"init\\", \\"claude_code_version\\": \\"2.0.5\\", \\"agents\\": [$names]}"
"""


@pytest.fixture
def pack(tmp_path: Path, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Path:
    claude = tmp_path / "bin/claude"
    claude.parent.mkdir()
    claude.write_text(OLD_CLIENT)
    claude.chmod(0o755)
    monkeypatch.setenv("PATH", f"{claude.parent}{os.pathsep}{os.environ['PATH']}")
    pack = write_pack(tmp_path / "mine", {"agents/a.md": AGENT.format(name="a")})
    assert tool("install", pack).exit == 0
    return pack


def test_an_update_that_would_lose_an_agent_is_refused(tool: Tool, project: Path, pack: Path) -> None:
    write_pack(pack, {"agents/a.md": "---\nname: a\ndescription: d\nnovelty: 1\n---\n"}, version="1.1.0")
    before = read_tree(project)

    run = tool("update", "--prove", "--json")

    assert (run.exit, run.json["error"]["code"]) == (2, "lost")
    assert "2.0.5 loads the agent 'a' (agents/a.md)" in run.json["error"]["message"]
    assert read_tree(project) == before
    assert tool("update").exit == 0, "else it would be refused whatever the client says"


def test_what_did_not_load_before_is_no_loss(tool: Tool, pack: Path) -> None:
    write_pack(pack, {"agents/b.md": "---\nname: b\ndescription: d\nnovelty: 1\n---\n"}, version="1.1.0")

    run = tool("update", "--prove", "--json")

    assert run.exit == 0
    assert run.json["notices"] == ["Claude Code 2.0.5 loads 2 of 3 agents, skills and commands, and none less"]


def test_what_a_new_version_no_longer_has_is_told(tool: Tool, pack: Path) -> None:
    (pack / "agents/a.md").unlink()
    write_pack(pack, version="1.1.0")

    run = tool("update", "--prove", "--dry-run", "--json")

    assert "the update takes away the agent 'a' (agents/a.md)" in run.json["notices"]
