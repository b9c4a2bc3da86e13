"""What Claude Code reads in a project and no pack has brought."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.copies import join_near
from claudepack.fleet.unmanaged import Unmanaged, find_unmanaged_entries, find_unmanaged_files
from claudepack.project.location import find_project
from claudepack.project.lock import load_lock
from conftest import Tool
from trees import AGENT, write_pack, write_tree

SETTINGS, MCP = ".claude/settings.json", ".mcp.json"


def _files(root: Path) -> list[Unmanaged]:
    project = find_project(str(root), user=False)
    return find_unmanaged_files(project, load_lock(project))


def _entries(root: Path, path: str) -> list[Unmanaged]:
    project = find_project(str(root), user=False)
    return find_unmanaged_entries(project, load_lock(project), path)


def _tell(found: list[Unmanaged]) -> list[tuple[str, str, str]]:
    return [(thing.kind, thing.name, thing.path.removeprefix(".claude/")) for thing in found]


def test_every_kind_is_found_and_named_as_the_client_names_it(project: Path) -> None:
    files = {
        "agents/team/r.md": AGENT.format(name="reviewer"),
        "agents/plain.md": "No frontmatter.\n",
        "commands/git/tidy.md": "Tidy.\n",
        "skills/deploy/SKILL.md": "---\nname: deploy\ndescription: d\n---\n",
        "skills/deploy/run.sh": "#!/bin/sh\n",
        "rules/style.md": "Short.\n",
        "output-styles/terse.md": "Terse.\n",
        "prompts/back-end/a.md": "A.\n",
        "hooks/check.sh": "#!/bin/sh\n",
        "agents/notes.txt": "Not read by the client.\n",
        "README.md": "Likewise.\n",
    }
    write_tree(project / ".claude", files)

    assert _tell(_files(project)) == [
        ("agent", "plain", "agents/plain.md"),
        ("agent", "reviewer", "agents/team/r.md"),
        ("command", "git:tidy", "commands/git/tidy.md"),
        ("hook program", "check.sh", "hooks/check.sh"),
        ("output style", "terse", "output-styles/terse.md"),
        ("prompt folder", "back-end", "prompts/back-end/"),
        ("rule", "style", "rules/style.md"),
        ("skill", "deploy", "skills/deploy/"),
    ]


def test_what_is_in_the_lock_is_no_stranger(tool: Tool, project: Path, tmp_path: Path) -> None:
    server = {"mcpServers": {"corp": {"command": "corp"}}}
    rules = {"permissions": {"allow": ["Bash(make)"]}, "hooks": {"Stop": [{"hooks": [{"command": "done"}]}]}}
    pack = {"skills/s/SKILL.md": "---\nname: s\ndescription: d\n---\n", "CLAUDE.md": "Context.\n"}
    pack |= {"mcp.json": json.dumps(server), "settings.json": json.dumps(rules)}
    write_tree(project, {"AGENTS.md": "# Here\n"})  # the context goes into a rule of its own
    install = tool("install", write_pack(tmp_path / "pack", pack), "--allow", "hooks,mcp,permissions")
    assert install.exit == 0, install.err
    assert not _files(project)
    assert not _entries(project, SETTINGS) + _entries(project, MCP)

    write_tree(project, {".claude/skills/s/more.md": "Foreign, as status says.\n", ".claude/agents/own.md": "Own.\n"})
    for path, document in ((SETTINGS, rules), (MCP, server)):
        document.update(json.loads((project / path).read_text()))
    rules["permissions"]["allow"].append("Bash(npm test:*)")  # type: ignore[index]  # JSON
    server["mcpServers"]["own"] = {"command": "own"}
    write_tree(project, {SETTINGS: json.dumps(rules), MCP: json.dumps(server)})

    assert _tell(_files(project)) == [("agent", "own", "agents/own.md")]
    assert _tell(_entries(project, SETTINGS)) == [("permission rule", "allow Bash(npm test:*)", "settings.json")]
    assert _tell(_entries(project, MCP)) == [("MCP server", "own", ".mcp.json")]


@pytest.mark.parametrize(
    ("path", "document", "told"),
    [
        (SETTINGS, {"model": "opus", "env": {"A": "1"}}, []),
        (SETTINGS, [], []),
        (SETTINGS, {"hooks": {}, "permissions": {"allow": []}}, []),
        (SETTINGS, {"hooks": {"Stop": []}, "permissions": {}}, []),
        (SETTINGS, {"hooks": "odd", "permissions": True}, ['"odd"', "true"]),
        (
            SETTINGS,
            {"permissions": {"deny": ["Read(.env)"], "defaultMode": "plan"}},
            ["deny Read(.env)", "defaultMode plan"],
        ),
        (SETTINGS, {"hooks": {"Stop": [{"hooks": [{"command": "say done"}]}]}}, ["Stop say done"]),
        (
            SETTINGS,
            {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"command": "a"}, {"command": "b"}]}]}},
            ["PreToolUse Bash a; b"],
        ),
        (SETTINGS, {"hooks": {"Stop": "odd"}}, ["Stop"]),
        (SETTINGS, {"hooks": {"Stop": [{"hooks": [7, {"command": 8}]}]}}, ["Stop 8"]),
        (SETTINGS, {"hooks": {"Stop": [{"hooks": [{"command": "x" * 99}]}]}}, ["Stop " + "x" * 74 + "…"]),
        (MCP, {"mcpServers": {"one": {"command": "x", "env": {"K": "v"}}, "two": "odd"}}, ["one", "two"]),
        (MCP, {"mcpServers": {}, "other": 1}, []),
    ],
)
def test_an_entry_is_named_by_what_it_does(project: Path, path: str, document: object, told: list[str]) -> None:
    write_tree(project, {path: json.dumps(document)})

    assert [thing.name for thing in _entries(project, path)] == told


def test_a_file_that_the_client_would_drop_is_said_to_be_one(project: Path) -> None:
    write_tree(project, {SETTINGS: '{"permissions": {}, // a comment\n}'})

    with pytest.raises(ClaudepackError, match=r"settings.json"):
        _entries(project, SETTINGS)


@pytest.mark.parametrize(
    ("one", "other", "is_equal", "is_near"),
    [
        ({"agents/a.md": "A\nB\nC\n"}, {"agents/b.md": "A\nB\nC\n"}, True, True),
        ({"agents/a.md": "A\nB\n"}, {"agents/a.md": "A\r\nB\r\n"}, True, True),
        ({"agents/a.md": "A\nB\n"}, {"agents/a.md": "B\n\n  A\n"}, False, True),
        ({"agents/a.md": "A\nB\n"}, {"agents/a.md": "A\nC\n"}, False, False),
        (
            {"skills/s/SKILL.md": "A\n", "skills/s/x": b"\0"},
            {"skills/s/SKILL.md": "A\n", "skills/s/x": b"\0"},
            True,
            True,
        ),
        ({"skills/s/SKILL.md": "A\n"}, {"skills/s/SKILL.md": "A\n", "skills/s/x": b"\0"}, False, True),
        ({"skills/s/a": b"\0a"}, {"skills/s/a": b"\0b"}, False, False),
    ],
)
def test_bytes_say_what_is_equal_and_lines_what_is_near(
    tmp_path: Path, one: Mapping[str, str], other: Mapping[str, str], *, is_equal: bool, is_near: bool
) -> None:
    write_tree(tmp_path / "one/.claude", one)
    write_tree(tmp_path / "other/.claude", other)

    [left], [right] = _files(tmp_path / "one"), _files(tmp_path / "other")

    assert (left.sha256 == right.sha256) == is_equal
    assert (len(join_near({"one": left.lines, "other": right.lines})) == 1) == is_near


def test_a_link_out_of_the_project_is_told_by_where_it_leads_and_never_read(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET\n")
    agents = project / ".claude/agents"
    agents.mkdir(parents=True)
    (agents / "out.md").symlink_to(tmp_path / "secret")
    (agents / "lost.md").symlink_to("nowhere.md")

    lost, out = _files(project)

    assert (lost.name, out.name) == ("lost", "out")
    assert out.lines != ()
    write_tree(project, {".claude/agents/out2.md": "SECRET\n"})
    assert _files(project)[2].lines != out.lines
