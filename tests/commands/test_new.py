"""A new pack: what is written, what is taken from elsewhere, what is refused."""

import re
from pathlib import Path

import pytest
import yaml

from claudepack.lint.gate import check_pack
from claudepack.pack.directory import read_directory
from conftest import Tool
from trees import AGENT, read_tree, write_tree

WRITTEN = {
    ".github/workflows/pack.yml",
    ".gitignore",
    "CHANGELOG.md",
    "CLAUDE.md.j2",
    "README.md",
    "agents/web-api.md",
    "pack.schema.json",
    "pack.toml",
    "prompts/web-api/guide.md",
    "pyproject.toml",
    "tests/test_pack.py",
}
SAMPLES = {"agents/web-api.md", "prompts/web-api/guide.md", "CLAUDE.md.j2"}


def test_it_is_a_whole_pack_with_nothing_wrong_and_says_what_comes_next(tool: Tool, project: Path) -> None:
    run = tool("new", "web-api")

    pack = read_directory(project / "web-api")
    assert run.exit == 0
    assert set(read_tree(project / "web-api")) == WRITTEN
    assert check_pack(pack) == []
    assert list(pack.settings.variables) == ["language"]
    assert run.out.splitlines()[-3:] == [
        "  claudepack install ./web-api --project YOUR-PROJECT",
        "  claudepack sync --watch --project YOUR-PROJECT",
        "  claudepack build web-api",
    ]
    yaml.safe_load((project / "web-api/.github/workflows/pack.yml").read_text())


@pytest.mark.parametrize(
    ("there", "source"),
    [
        ({".claude/agents/own.md": AGENT.format(name="own"), ".claude/prompts/own/a.md": "a\n"}, "."),
        ({"agents/own.md": AGENT.format(name="own"), "prompts/own/a.md": "a\n"}, "."),
        ({".claude/agents/own.md": AGENT.format(name="own"), ".claude/prompts/own/a.md": "a\n"}, ".claude"),
    ],
    ids=["a project", "a folder of components", "a .claude"],
)
def test_components_that_are_there_are_taken_verbatim(
    tool: Tool, project: Path, tmp_path: Path, there: dict[str, str], source: str
) -> None:
    write_tree(tmp_path / "there", there)

    assert tool("new", "web-api", "--from", tmp_path / "there" / source).exit == 0

    tree = read_tree(project / "web-api")
    assert set(tree) == (WRITTEN - SAMPLES) | {"agents/own.md", "prompts/own/a.md"}
    assert tree["agents/own.md"] == AGENT.format(name="own").encode()


def test_a_folder_of_agents_is_enough_and_other_texts_in_it_are_no_agents(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    loose = "---\nname: own\ndescription: does it: well\\n\n---\n"
    write_tree(tmp_path / "there", {"own.md": loose, "README.md": "# Hi\n"})

    assert tool("new", "web-api", "--from", tmp_path / "there").exit == 0

    assert read_tree(project / "web-api")["agents/own.md"] == loose.encode()
    assert not (project / "web-api/agents/README.md").exists()


def test_what_is_wrong_with_an_agent_that_was_there_is_said(tool: Tool, tmp_path: Path) -> None:
    there = {".claude/agents/bad.md": "---\nname: bad\n---\n", ".claude/settings.json": "{}"}
    write_tree(tmp_path / "there", {**there, ".claude/agents/README.md": "no frontmatter\n"})

    run = tool("new", "web-api", "--from", tmp_path / "there", "--json")

    assert run.exit == 0
    assert any("agents/bad.md" in notice for notice in run.json["notices"])
    assert any(re.search("left out.*settings.json", notice) for notice in run.json["notices"])
    assert any(re.search("left out, without.*README.md", notice) for notice in run.json["notices"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["new", "Web API"], "lower-case"),
        (["new", "taken"], "-o DIR"),
        (["new", "x", "--from", "nowhere"], "no such file or directory"),
        (["new", "x", "--from", "taken"], "no agents"),
    ],
)
def test_it_is_refused_and_nothing_is_written(tool: Tool, project: Path, words: list[str], said: str) -> None:
    write_tree(project, {"taken/file": ""})

    run = tool(*words)

    assert run.exit == 2
    assert said in run.err
    assert read_tree(project) == {"taken/file": b""}


def test_a_dry_run_writes_nothing(tool: Tool, project: Path) -> None:
    run = tool("new", "web-api", "--dry-run", "--json")

    assert {change["path"] for change in run.json["changes"]} == WRITTEN
    assert read_tree(project) == {}
