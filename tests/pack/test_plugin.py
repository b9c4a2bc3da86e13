"""A plugin is read as the client reads it: its components, its hooks and servers, and what a pack cannot hold."""

import json
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import Collection, make_collected_pack
from claudepack.pack.layouts import read_collection
from trees import AGENT, write_tree

OWN = AGENT.format(name="own")
HOOKS = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}}


def _read(root: Path, files: dict[str, str], **manifest: object) -> Collection:
    about = {"name": "Tool Box", "version": "1.2.3", "description": "Does\nthings.", **manifest}
    return read_collection(write_tree(root, {".claude-plugin/plugin.json": json.dumps(about), **files}), "there")


def test_it_is_called_and_numbered_as_its_manifest_says(tmp_path: Path) -> None:
    pack = make_collected_pack(_read(tmp_path, {"agents/own.md": OWN}), "0")

    assert (pack.name, pack.version, pack.identity.summary) == ("tool-box", "1.2.3", "Does things.")


@pytest.mark.parametrize(
    ("manifest", "files", "paths"),
    [
        ({}, ["agents/a/own.md", "commands/c.md", "skills/s/SKILL.md", "output-styles/o.md"],
         ["agents/a/own.md", "commands/c.md", "output-styles/o.md", "skills/s/SKILL.md"]),
        ({"agents": ["./team/own.md"]}, ["team/own.md", "agents/other.md"], ["agents/own.md"]),
        ({"agents": "./team/own.md"}, ["team/own.md"], ["agents/own.md"]),
        ({"agents": ["./agents/deep/own.md"]}, ["agents/deep/own.md"], ["agents/deep/own.md"]),
        ({"commands": "./cmds/", "skills": ["./extra", "./one"]},
         ["cmds/x/c.md", "extra/t/SKILL.md", "one/SKILL.md", "skills/s/SKILL.md"],
         ["commands/x/c.md", "skills/one/SKILL.md", "skills/s/SKILL.md", "skills/t/SKILL.md"]),
        ({}, ["hooks/run.sh", "CHANGELOG.md", "agents/own.md"], ["CHANGELOG.md", "agents/own.md", "hooks/run.sh"]),
    ],
)  # fmt: skip
def test_the_components_are_those_that_the_client_finds(
    tmp_path: Path, manifest: dict[str, object], files: list[str], paths: list[str]
) -> None:
    collection = _read(tmp_path, dict.fromkeys(files, OWN), **manifest)

    assert sorted(collection.sources) == paths


def test_what_a_plugin_has_and_a_pack_does_not_is_named(tmp_path: Path) -> None:
    files = {"team/own.md": OWN, "agents/x.md": OWN, "rules/r.md": "r", "CLAUDE.md": "c", ".lsp.json": "{}"}

    notices = _read(tmp_path, files, agents=["./team/own.md"], lspServers={}, commands={"x": {}}).notices

    assert list(notices) == [
        "left out, in a form that a pack does not have: .claude-plugin/plugin.json: commands",
        "left out, not among those that the plugin lists: agents/x.md",
        "left out, not read there by Claude Code: .lsp.json, CLAUDE.md, rules/",
        "left out, which a pack does not have: .claude-plugin/plugin.json: lspServers",
    ]


@pytest.mark.parametrize(
    ("files", "manifest"),
    [
        ({"hooks/hooks.json": json.dumps({"description": "d", **HOOKS})}, {}),
        ({}, HOOKS),
        ({}, {"hooks": HOOKS}),
        ({"h.json": json.dumps(HOOKS)}, {"hooks": "./h.json"}),
        ({"h.json": json.dumps(HOOKS["hooks"])}, {"hooks": ["./h.json"]}),
    ],
    ids=["a file", "in place", "in place with its key", "a file that is named", "events alone"],
)
def test_its_hooks_become_settings(tmp_path: Path, files: dict[str, str], manifest: dict[str, object]) -> None:
    made = _read(tmp_path, files, **manifest).made

    assert json.loads(made["settings.json"]) == HOOKS


@pytest.mark.parametrize(
    ("files", "manifest"),
    [
        ({".mcp.json": '{"mcpServers": {"db": {"command": "db"}}}'}, {}),
        ({".mcp.json": '{"db": {"command": "db"}}'}, {}),
        ({}, {"mcpServers": {"db": {"command": "db"}}}),
        ({"m.json": '{"mcpServers": {"db": {"command": "db"}}}'}, {"mcpServers": ["./m.json"]}),
    ],
)
def test_its_servers_become_those_of_the_pack(
    tmp_path: Path, files: dict[str, str], manifest: dict[str, object]
) -> None:
    made = _read(tmp_path, files, **manifest).made

    assert json.loads(made["mcp.json"]) == {"mcpServers": {"db": {"command": "db"}}}


@pytest.mark.parametrize(
    ("manifest", "code", "said"),
    [
        ('{"name": ""}', "plugin", "there is no name"),
        ("[]", "json", "not a JSON object"),
        ("{", "json", "not JSON"),
        ('{"name": "x", "agents": ["./a.md"]}', "plugin", r"\./a\.md is not there, and agents names it"),
        ('{"name": "x", "agents": ["../a.md"]}', "path", "leads out of the plugin"),
        ('{"name": "x", "skills": "./.claude-plugin/plugin.json"}', "plugin", "a skill is a directory"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(tmp_path: Path, manifest: str, code: str, said: str) -> None:
    write_tree(tmp_path / "in", {".claude-plugin/plugin.json": manifest})

    with pytest.raises(ClaudepackError, match=said) as caught:
        read_collection(tmp_path / "in", "there")
    assert caught.value.code == code


def test_a_version_that_is_none_is_told(tmp_path: Path) -> None:
    collection = _read(tmp_path, {"agents/own.md": OWN}, version="next")

    assert (collection.version, list(collection.notices)) == (
        "",
        ["its version 'next' is none that a pack can have (PEP 440)"],
    )


def test_hooks_in_another_form_are_named(tmp_path: Path) -> None:
    notices = _read(tmp_path, {"agents/own.md": OWN}, hooks={"Stop": {"command": "x"}, "Start": ["x"]}).notices

    assert list(notices) == ["left out, in a form that a pack does not have: a hook of Start, a hook of Stop"]
