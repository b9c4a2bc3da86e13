"""Consent is given and taken back by name, and what would be executed is shown in full."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree

SETTINGS = """{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "./check.sh --all"}]}]}}"""
SHOWN = "hooks: settings.json: hooks Stop: ./check.sh --all"


@pytest.fixture
def pack(project: Path, tmp_path: Path) -> Path:
    write_tree(project, {"claudepack.toml": '[packs]\nmine = { path = "../mine" }\n'})
    return write_pack(tmp_path / "mine", {"settings.json": SETTINGS})


def test_what_would_be_executed_is_shown_in_full_before_and_after(tool: Tool, project: Path, pack: Path) -> None:
    assert pack.is_dir()
    refused = tool("sync")
    assert (refused.exit, SHOWN in refused.err) == (2, True)

    run = tool("allow", "mine", "hooks")

    assert (run.exit, f"mine runs {SHOWN}" in run.out) == (0, True)
    assert 'allow = ["hooks"]' in (project / "claudepack.toml").read_text()
    assert "./check.sh" in (project / ".claude/settings.json").read_text()
    assert tool("sync").exit == 0


def test_consent_that_is_still_needed_cannot_be_taken_back(tool: Tool, project: Path, pack: Path) -> None:
    assert pack.is_dir()
    tool("allow", "mine", "hooks", "mcp")
    assert tool("allow", "mine", "mcp", "--undo").exit == 0
    before = read_tree(project)

    run = tool("allow", "mine", "hooks", "--undo")

    assert (run.exit, "claudepack exclude mine" in run.err) == (2, True)
    assert read_tree(project) == before


def test_a_new_kind_in_a_new_version_asks_again(tool: Tool, project: Path, pack: Path) -> None:
    tool("allow", "mine", "hooks")
    write_tree(pack, {"mcp.json": '{"mcpServers": {"db": {"command": "db", "args": ["--all"]}}}'})
    before = read_tree(project)

    run = tool("sync")

    assert (run.exit, 'mcp: mcp.json: db: {"command": "db", "args": ["--all"]}' in run.err) == (2, True)
    assert read_tree(project) == before
    assert tool("allow", "mine", "mcp").exit == 0
    assert (project / ".mcp.json").is_file()


@pytest.mark.parametrize(("words", "hint"), [(("min", "hooks"), "mine"), (("mine", "hook"), "hooks")])
def test_what_is_not_there_is_refused_with_the_nearest(
    tool: Tool, pack: Path, words: tuple[str, str], hint: str
) -> None:
    assert pack.is_dir()
    run = tool("allow", *words, "--json")
    assert (run.exit, hint in run.json["error"]["hint"]) == (2, True)
