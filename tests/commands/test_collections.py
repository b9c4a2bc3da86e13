"""What people have without a pack's manifest is installed, kept in step, updated and taken out as a pack is."""

import json
import shutil
from pathlib import Path

import pytest

from conftest import Tool
from repositories import commit_all
from trees import AGENT, read_tree, write_pack, write_tree

OWN = AGENT.format(name="own")
PLUGIN = {
    ".claude-plugin/plugin.json": '{"name": "box", "version": "1.2.0", "agents": ["./team/own.md"]}',
    "team/own.md": OWN,
    "commands/go.md": "Go by ${CLAUDE_PLUGIN_ROOT}/commands/go.md.\n",
    "rules/r.md": "r",
}


def test_a_plugin_is_installed_updated_and_taken_out(tool: Tool, project: Path, tmp_path: Path) -> None:
    plugin = write_tree(tmp_path / "plugin", PLUGIN)

    run = tool("install", "../plugin", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "box", "version": "1.2.0", "previous": ""}])
    assert (project / ".claude/agents/own.md").read_text() == OWN
    assert (project / ".claude/commands/go.md").read_text() == "Go by .claude/commands/go.md.\n"
    assert any("rules/" in notice for notice in run.json["notices"])
    for words in (["sync"], ["sync", "--locked"], ["sync", "--frozen"], ["verify"], ["lock", "--check"]):
        again = tool(*words, "--json")
        assert (again.exit, again.json["changes"]) == (0, []), words

    write_tree(plugin, {"team/own.md": OWN + "More.\n"})
    assert tool("verify").exit == 0
    assert tool("sync", "--locked").exit == 1
    assert tool("sync").exit == 0
    assert (project / ".claude/agents/own.md").read_text() == OWN + "More.\n"

    assert tool("uninstall", "box").exit == 0
    assert read_tree(project) == {}


def test_hundreds_of_agents_and_skills_are_told_on_one_screen(tool: Tool, project: Path, tmp_path: Path) -> None:
    agents = {f"agents/c{number % 12}/{number}.md": AGENT.format(name=f"a{number}") for number in range(200)}
    lost = {path: f"{text}See @.claude/prompts/gone-{path[-6]}/.\n" for path, text in list(agents.items())[:20]}
    skills = {
        path: text
        for number in range(180)
        for path, text in (
            (f"skills/s{number}/SKILL.md", f"---\nname: s{number}\ndescription: d\n---\nDo.\n"),
            (f"skills/s{number}/scripts/run.sh", "#!/bin/sh\n"),
        )
    }
    notes = {f"agents/c{number}/README.md": "# Category\n" for number in range(12)}
    write_tree(tmp_path / "crew/.claude", {**agents, **lost, **skills, **notes})

    run = tool("install", "../crew", "--allow", "executables")

    assert run.exit == 0, run.err
    assert sum(-(-len(line) // 80) or 1 for line in run.out.splitlines()) <= 24, run.out
    assert "560 created" in run.out
    assert len(list((project / ".claude").rglob("*.*"))) == 560
    (tmp_path / "other").mkdir()
    plan = tool("install", "../crew", "--allow", "executables", "--dry-run", cwd=tmp_path / "other").out
    assert plan.count("crew runs executables: skills/") == 180, "the plan tells all of it"


def test_one_agent_s_file_is_a_pack_of_its_own(tool: Tool, project: Path) -> None:
    write_tree(project / "mine", {"own.md": OWN})

    assert tool("install", "own.md", "-C", project, cwd=project / "mine").exit == 0
    assert tool("sync", "--locked").exit == 0

    assert 'own = {path = "mine/own.md"}' in (project / "claudepack.toml").read_text()
    assert (project / ".claude/agents/own.md").read_text() == OWN


def test_a_later_commit_beside_it_makes_no_lock_stale(tool: Tool, project: Path, tmp_path: Path) -> None:
    shelf = write_tree(tmp_path / "shelf", {"data/own.md": OWN, "README.md": "1"})
    commit_all(shelf)
    assert tool("install", "../shelf").exit == 0
    lock = (project / "claudepack.lock").read_bytes()
    write_tree(shelf, {"README.md": "2"})
    commit_all(shelf)

    for words in (["sync"], ["sync", "--locked"], ["sync", "--frozen"], ["lock", "--check"], ["outdated"]):
        assert tool(*words).exit == 0, words
    for words in (["sync", "--frozen"], ["sync"]):
        (project / ".claude/agents/data/own.md").unlink()
        assert tool(*words).exit == 0, words

    assert (project / ".claude/agents/data/own.md").read_text() == OWN
    assert (project / "claudepack.lock").read_bytes() == lock


def test_a_plugin_of_a_marketplace_is_named_by_a_fragment(tool: Tool, project: Path, tmp_path: Path) -> None:
    plugins = [
        {"name": "box", "source": "./box", "description": "Tools."},
        {"name": "far", "source": {"source": "npm"}},
    ]
    shop = {".claude-plugin/marketplace.json": json.dumps({"name": "shop", "owner": {"name": "x"}, "plugins": plugins})}
    write_tree(tmp_path / "shop", {**shop, **{f"box/{path}": text for path, text in PLUGIN.items()}})

    listed = tool("list", "../shop", "--json")
    assert [(pack["name"], pack["version"]) for pack in listed.json["packs"]] == [("box", "1.2.0"), ("far", "")]
    assert listed.json["notices"] == ["far lies elsewhere (npm): clone it, then name its directory"]
    assert "box  1.2.0     Tools." in tool("list", "../shop").out

    assert tool("install", "../shop#box").exit == 0
    assert tool("sync", "--locked").exit == 0
    assert 'path = "../shop#box"' in (project / "claudepack.toml").read_text()
    assert (project / ".claude/agents/own.md").read_text() == OWN


def test_of_many_plugins_that_are_not_there_a_few_are_named(tool: Tool, tmp_path: Path) -> None:
    plugins = [{"name": f"box{number}", "source": f"./box{number}"} for number in range(9)]
    offers = {"name": "shop", "owner": {"name": "x"}, "plugins": plugins}
    write_tree(tmp_path / "shop", {".claude-plugin/marketplace.json": json.dumps(offers)})

    run = tool("list", tmp_path / "shop")

    assert run.out.splitlines()[9:] == [
        *(f"note: box{number} cannot be installed: ./box{number} is not there" for number in range(5)),
        "note: and 4 more, which --json has in full",
    ]
    assert len(tool("list", tmp_path / "shop", "--json").json["notices"]) == 9


def test_a_directory_with_such_a_name_is_itself(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "a#b", name="mine")

    assert tool("install", "../a#b").exit == 0
    assert (project / ".claude/agents/mine.md").exists()


def test_hooks_and_servers_of_a_plugin_need_consent_and_are_merged(tool: Tool, project: Path, tmp_path: Path) -> None:
    hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/bin/stop.sh"}]}]}}
    files = {"hooks/hooks.json": json.dumps(hooks), "bin/stop.sh": "echo\n", ".mcp.json": '{"db": {"command": "db"}}'}
    write_tree(tmp_path / "plugin", {**PLUGIN, **files})

    refused = tool("install", "../plugin", "--json")
    assert (refused.exit, refused.json["error"]["code"]) == (2, "consent")
    assert "${CLAUDE_PROJECT_DIR}/.claude/hooks/box/bin/stop.sh" in refused.json["error"]["message"]

    assert tool("install", "../plugin", "--allow", "hooks,mcp").exit == 0
    settings = json.loads((project / ".claude/settings.json").read_text())
    [group] = settings["hooks"]["Stop"]
    assert group["hooks"][0]["command"] == "${CLAUDE_PROJECT_DIR}/.claude/hooks/box/bin/stop.sh"
    assert (project / ".claude/hooks/box/bin/stop.sh").exists()
    assert json.loads((project / ".mcp.json").read_text()) == {"mcpServers": {"db": {"command": "db"}}}


def test_in_your_own_folder_the_hooks_of_a_plugin_lead_there(tool: Tool, tmp_path: Path) -> None:
    hooks = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "${CLAUDE_PLUGIN_ROOT}/bin/stop.sh"}]}]}}
    write_tree(tmp_path / "plugin", {**PLUGIN, "hooks/hooks.json": json.dumps(hooks), "bin/stop.sh": "echo\n"})
    refused = tool("install", "../plugin", "--user")
    assert "hooks Stop: $HOME/.claude/hooks/box/bin/stop.sh" in refused.err, "consent is to what will run"

    assert tool("install", "../plugin", "--user", "--allow", "hooks").exit == 0

    own = Path.home() / ".claude"
    [group] = json.loads((own / "settings.json").read_text())["hooks"]["Stop"]
    assert group["hooks"][0]["command"] == "$HOME/.claude/hooks/box/bin/stop.sh"
    assert (own / "hooks/box/bin/stop.sh").is_file()
    for words in (["sync"], ["sync", "--frozen"], ["verify"]):
        assert tool(*words, "--user", "--json").json["changes"] == [], words
    assert tool("uninstall", "box", "--user").exit == 0
    assert not (own / "settings.json").exists()


def test_in_your_own_folder_texts_that_lead_into_a_project_are_told(tool: Tool, tmp_path: Path) -> None:
    text = "Read @.claude/prompts/p/, then run .claude/hooks/a.sh. Not ~/.claude/hooks/a.sh, nor .claude/own.md.\n"
    files = {"prompts/p/a.md": "a", "hooks/a.sh": "true\n", "agents/a.md": AGENT.format(name="a") + text}
    write_pack(tmp_path / "mine", files)

    [notice] = tool("install", "../mine", "--user", "--json").json["notices"]

    assert notice.startswith("agents/a.md:7: .claude/prompts/p/ (and 1 more) leads into the project that one works in")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"skills/s/skill.md": "---\nname: s\ndescription: d\n---\n"}, "there is no SKILL.md, exactly so"),
        ({"agents/a.md": AGENT.format(name="a:b")}, "cannot be named 'a:b'"),
        ({"agents/a.md": AGENT.format(name="a/b")}, "cannot be named 'a/b'"),
        ({"agents/a.md": "---\nname: a\n---\n"}, "no description"),
        ({"agents/a.md": OWN + "\U000e0041"}, "invisible"),
        ({"agents/con.md": OWN}, "device on Windows"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    tool: Tool, project: Path, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    write_tree(tmp_path / "there", {"agents/fine.md": AGENT.format(name="fine"), **files})

    run = tool("install", "../there")

    assert run.exit == 2
    assert said in run.err
    assert read_tree(project) == {}


@pytest.mark.parametrize("word", [".", "./.claude"])
def test_the_project_itself_is_not_installed_into_itself(tool: Tool, project: Path, word: str) -> None:
    write_tree(project, {".claude/agents/own.md": OWN})

    run = tool("install", word)

    assert run.exit == 2
    assert "claudepack import" in run.err


def test_a_python_project_with_a_claude_folder_is_read_by_that_folder(tool: Tool, tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"pyproject.toml": '[project]\nname = "app"\n', ".claude/agents/own.md": OWN})

    assert tool("show", "../app", "--json").json["packs"][0]["name"] == "app"


def test_a_source_that_is_gone_is_an_error_and_leaves_all_as_it_is(tool: Tool, project: Path, tmp_path: Path) -> None:
    plugin = write_tree(tmp_path / "plugin", PLUGIN)
    assert tool("install", "../plugin").exit == 0
    before = read_tree(project)
    shutil.rmtree(plugin)

    run = tool("sync")

    assert run.exit == 2
    assert "no such file or directory" in run.err
    assert read_tree(project) == before


def test_a_plugin_in_a_repository_is_pinned_by_its_commit(tool: Tool, project: Path, tmp_path: Path) -> None:
    plugin = {f"plugins/box/{path}": text for path, text in PLUGIN.items() if not path.startswith(".claude-plugin")}
    about = '{"name": "box", "agents": ["./team/own.md"]}'
    write_tree(tmp_path / "market", {**plugin, "plugins/box/.claude-plugin/plugin.json": about, "README.md": "1"})
    (tmp_path / "market/plugins/box/CLAUDE.md").symlink_to("AGENTS.md")
    commit = commit_all(tmp_path / "market", tag="v1")

    run = tool("install", f"git+file://{tmp_path}/market@v1#subdirectory=plugins/box", "--json")

    assert run.exit == 0, run.err
    assert run.json["packs"] == [{"name": "box", "version": f"0+g{commit[:12]}", "previous": ""}]
    assert any("a link" in notice and "CLAUDE.md" in notice for notice in run.json["notices"])
    assert (project / ".claude/agents/own.md").read_text() == OWN
    for words in (["sync", "--locked"], ["sync", "--frozen", "--offline"], ["update"], ["outdated"]):
        assert tool(*words).exit == 0, words

    write_tree(tmp_path / "market", {"plugins/box/team/own.md": OWN + "More.\n"})
    commit_all(tmp_path / "market", tag="v2")
    assert tool("install", f"git+file://{tmp_path}/market@v2#subdirectory=plugins/box").exit == 0
    assert (project / ".claude/agents/own.md").read_text() == OWN + "More.\n"


def _write_shop(root: Path, below: str = "") -> str:
    """A marketplace with one plugin, as a repository; and its commit."""
    offers = {"name": "shop", "owner": {"name": "x"}, "plugins": [{"name": "box", "source": "./box"}]}
    shop = {
        ".claude-plugin/marketplace.json": json.dumps(offers),
        **{f"box/{key}": text for key, text in PLUGIN.items()},
    }
    return commit_all(write_tree(root, {below + path: text for path, text in shop.items()}), tag="v1")


def test_a_plugin_of_a_marketplace_in_a_repository_is_named_by_a_fragment(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    commit = _write_shop(tmp_path / "shop")
    unnamed = tool("install", f"git+file://{tmp_path}/shop")
    assert (unnamed.exit, "name one behind a #; known: box" in unnamed.err) == (2, True)
    absent = tool("install", f"git+file://{tmp_path}/shop#bax")
    assert (absent.exit, "did you mean box?" in absent.err) == (2, True)

    run = tool("install", f"git+file://{tmp_path}/shop@v1#box", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "box", "version": "1.2.0", "previous": ""}])
    written = (project / "claudepack.toml").read_text()
    assert f'box = {{git = "file://{tmp_path}/shop", tag = "v1", plugin = "box"}}' in written
    [locked] = json.loads((project / "claudepack.lock").read_text())["packs"].values()
    assert locked["source"] == {
        "kind": "git",
        "url": f"file://{tmp_path}/shop",
        "commit": commit,
        "plugin": "box",
    }
    for words in (
        ["sync", "--locked"],
        ["sync", "--frozen", "--offline"],
        ["update"],
        ["outdated"],
        ["lock", "--check"],
    ):
        again = tool(*words, "--json")
        assert (again.exit, again.json["changes"]) == (0, []), words
    (project / ".claude/agents/own.md").unlink()
    assert tool("sync", "--frozen", cache=tmp_path / "empty").exit == 0
    assert (project / ".claude/agents/own.md").read_text() == OWN


def test_a_pack_in_a_repository_has_no_plugins(tool: Tool, tmp_path: Path) -> None:
    commit_all(write_pack(tmp_path / "mine"))

    run = tool("show", f"git+file://{tmp_path}/mine#box")

    assert (run.exit, "this is a pack, and no marketplace" in run.err) == (2, True)


@pytest.mark.parametrize(
    ("files", "below", "name"),
    [
        ({"data/own.md": OWN, "README.md": "# Hi\n"}, "", "shelf"),
        ({".claude/agents/own.md": OWN, "pyproject.toml": '[project]\nname = "x"\n'}, "", "shelf"),
        ({".claude/agents/own.md": OWN}, "#subdirectory=.claude", "shelf"),
        ({"x/box/SKILL.md": "---\nname: box\ndescription: d\n---\n"}, "#subdirectory=x/box", "box"),
    ],
)
def test_a_repository_of_agents_is_read_as_its_clone_is(
    tool: Tool, tmp_path: Path, files: dict[str, str], below: str, name: str
) -> None:
    commit = commit_all(write_tree(tmp_path / "shelf.git", files))

    shown = tool("show", f"git+file://{tmp_path}/shelf.git{below}", "--json").json

    assert shown["packs"] == [{"name": name, "version": f"0+g{commit[:12]}", "previous": ""}]
    assert [item["kind"] for item in shown["components"]] == ["skill" if name == "box" else "agent"]


def test_a_repository_without_any_is_refused(tool: Tool, tmp_path: Path) -> None:
    commit_all(write_tree(tmp_path / "shelf", {"README.md": "# Hi\n"}))

    run = tool("show", f"git+file://{tmp_path}/shelf")

    assert run.exit == 2
    assert "there are no agents" in run.err
