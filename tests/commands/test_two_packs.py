"""Two packs that have something in common: it is merged, or refused with both named; nothing is lost in silence."""

import json
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree

HOOK = json.dumps({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "make tidy"}]}]}})
SKILL = "---\nname: ship\ndescription: Ships.\n---\n"
ALLOW = ("--allow", "hooks,mcp")


def _serve(command: str) -> str:
    return json.dumps({"mcpServers": {"db": {"command": command}}})


@pytest.mark.parametrize(
    ("path", "text", "target"),
    [("settings.json", HOOK, ".claude/settings.json"), ("mcp.json", _serve("db"), ".mcp.json")],
    ids=["one hook", "one server"],
)
def test_what_both_have_is_there_once_until_the_last_of_them_goes(
    tool: Tool, project: Path, tmp_path: Path, path: str, text: str, target: str
) -> None:
    for name in ("one", "two"):
        write_pack(tmp_path / name, {path: text}, name=name)

    assert tool("install", "../one", "../two", *ALLOW).exit == 0

    assert json.loads((project / target).read_text()) == json.loads(text)
    assert tool("uninstall", "one").exit == 0
    assert json.loads((project / target).read_text()) == json.loads(text)
    assert tool("uninstall", "two").exit == 0
    assert read_tree(project) == {}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ({"mcp.json": _serve("db")}, {"mcp.json": _serve("other")}, "mcpServers.db"),
        ({"skills/ship/SKILL.md": SKILL}, {"skills/ship/SKILL.md": SKILL}, "skills/ship/SKILL.md is in one and in two"),
        ({"commands/ship.md": "Ship.\n"}, {"commands/ship.md": "Ship.\n"}, "commands/ship.md is in one and in two"),
        ({"commands/ship.md": "Ship.\n"}, {"skills/ship/SKILL.md": SKILL}, "/ship is in one"),
        ({"output-styles/a.md": "A.\n"}, {"output-styles/a.md": "A.\n"}, "output-styles/a.md is in one and in two"),
    ],
    ids=["two servers of one name", "one skill", "one command", "a command and a skill", "one output style"],
)
@pytest.mark.parametrize("together", [True, False])
def test_what_only_one_of_them_can_have_is_refused(
    tool: Tool,
    project: Path,
    tmp_path: Path,
    first: dict[str, str],
    second: dict[str, str],
    said: str,
    *,
    together: bool,
) -> None:
    write_pack(tmp_path / "one", first, name="one")
    write_pack(tmp_path / "two", second, name="two")
    if not together:
        assert tool("install", "../one", *ALLOW).exit == 0
    before = read_tree(project)

    run = tool("install", *(["../one"] if together else []), "../two", *ALLOW)

    assert run.exit == 2
    assert said in run.err
    assert read_tree(project) == before


def test_a_command_of_the_project_is_not_lost_to_a_skill(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {".claude/commands/ship.md": "Mine.\n"})
    write_pack(tmp_path / "one", {"skills/ship/SKILL.md": SKILL}, name="one")

    run = tool("install", "../one")

    assert run.exit == 2
    assert "/ship is in the project (.claude/commands/ship.md) and in one" in run.err


@pytest.mark.parametrize("text", ["[]", "7", '"x"'])
def test_settings_of_a_project_that_are_no_object_are_refused(
    tool: Tool, project: Path, tmp_path: Path, text: str
) -> None:
    write_tree(project, {".claude/settings.json": text})
    write_pack(tmp_path / "one", {"settings.json": HOOK}, name="one")

    run = tool("install", "../one", *ALLOW)

    assert (run.exit, ".claude/settings.json:1: it is no object" in run.err) == (2, True)
    assert (project / ".claude/settings.json").read_text() == text
