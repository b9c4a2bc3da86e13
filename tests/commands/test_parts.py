"""A project takes a part of a pack: in its manifest, and on the command line."""

import re
import shlex
from pathlib import Path

import pytest

from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

AGENTS = {f"agents/{name}.md": AGENT.format(name=name) for name in ("reader", "writer")}
FILES = {
    **AGENTS,
    "agents/reader.md": AGENT.format(name="reader") + "\nRead `@.claude/prompts/p/` first.\n",
    "prompts/p/a.md": "a\n",
    "CLAUDE.md": "Context.\n",
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "mine", FILES, agent=False)


def _installed(project: Path) -> set[str]:
    return {path for path in read_tree(project) if path.startswith((".claude/", "CLAUDE.md"))}


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["--only", "writer"], {".claude/agents/writer.md"}),
        (["--only", "agents/*", "--exclude", "reader"], {".claude/agents/writer.md"}),
        (["--only", "reader", "--only", "prompts"], {".claude/agents/reader.md", ".claude/prompts/p/a.md"}),
        (["--exclude", "CLAUDE.md", "--exclude", "agents"], {".claude/prompts/p/a.md"}),
    ],
)
def test_on_the_command_line(tool: Tool, project: Path, pack: Path, words: list[str], files: set[str]) -> None:
    assert tool("install", pack, *words).exit == 0

    assert _installed(project) == files
    assert tool("verify").exit == 0
    assert tool("sync", "--json").json["changes"] == []


def test_more_is_wanted_later(tool: Tool, project: Path, pack: Path) -> None:
    tool("install", pack, "--only", "writer")
    tool("install", pack, "--only", "reader")
    assert 'only = ["writer", "reader"]' in (project / "claudepack.toml").read_text()

    assert tool("exclude", "mine", "writer").exit == 0
    assert _installed(project) == {".claude/agents/reader.md"}
    assert tool("exclude", "mine", "writer", "--undo").exit == 0
    assert len(_installed(project)) == 2


def test_what_is_taken_back_under_another_name_than_it_was_left_out_by_is_told(tool: Tool, pack: Path) -> None:
    tool("install", pack, "--exclude", "writer")

    run = tool("exclude", "mine", "agents/writer.md", "--undo")

    assert (run.exit, "note: mine leaves out no 'agents/writer.md' (known: writer)" in run.out) == (0, True)
    notices = tool("exclude", "mine", "writer", "reader", "--undo", "--json").json["notices"]
    assert notices == ["mine leaves out no 'reader' (known: writer)"]


def test_what_the_rest_refers_to_and_is_left_out_is_named(tool: Tool, project: Path, pack: Path) -> None:
    run = tool("install", pack, "--exclude", "prompts", "--json")

    assert run.exit == 0
    assert run.json["notices"] == ["agents/reader.md:8: @.claude/prompts/p/ leads to nothing here"]
    (project / ".claude/prompts/p").mkdir(parents=True)
    assert tool("install", pack, "--exclude", "CLAUDE.md", "--json").json["notices"] == []


def test_a_part_that_is_none_is_refused_with_the_nearest(tool: Tool, project: Path, pack: Path) -> None:
    run = tool("install", pack, "--only", "readr", "--json")

    assert (run.exit, "reader" in run.json["error"]["hint"]) == (2, True)
    assert read_tree(project) == {}


def test_a_pack_with_a_reference_that_leads_nowhere_does_not_build(tool: Tool, project: Path, pack: Path) -> None:
    (pack / "prompts/p/a.md").unlink()

    run = tool("build", pack)

    assert (run.exit, "agents/reader.md:8" in run.err, "@.claude/prompts/p/" in run.err) == (2, True, True)
    assert tool("install", pack).exit == 0
    assert project.is_dir()


def test_what_the_client_would_skip_can_be_left_out(tool: Tool, project: Path, pack: Path) -> None:
    broken = {"agents/broken 1.md": "---\nname: broken\n---\n", "skills/a/notes.md": "", "skills/b/SKILL.md": "Do.\n"}
    write_tree(pack, broken)
    refused = tool("install", pack)
    assert refused.exit == 2
    [way_out] = re.findall(r"leave out what is broken: (--exclude .*); nothing was changed", refused.err)

    run = tool("install", pack, *shlex.split(way_out))

    assert run.exit == 0, run.err
    assert not {f".claude/{path}" for path in broken} & set(_installed(project))
    write_pack(pack, FILES, agent=False, version="1.1.0")
    update = tool("update")
    assert update.exit == 0, update.err
    assert "broken" not in update.out


@pytest.mark.parametrize("words", [["*"], ["agents", "prompts", "CLAUDE.md"], ["reader", "writer", "p", "CLAUDE.md"]])
def test_a_pack_of_which_all_is_left_out_is_refused(tool: Tool, project: Path, pack: Path, words: list[str]) -> None:
    run = tool("install", pack, *(f"--exclude={word}" for word in words))

    assert (run.exit, "all of it is left out\n  leave out less, or do without it: " in run.err) == (2, True)
    assert read_tree(project) == {}


@pytest.mark.usefixtures("pack")
def test_an_override_by_the_name_of_a_component_is_refused_with_its_path(tool: Tool, project: Path) -> None:
    write_tree(project, {"claudepack.toml": '[packs.mine]\npath = "../mine"\noverride.reader.model = "opus"\n'})

    assert "\n  override it by its path: agents/reader.md\n" in tool("sync").err
