"""`import` makes a pack of what is there: all of it or what is chosen, and it builds."""

import re
import shlex
from pathlib import Path

import pytest

from claudepack.lint.gate import check_pack
from claudepack.pack.directory import read_directory
from conftest import Tool
from repositories import commit_all, serve_repositories
from trees import AGENT, read_tree, write_tree

OWN = AGENT.format(name="own")
SHOP = {
    ".claude/agents/own.md": OWN,
    ".claude/agents/other.md": AGENT.format(name="other"),
    ".claude/rules/r.md": "Rule.\n",
    ".claude/settings.json": '{"model": "opus"}\n',
    ".mcp.json": '{"mcpServers": {}}\n',
    "CLAUDE.md": "# Shop\n\n## Style\n\nTabs.\n\n## Tests\n\nFast.\n",
}


def _components(root: Path) -> dict[str, bytes]:
    return {path: file.read() for path, file in read_directory(root).files.items()}


def test_the_pack_is_whole_and_builds(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(tmp_path / "My Shop", SHOP)

    run = tool("import", "../My Shop", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "my-shop", "version": "0.1.0", "previous": ""}])
    pack = read_directory(project / "my-shop")
    assert list(pack.files) == ["agents/other.md", "agents/own.md", "rules/r.md"]
    assert pack.files["agents/own.md"].read().decode() == OWN
    assert check_pack(pack) == []
    assert any("../CLAUDE.md, mcp.json, settings.json" in notice for notice in run.json["notices"])
    assert tool("build", "my-shop").exit == 0


def test_version_and_summary_of_a_plugin_stay_with_it(tool: Tool, project: Path, tmp_path: Path) -> None:
    about = '{"name": "box", "version": "2.1.0", "description": "Says \\"hi\\" \\\\ and goes."}'
    write_tree(tmp_path / "p", {".claude-plugin/plugin.json": about, "agents/own.md": OWN, "CHANGELOG.md": "# 2.1.0\n"})

    assert tool("import", "../p", "-o", "packs/box").exit == 0

    pack = read_directory(project / "packs/box")
    assert (pack.name, pack.version, pack.identity.summary) == ("box", "2.1.0", 'Says "hi" \\ and goes.')
    assert (project / "packs/box/CHANGELOG.md").read_text() == "# 2.1.0\n"


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (["--only", "own"], ["agents/own.md"]),
        (["--only", "agents"], ["agents/other.md", "agents/own.md"]),
        (["--only", "agents/o*n.md", "--only", "settings.json"], ["agents/own.md", "settings.json"]),
        (["--only", "mcp.json"], ["mcp.json"]),
        (["--only", "own", "--context", "Style"], ["CLAUDE.md", "agents/own.md"]),
        (["--exclude", "own", "--exclude", "rules"], ["agents/other.md"]),
        (["--only", "agents", "--exclude", "o*r"], ["agents/own.md"]),
        (["--exclude", "agents", "--context", "Style"], ["CLAUDE.md", "rules/r.md"]),
    ],
)
def test_what_is_wanted_of_a_project_is_chosen(
    tool: Tool, project: Path, tmp_path: Path, words: list[str], paths: list[str]
) -> None:
    write_tree(tmp_path / "shop", SHOP)

    assert tool("import", "../shop", *words).exit == 0

    assert list(_components(project / "shop")) == paths


@pytest.mark.parametrize("source", ["../shop", "../shop/.claude"])
def test_the_context_is_taken_by_heading(tool: Tool, project: Path, tmp_path: Path, source: str) -> None:
    write_tree(tmp_path / "shop", SHOP)

    run = tool("import", source, "--context", "tests", "--json")

    assert run.exit == 0
    assert _components(project / "shop")["CLAUDE.md"] == b"## Tests\n\nFast.\n"
    assert not any("CLAUDE.md" in notice for notice in run.json["notices"]), "it was not left out"


def test_of_the_project_itself_what_packs_installed_is_left_to_them(tool: Tool, project: Path) -> None:
    assert tool("install", "backend").exit == 0
    write_tree(project, {".claude/agents/own.md": OWN})

    run = tool("import", ".", "-o", "mine", "--json")

    assert list(_components(project / "mine")) == ["agents/own.md"]
    assert any(notice.startswith("left out, from the pack backend: agents/") for notice in run.json["notices"])


def test_a_repository_is_imported_from_a_server_and_its_commit_is_told(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    commit = commit_all(
        write_tree(tmp_path / "shops/shop", {f"web/{path}": text for path, text in SHOP.items()}), tag="v1"
    )
    write_tree(tmp_path / "shops/shop", {"web/.claude/agents/own.md": OWN + "Later.\n"})
    commit_all(tmp_path / "shops/shop")

    with serve_repositories(tmp_path / "shops") as url:
        words = ["--only", "own", "--only", "settings.json", "--context", "Style"]
        run = tool("import", f"git+{url}/shop@v1#subdirectory=web", *words, "-o", "mine", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "web", "version": "0.1.0", "previous": ""}])
    assert _components(project / "mine") == {
        "CLAUDE.md": b"## Style\n\nTabs.\n",
        "agents/own.md": OWN.encode(),
        "settings.json": SHOP[".claude/settings.json"].encode(),
    }
    origin = f"from {url}/shop at {commit}, web.\n"
    assert origin in (project / "mine/README.md").read_text()
    assert origin in (project / "mine/CHANGELOG.md").read_text()
    assert tool("build", "mine").exit == 0
    assert str(tmp_path) not in run.out.replace(str(project), "")


def test_a_plugin_of_a_marketplace_in_a_repository_is_imported(tool: Tool, project: Path, tmp_path: Path) -> None:
    offers = '{"name": "shop", "owner": {"name": "x"}, "plugins": [{"name": "box", "source": "./box", "version": "2"}]}'
    write_tree(tmp_path / "shop", {".claude-plugin/marketplace.json": offers, "box/agents/own.md": OWN})
    commit_all(tmp_path / "shop")

    run = tool("import", f"git+file://{tmp_path}/shop#box", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "box", "version": "2", "previous": ""}])
    assert list(_components(project / "box")) == ["agents/own.md"]


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({"README.md": "# Hi\n"}, [], "there are no agents"),
        ({"agents/a.md": OWN}, ["--context", "Style"], "shop at COMMIT: there is no CLAUDE.md"),
        ({"pyproject.toml": '[project.entry-points."claudepack.packs"]\n'}, [], "this is a pack already"),
    ],
)
def test_of_a_repository_it_is_refused_and_nothing_is_written(
    tool: Tool, project: Path, tmp_path: Path, files: dict[str, str], words: list[str], said: str
) -> None:
    commit = commit_all(write_tree(tmp_path / "shop", files))

    run = tool("import", f"git+file://{tmp_path}/shop", *words)

    assert run.exit == 2
    assert said.replace("COMMIT", commit[:12]) in run.err
    assert read_tree(project) == {}


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({"skills/s/skill.md": "---\nname: s\n---\n"}, [], "there is no SKILL.md, exactly so"),
        ({"agents/a.md": AGENT.format(name="a:b")}, [], "cannot be named 'a:b'"),
        ({"agents/a.md": AGENT.format(name="a/b")}, [], "cannot be named 'a/b'"),
        ({"agents/a.md": OWN}, ["--only", "nothing"], "--only nothing: there is none"),
        ({"agents/a.md": OWN}, ["--exclude", "won"], "--exclude won: there is none\n  did you mean own?"),
        ({"agents/a.md": OWN}, ["--context", "Style"], "there is no CLAUDE.md"),
        ({"agents/a.md": OWN, "CLAUDE.md": "# A\n"}, ["--context", "B"], "there is no heading 'B'"),
        ({"agents/a.md": OWN}, ["-o", "taken"], "taken is there already"),
        ({"README.md": "# Hi\n"}, [], "there are no agents"),
    ],
)
def test_it_is_refused_and_nothing_is_written(
    tool: Tool, project: Path, tmp_path: Path, files: dict[str, str], words: list[str], said: str
) -> None:
    write_tree(tmp_path / "there", files)
    write_tree(project, {"taken/file": ""})

    run = tool("import", "../there", *words)

    assert run.exit == 2
    assert said in run.err
    assert read_tree(project) == {"taken/file": b""}


def test_what_is_broken_is_left_out_as_the_message_says(tool: Tool, project: Path, tmp_path: Path) -> None:
    broken = {"agents/it's.md": "---\nname: it\n---\n", "skills/s/skill.md": "---\nname: s\n---\n"}
    write_tree(tmp_path / "there", {"agents/own.md": OWN, **broken})
    refused = tool("import", "../there")
    [way_out] = re.findall(r"leave out what is broken: (--exclude .*); nothing was written", refused.err)

    assert tool("import", "../there", *shlex.split(way_out)).exit == 0

    assert list(_components(project / "there")) == ["agents/own.md"]


def test_a_folder_that_tools_write_to_elsewhere_is_packed_below_hooks(tool: Tool, tmp_path: Path) -> None:
    write_tree(tmp_path / "there", {"agents/own.md": OWN, "hooks/dist/go.js": "1\n"})
    assert tool("import", "../there").exit == 0

    assert tool("build", "there").exit == 0


def test_a_pack_needs_no_import(tool: Tool, project: Path) -> None:
    assert tool("new", "mine").exit == 0

    run = tool("import", "./mine", "-o", "again")

    assert (run.exit, (project / "again").exists()) == (2, False)
    assert "a pack already" in run.err


def test_a_dry_run_writes_nothing(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(tmp_path / "shop", SHOP)

    run = tool("import", "../shop", "--dry-run", "--json")

    assert "agents/own.md" in {change["path"] for change in run.json["changes"]}
    assert read_tree(project) == {}
