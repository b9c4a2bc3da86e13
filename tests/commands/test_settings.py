"""Settings and MCP servers of packs, from the first install to the last uninstall, on a project that has its own."""

import json
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_installed, write_pack, write_tree

SETTINGS = ".claude/settings.json"
OURS = """{
    "model": "opus",
    "permissions": {
        "deny": ["Read(.env)"],
        "allow": ["Bash(ls)"]
    }
}
"""
PACK = {
    "settings.json": json.dumps({"permissions": {"allow": ["Bash(make)"], "ask": ["WebFetch"]}, "env": {"CI": "1"}}),
    "mcp.json": json.dumps({"mcpServers": {"db": {"command": "db-server"}}}),
}
ALLOW = ("--allow", "permissions,mcp")


def _read(path: Path) -> object:
    return json.loads(path.read_text())


def test_they_are_merged_by_entry_and_uninstalling_gives_every_byte_back(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    write_tree(project, {SETTINGS: OURS, ".mcp.json": '{"mcpServers": {"web": {"command": "web"}}}'})
    before = read_tree(project)

    assert tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW).exit == 0

    text = (project / SETTINGS).read_text()
    assert text.startswith('{\n    "model": "opus",\n    "permissions": {\n        "deny": ["Read(.env)"],\n')
    assert json.loads(text) == {
        "model": "opus",
        "permissions": {"deny": ["Read(.env)"], "allow": ["Bash(ls)", "Bash(make)"], "ask": ["WebFetch"]},
        "env": {"CI": "1"},
    }
    assert list(json.loads((project / ".mcp.json").read_text())["mcpServers"]) == ["web", "db"]
    assert tool("verify", "--no-edits").exit == 0
    after = read_tree(project)
    assert tool("install", "../mine", *ALLOW, "--json").json["changes"] == []
    assert read_tree(project) == after
    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == before


def test_an_update_exchanges_exactly_what_the_pack_had_added(tool: Tool, project: Path) -> None:
    write_tree(project, {SETTINGS: OURS})
    write_installed(project, PACK, version="1.0.0")
    tool("install", "mine", *ALLOW)
    text = (project / SETTINGS).read_text()
    (project / SETTINGS).write_text(text.replace('"CI": "1"', '"CI": "2"'))
    new = {"settings.json": json.dumps({"permissions": {"allow": ["Bash(ninja)"]}, "env": {"CI": "1"}})}
    write_installed(project, new, version="1.1.0")

    run = tool("update", "--json")

    assert {row["path"]: row["action"] for row in run.json["changes"]} == {SETTINGS: "merge", ".mcp.json": "delete"}
    assert _read(project / SETTINGS) == {
        "model": "opus",
        "permissions": {"deny": ["Read(.env)"], "allow": ["Bash(ls)", "Bash(ninja)"]},
        "env": {"CI": "2"},
    }
    assert tool("verify").exit == 0
    assert tool("verify", "--no-edits").exit == 1
    assert '-    "CI": "1"\n+    "CI": "2"' in tool("diff", SETTINGS).out


def test_a_key_that_both_changed_waits_for_a_decision(tool: Tool, project: Path) -> None:
    write_installed(project, {"settings.json": '{"model": "opus"}'}, version="1.0.0")
    tool("install", "mine", *ALLOW)
    (project / SETTINGS).write_text('{"model": "haiku"}')
    write_installed(project, {"settings.json": '{"model": "sonnet"}'}, version="1.1.0")

    run = tool("update", "--json")

    assert (run.exit, run.json["conflicts"]) == (3, [SETTINGS])
    assert tool("verify").exit == 1
    assert _read(project / f".claudepack/conflicts/{SETTINGS}.theirs") == {"model": "sonnet"}
    assert tool("resolve", SETTINGS, "--merged").exit == 2
    assert tool("resolve", SETTINGS, "--theirs").exit == 0
    assert _read(project / SETTINGS) == {"model": "sonnet"}
    assert (project / f".claudepack/replaced/{SETTINGS}").read_text() == '{"model": "haiku"}'
    assert tool("verify", "--no-edits").exit == 0


def test_another_server_of_one_name_is_refused_until_it_is_adopted_or_replaced(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    write_tree(project, {".mcp.json": '{"mcpServers": {"db": {"command": "ours"}}}'})
    pack = write_pack(tmp_path / "mine", {"mcp.json": PACK["mcp.json"]})
    before = read_tree(project)

    run = tool("install", pack, *ALLOW)

    assert (run.exit, "mcpServers.db is there already" in run.err) == (2, True)
    assert read_tree(project) == before
    assert tool("install", pack, *ALLOW, "--adopt", ".mcp.json").exit == 0
    assert (project / ".mcp.json").read_bytes() == before[".mcp.json"]
    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == before


def test_settings_go_into_the_local_file_where_the_project_says_so(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {SETTINGS: OURS})
    tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW)
    manifest = project / "claudepack.toml"
    manifest.write_text(manifest.read_text() + '\n[project]\nsettings = "local"\n')
    assert tool("verify").exit == 1

    assert tool("sync").exit == 0

    assert (project / SETTINGS).read_text() == OURS
    assert _read(project / ".claude/settings.local.json") == json.loads(PACK["settings.json"])
    assert tool("verify", "--no-edits").exit == 0


def test_what_its_user_took_out_or_changed_stays_so_when_settings_move(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW)
    text = (project / SETTINGS).read_text()
    edited = {"permissions": {"allow": [], "ask": ["WebFetch"]}, "env": {"CI": "mine"}}
    (project / SETTINGS).write_text(json.dumps(edited))
    assert "Bash(make)" in text
    manifest = project / "claudepack.toml"
    before = manifest.read_text()

    for mode in ("local", "shared", "local"):
        manifest.write_text(before + f'\n[project]\nsettings = "{mode}"\n')
        assert tool("sync").exit == 0
        settings = [json.loads(path.read_text()) for path in (project / ".claude").glob("settings*.json")]
        assert "Bash(make)" not in [item for one in settings for item in one.get("permissions", {}).get("allow", [])]
        assert {one["env"]["CI"] for one in settings if "env" in one} == {"mine"}
        assert [one["permissions"]["ask"] for one in settings if "ask" in one.get("permissions", {})] == [["WebFetch"]]
        assert tool("verify").exit == 0
        assert tool("sync", "--json").json["conflicts"] == []
    assert tool("verify", "--no-edits").exit == 1


def test_the_local_file_can_be_asked_for_at_once(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW, "--local").exit == 0

    assert not (project / SETTINGS).exists()
    assert _read(project / ".claude/settings.local.json") == json.loads(PACK["settings.json"])
    assert tool("sync", "--json").json["changes"] == []


def test_your_own_settings_can_have_them_and_servers_cannot_be_there(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", PACK)
    own = Path.home() / ".claude"
    write_tree(own, {"settings.json": OURS})

    refused = tool("install", pack, "--user", *ALLOW, cwd=project)
    assert (refused.exit, "MCP servers" in refused.err) == (2, True)
    (pack / "mcp.json").unlink()
    assert tool("install", pack, "--user", *ALLOW, cwd=project).exit == 0

    assert "Bash(make)" in (own / "settings.json").read_text()
    assert tool("uninstall", "mine", "--user", cwd=project).exit == 0
    assert read_tree(own) == {"settings.json": OURS.encode()}


@pytest.mark.parametrize("verb", [["sync"], ["verify"], ["status"], ["uninstall", "mine"]])
def test_settings_that_somebody_broke_since_are_refused_with_their_line(
    tool: Tool, project: Path, tmp_path: Path, verb: list[str]
) -> None:
    tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW)
    write_tree(project, {SETTINGS: '{\n  "model": "opus",\n}\n'})
    before = read_tree(project)

    run = tool(*verb)

    assert (run.exit, f"{SETTINGS}:3: a comma before" in run.err) == (2, True)
    assert read_tree(project) == before


def test_a_file_that_is_gone_comes_back(tool: Tool, project: Path, tmp_path: Path) -> None:
    tool("install", write_pack(tmp_path / "mine", PACK), *ALLOW)
    before = read_tree(project)
    (project / SETTINGS).unlink()
    assert tool("verify").exit == 1

    assert tool("sync", "--json").json["changes"] == [{"path": SETTINGS, "action": "restore", "pack": "mine"}]
    assert read_tree(project) == before


def test_a_status_line_is_one_entry_since_the_client_drops_settings_with_half_of_one(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    line = {"type": "command", "command": "theirs"}
    pack = write_pack(tmp_path / "mine", {"settings.json": json.dumps({"statusLine": line})})
    assert tool("install", pack, "--allow", "hooks").exit == 0
    (project / SETTINGS).write_text((project / SETTINGS).read_text().replace("theirs", "ours"))

    assert tool("uninstall", "mine").exit == 0

    assert _read(project / SETTINGS) == {"statusLine": {**line, "command": "ours"}}
    assert tool("check").exit == 0
    assert tool("install", pack, "--allow", "hooks").exit == 0, "another one of the user's is in nobody's way"
    assert _read(project / SETTINGS) == {"statusLine": {**line, "command": "ours"}}
