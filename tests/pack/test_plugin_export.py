"""A pack as a plugin: what it carries, what it leads anew, and what is named because it cannot be carried."""

import json
from pathlib import Path

import pytest

from claudepack.pack.components import find_components
from claudepack.pack.directory import read_directory
from claudepack.pack.plugin_export import export_marketplace, export_plugin
from claudepack.pack.tree import PackFile
from trees import AGENT, write_pack


def _export(root: Path, files: dict[str, str], **options: str) -> tuple[dict[str, PackFile], list[str]]:
    pack = read_directory(write_pack(root, files, version="1.2.0", **options))  # type: ignore[arg-type]
    return export_plugin(pack, find_components(pack))


def test_components_keep_their_paths_and_bytes(tmp_path: Path) -> None:
    there = {"commands/a/c.md": "c", "skills/s/SKILL.md": "---\nname: s\n---\n", "hooks/x.sh": "x", "CHANGELOG.md": "1"}

    files, notices = _export(tmp_path, there)

    assert {path: files[path].read().decode() for path in there} == there
    assert files["agents/mine.md"].read().decode() == AGENT.format(name="mine")
    manifest = {"name": "mine", "version": "1.2.0", "description": "A pack for tests"}
    assert json.loads(files[".claude-plugin/plugin.json"].read()) == manifest
    assert len(files) == len(there) + 2
    assert notices == []


def test_what_a_plugin_cannot_carry_is_named(tmp_path: Path) -> None:
    fields = "permissionMode: plan\nhooks: {}"
    files, notices = _export(
        tmp_path,
        {
            "rules/r.md": "r",
            "prompts/mine/a.md": "a",
            "prompts/mine/b.md": "b",
            "CLAUDE.md": "c",
            "settings.json": '{"model": "opus", "hooks": {}}',
            "pack.toml": 'format = 1\nrequires-claude-code = ">=2"\n',
            "agents/x.md": f"---\nname: x\ndescription: x\n{fields}\n---\n@.claude/prompts/mine/\n",
        },
        dependencies='dependencies = ["claudepack-other>=1"]',
    )

    whole = ["prompts/mine/", "rules/r.md", "the context (CLAUDE.md)", "what it requires (claudepack-other>=1)"]
    left = [*whole, "pack.toml", "settings.json: model"]
    assert sorted(files) == [".claude-plugin/plugin.json", "agents/mine.md", "agents/x.md"]
    assert notices == [
        f"a plugin cannot carry {', '.join(left)}",
        "agents/x.md names .claude/prompts/mine, which is not in the plugin",
        "agents/x.md: the client ignores hooks, permissionMode of a plugin's agent",
    ]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("see @.claude/commands/c.md.", "see @${CLAUDE_PLUGIN_ROOT}/commands/c.md."),
        ("run `.claude/hooks/bin`", "run `${CLAUDE_PLUGIN_ROOT}/hooks/bin`"),
        ('"$CLAUDE_PROJECT_DIR"/.claude/hooks/bin/x.sh', '"${CLAUDE_PLUGIN_ROOT}"/hooks/bin/x.sh'),
        ('"${CLAUDE_PROJECT_DIR}/.claude"/hooks/bin/x.sh', '"${CLAUDE_PLUGIN_ROOT}"/hooks/bin/x.sh'),
        ("${CLAUDE_PROJECT_DIR:-.}/.claude/hooks/bin/x.sh", "${CLAUDE_PLUGIN_ROOT}/hooks/bin/x.sh"),
        ("~/.claude/commands/c.md", "~/.claude/commands/c.md"),
        ("other/.claude/commands/c.md", "other/.claude/commands/c.md"),
        (".claude/commands/absent.md", ".claude/commands/absent.md"),
    ],
)
def test_references_are_led_into_the_plugin(tmp_path: Path, said: str, written: str) -> None:
    hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": said}]}]}}
    there = {"commands/c.md": "c", "hooks/bin/x.sh": "x", "commands/d.md": said, "settings.json": json.dumps(hooks)}

    files, _ = _export(tmp_path, {**there, "mcp.json": json.dumps({"mcpServers": {"a": {"args": [said]}}})})

    assert files["commands/d.md"].read().decode() == written
    assert json.loads(files["hooks/hooks.json"].read())["hooks"]["Stop"][0]["hooks"][0]["command"] == written
    assert json.loads(files[".mcp.json"].read()) == {"mcpServers": {"a": {"args": [written]}}}


def test_a_marketplace_names_each_pack_and_where_it_is(tmp_path: Path) -> None:
    packs = [read_directory(write_pack(tmp_path / name, name=name)) for name in ("one", "two")]

    manifest = json.loads(export_marketplace("shop", packs).read())

    assert (manifest["name"], manifest["owner"]) == ("shop", {"name": "shop"})
    assert [(plugin["name"], plugin["source"]) for plugin in manifest["plugins"]] == [
        ("one", "./plugins/one"),
        ("two", "./plugins/two"),
    ]
