"""`${CLAUDE_PLUGIN_ROOT}` is led to where the files go, or told."""

import json
from pathlib import Path

import pytest

from claudepack.pack.collection import Collection
from claudepack.pack.layouts import read_collection
from trees import AGENT, write_tree

FILES = {
    "agents/own.md": AGENT.format(name="own"),
    "skills/s/SKILL.md": "---\nname: s\ndescription: d\n---\n",
    "skills/s/a/b.txt": "b",
    "hooks/run.sh": "#!/bin/sh\n",
    "scripts/lint.sh": "#!/bin/sh\n",
    "scripts/lib/x.sh": "x",
}


def _read(root: Path, files: dict[str, str]) -> Collection:
    manifest = {".claude-plugin/plugin.json": '{"name": "Box"}'}
    return read_collection(write_tree(root, {**manifest, **FILES, **files}), "there")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("see ${CLAUDE_PLUGIN_ROOT}/skills/s/a/b.txt.", "see .claude/skills/s/a/b.txt."),
        ("see @$CLAUDE_PLUGIN_ROOT/skills/s/\r\n", "see @.claude/skills/s/\r\n"),
        ('run "${CLAUDE_PLUGIN_ROOT}"/scripts/lint.sh', 'run ".claude"/hooks/box/scripts/lint.sh'),
        ("run ${CLAUDE_PLUGIN_ROOT}/scripts", "run .claude/hooks/box/scripts"),
        ("nothing", "nothing"),
    ],
)
def test_in_text_it_is_the_path_from_the_project(tmp_path: Path, said: str, written: str) -> None:
    collection = _read(tmp_path, {"commands/c.md": said})

    assert collection.made.get("commands/c.md", said.encode()) == written.encode()
    assert collection.remarks == []


@pytest.mark.parametrize("path", ["", "/absent.md", "/../x", "/skills/other/", "/.git/config"])
def test_what_leads_nowhere_stays_and_is_told(tmp_path: Path, path: str) -> None:
    collection = _read(tmp_path, {"commands/c.md": f"a ${{CLAUDE_PLUGIN_ROOT}}{path} b"})

    assert "commands/c.md" not in collection.made
    [remark] = collection.remarks
    assert remark.startswith(f"commands/c.md names ${{CLAUDE_PLUGIN_ROOT}}{path}, which means nothing")


def test_what_is_referred_to_comes_along_and_else_it_does_not(tmp_path: Path) -> None:
    assert "hooks/box/scripts/lib/x.sh" not in _read(tmp_path / "a", {}).sources
    assert (
        "hooks/box/scripts/lib/x.sh"
        in _read(tmp_path / "b", {"commands/c.md": "${CLAUDE_PLUGIN_ROOT}/scripts/lint.sh"}).sources
    )


def test_in_hooks_and_servers_it_is_where_they_run(tmp_path: Path) -> None:
    hook = {"type": "command", "command": '"${CLAUDE_PLUGIN_ROOT}"/hooks/run.sh ${CLAUDE_PLUGIN_ROOT}/scripts/lint.sh'}
    lost = {"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/absent.sh"}
    hooks = {"hooks": {"Stop": [{"matcher": "x", "hooks": [hook, lost]}], "Start": [{"hooks": [lost]}]}}
    servers = {
        "a": {"command": "sh", "args": ["${CLAUDE_PLUGIN_ROOT}/scripts/lint.sh", 1], "env": {"A": "b"}},
        "b": {"command": "${CLAUDE_PLUGIN_DATA}/x"},
    }

    made = _read(tmp_path, {"hooks/hooks.json": json.dumps(hooks), ".mcp.json": json.dumps(servers)})

    command = '"${CLAUDE_PROJECT_DIR}/.claude"/hooks/run.sh ${CLAUDE_PROJECT_DIR}/.claude/hooks/box/scripts/lint.sh'
    assert json.loads(made.made["settings.json"]) == {
        "hooks": {"Stop": [{"matcher": "x", "hooks": [{"type": "command", "command": command}]}]}
    }
    args = ["${CLAUDE_PROJECT_DIR:-.}/.claude/hooks/box/scripts/lint.sh", 1]
    assert json.loads(made.made["mcp.json"]) == {
        "mcpServers": {"a": {"command": "sh", "args": args, "env": {"A": "b"}}}
    }
    [notice] = made.notices
    assert "a hook of Stop (${CLAUDE_PLUGIN_ROOT}/absent.sh)" in notice
    assert "a hook of Start" in notice
    assert "the MCP server b" in notice


def test_a_program_that_uses_it_is_named_and_stays(tmp_path: Path) -> None:
    collection = _read(tmp_path, {"hooks/run.sh": '#!/bin/sh\n. "$CLAUDE_PLUGIN_ROOT/lib.sh"\n'})

    assert "hooks/run.sh" not in collection.made
    assert collection.remarks == ["hooks/run.sh uses CLAUDE_PLUGIN_ROOT, which is not set outside a plugin: mend it"]


def test_what_a_package_manager_has_put_there_does_not_come_along(tmp_path: Path) -> None:
    files = {".mcp.json": '{"a": {"command": "${CLAUDE_PLUGIN_ROOT}/node_modules/.bin/a"}}', "node_modules/.bin/a": "x"}

    collection = _read(tmp_path, files)

    assert "mcp.json" not in collection.made
    assert not any("node_modules" in path for path in collection.sources)
    assert "the MCP server a (${CLAUDE_PLUGIN_ROOT}/node_modules/.bin/a)" in collection.notices[0]
