"""`export` writes packs as plugins, and what went there and back is the same."""

import json
from pathlib import Path

import pytest

from claudepack.pack.directory import read_directory
from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

SKILL = "---\nname: count\ndescription: Counts.\n---\nRun .claude/skills/count/count.py.\n"


def _components(root: Path) -> dict[str, bytes]:
    return {path: file.read() for path, file in read_directory(root).files.items()}


@pytest.mark.parametrize(
    "there",
    [
        {
            "agents/data/own.md": AGENT.format(name="own"),
            "skills/count/SKILL.md": SKILL,
            "skills/count/count.py": "1\n",
        },
        {
            ".claude-plugin/plugin.json": '{"name": "shelf", "version": "1.4.0", "agents": ["./team/own.md"]}',
            "team/own.md": "\ufeff" + AGENT.format(name="own").replace("\n", "\r\n"),
            "commands/deep/go.md": 'Run "${CLAUDE_PLUGIN_ROOT}"/scripts/go.sh, read ${CLAUDE_PLUGIN_ROOT}/commands/.\n',
            "scripts/go.sh": "echo go\n",
            "hooks/hooks.json": json.dumps(
                {
                    "hooks": {
                        "Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/scripts/go.sh"}]}]
                    }
                }
            ),
            ".mcp.json": '{"db": {"command": "${CLAUDE_PLUGIN_ROOT}/scripts/go.sh"}}',
        },
    ],
    ids=["a folder", "a plugin"],
)
def test_imported_built_installed_exported_and_imported_again_it_is_the_same(
    tool: Tool, project: Path, tmp_path: Path, there: dict[str, str]
) -> None:
    write_tree(tmp_path / "shelf", there)

    assert tool("import", "../shelf", "-o", "../first").exit == 0
    assert tool("build", "../first", "-o", "../dist").exit == 0
    [wheel] = (tmp_path / "dist").glob("*.whl")
    assert tool("install", wheel, "--allow", "hooks,mcp").exit == 0
    assert tool("export", "plugin", "-o", "../plugin").exit == 0
    assert tool("import", "../plugin", "-o", "../second").exit == 0

    first, second = read_directory(tmp_path / "first"), read_directory(tmp_path / "second")
    assert _components(tmp_path / "second") == _components(tmp_path / "first")
    assert (second.name, second.version) == (first.name, first.version)
    installed = read_tree(project / ".claude")
    for path, data in _components(tmp_path / "first").items():
        assert path in ("settings.json", "mcp.json") or installed[path] == data


def test_a_marketplace_has_the_packs_of_the_project_and_they_install_from_it(tool: Tool, tmp_path: Path) -> None:
    write_pack(tmp_path / "one", name="one")
    write_pack(tmp_path / "two", name="two", version="2.0.0")
    assert tool("install", "../one", "../two").exit == 0

    run = tool("export", "marketplace", "-o", "../My Shop", "--json")

    assert [(pack["name"], pack["version"]) for pack in run.json["packs"]] == [("one", "1.0.0"), ("two", "2.0.0")]
    manifest = json.loads((tmp_path / "My Shop/.claude-plugin/marketplace.json").read_text())
    assert manifest["name"] == "my-shop"
    write_tree(tmp_path / "else", {"x": ""})
    assert tool("install", "../My Shop#two", "-C", tmp_path / "else").exit == 0
    assert (tmp_path / "else/.claude/agents/two.md").read_text() == AGENT.format(name="two")


def test_what_a_plugin_cannot_carry_is_told(tool: Tool) -> None:
    run = tool("export", "plugin", "backend", "-o", "../out", "--json")

    assert run.exit == 0
    assert run.json["notices"][0] == "backend: a plugin cannot carry prompts/back-end/, the context (CLAUDE.md.j2)"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plugin"], "which pack?"),
        (["plugin", "backend", "./mine"], "2 are named"),
        (["plugin", "nothing-of-that-name"], "no pack"),
        (["plugin", "./broken"], "no description"),
        (["pack", "backend"], "invalid choice"),
    ],
)
def test_it_is_refused_and_nothing_is_written(tool: Tool, project: Path, words: list[str], said: str) -> None:
    write_pack(project / "mine")
    write_pack(project / "broken", {"agents/x.md": "---\nname: x\n---\n"}, name="broken")

    run = tool("export", *words, "-o", "out", "--offline")

    assert run.exit == 2
    assert said in run.err
    assert not (project / "out").exists()


def test_a_name_that_the_client_keeps_for_its_makers_is_told(tool: Tool, project: Path) -> None:
    write_pack(project / "mine", name="claude-tools")

    [notice] = tool("export", "plugin", "./mine", "-o", "out", "--json").json["notices"]

    assert notice.startswith("`claude plugin validate` refuses 'claude-tools'")


def test_a_dry_run_writes_nothing(tool: Tool, project: Path) -> None:
    assert tool("export", "plugin", "backend", "-o", "out", "--dry-run").exit == 0
    assert read_tree(project) == {}
