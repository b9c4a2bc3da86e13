"""Ending a conflict: one side, the other, or both made one, on the machine that met it or on any other."""

import shutil
import sys
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree

A = "prompts/p/a.md"
LIVE, BESIDE = f".claude/{A}", f".claudepack/conflicts/.claude/{A}"
OLD, MINE, NEW = "one\nrest\n", "ONE\nrest\n", "won\nrest\n"


@pytest.fixture
def pack(tool: Tool, project: Path, tmp_path: Path) -> Path:
    """A pack whose prompt and context are in conflict with the project."""
    root = write_pack(tmp_path / "mine", {A: OLD, "CLAUDE.md": OLD})
    tool("install", root)
    write_tree(project, {LIVE: MINE})
    claude_md = project / "CLAUDE.md"
    claude_md.write_text(claude_md.read_text().replace("one", "ONE"))
    write_tree(root, {A: NEW, "CLAUDE.md": NEW})
    assert tool("sync").exit == 3
    return root


@pytest.mark.parametrize(("side", "text"), [("--ours", MINE), ("--theirs", NEW)])
def test_one_side_is_taken_and_no_text_is_lost(tool: Tool, project: Path, pack: Path, side: str, text: str) -> None:
    assert pack.is_dir()
    run = tool("resolve", LIVE, side, "--json")

    assert (run.exit, run.json["conflicts"]) == (0, ["CLAUDE.md"])
    assert (project / LIVE).read_text() == text
    assert tool("resolve", "CLAUDE.md", side).exit == 0
    assert text in (project / "CLAUDE.md").read_text()
    assert tool("verify").exit == 0
    assert not (project / ".claudepack/conflicts").exists()
    replaced = project / ".claudepack/replaced"
    assert read_tree(replaced) == ({} if side == "--ours" else {LIVE: MINE.encode(), "CLAUDE.md.mine": MINE.encode()})


def test_what_mends_it_is_told_wherever_it_is_seen(tool: Tool, project: Path, pack: Path) -> None:
    assert pack.is_dir()
    for verb in ("status", "verify", "doctor"):
        assert f"claudepack resolve {LIVE}" in tool(verb).out, verb

    (project / ".claude/agents/mine.md").unlink()
    for verb in ("status", "verify", "doctor"):
        assert "claudepack sync" in tool(verb).out, verb


def test_both_at_once(tool: Tool, project: Path, pack: Path) -> None:
    assert tool("resolve", LIVE, "CLAUDE.md", "--ours").exit == 0
    assert tool("sync").exit == 0
    assert (project / LIVE).read_text() == MINE
    assert pack.is_dir()


def test_the_merged_text_is_taken_once_it_has_no_markers(tool: Tool, project: Path, pack: Path) -> None:
    assert pack.is_dir()
    refused = tool("resolve", LIVE, "--merged", "--json")
    assert (refused.exit, refused.json["error"]["code"]) == (2, "markers")
    write_tree(project, {f"{BESIDE}.merged": "one and won\nrest\n"})

    assert tool("resolve", LIVE, "--merged").exit == 0

    assert (project / LIVE).read_text() == "one and won\nrest\n"
    assert tool("status", "--json").json["conflicts"] == ["CLAUDE.md"]


def test_an_editor_gets_both_and_what_it_saves_is_taken(
    tool: Tool, project: Path, pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert pack.is_dir()
    script = tmp_path / "my editor.py"
    script.write_text(
        "import pathlib, sys\npath = pathlib.Path(sys.argv[-1])\ntext = path.read_text()\n"
        "assert '<<<<<<< yours' in text, text\n"
        "path.write_text(''.join(line for line in text.splitlines(True) if line[0] not in '<=>'))\n"
    )
    monkeypatch.setenv("EDITOR", f"'{sys.executable}' '{script}'")

    for path in (LIVE, "CLAUDE.md"):
        assert tool("resolve", path, "--edit").exit == 0
        assert "ONE\nwon\nrest\n" in (project / path).read_text()
    assert tool("verify").exit == 0


@pytest.mark.parametrize(
    ("editor", "why"), [("", "neither VISUAL nor EDITOR"), ("false", "ended with 1"), ("no-such-editor", "no-such")]
)
def test_an_editor_that_fails_changes_nothing(
    tool: Tool, project: Path, pack: Path, monkeypatch: pytest.MonkeyPatch, editor: str, why: str
) -> None:
    assert pack.is_dir()
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    before = read_tree(project)

    run = tool("resolve", LIVE, "--edit")

    assert run.exit == 2
    assert why in run.err
    assert read_tree(project) == before


def test_on_another_machine_a_sync_lays_the_sides_again(tool: Tool, project: Path, pack: Path, tmp_path: Path) -> None:
    assert pack.is_dir()
    clone = tmp_path / "clone"
    shutil.copytree(project, clone, ignore=shutil.ignore_patterns(".claudepack"))
    assert tool("verify", cwd=clone).exit == 1
    refused = tool("resolve", LIVE, "--merged", cwd=clone)
    assert (refused.exit, "claudepack sync makes it again" in refused.err) == (2, True)

    assert tool("sync", cwd=clone).exit == 3

    sides = {path.name for path in (clone / ".claudepack/conflicts/.claude/prompts/p").iterdir()}
    assert sides == {"a.md.base", "a.md.theirs", "a.md.merged"}
    assert tool("resolve", LIVE, "CLAUDE.md", "--theirs", cwd=clone).exit == 0
    assert tool("verify", cwd=clone).exit == 0


def test_with_markers_in_the_file_it_is_edited_there(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {A: OLD})
    tool("install", pack)
    write_tree(project, {LIVE: MINE})
    write_tree(pack, {A: NEW})

    assert tool("sync", "--conflict=markers").exit == 3
    assert "<<<<<<< yours\nONE\n=======\nwon\n>>>>>>> " in (project / LIVE).read_text()
    assert tool("resolve", LIVE, "--merged").exit == 2
    assert tool("sync").exit == 3

    write_tree(project, {LIVE: "one and won\nrest\n"})
    assert tool("resolve", LIVE, "--merged").exit == 0
    assert (project / LIVE).read_text() == "one and won\nrest\n"
    assert tool("verify").exit == 0


@pytest.mark.parametrize(("side", "text"), [("--ours", MINE), ("--theirs", NEW)])
def test_with_markers_in_the_file_one_side_is_taken_whole(
    tool: Tool, project: Path, tmp_path: Path, side: str, text: str
) -> None:
    pack = write_pack(tmp_path / "mine", {A: OLD})
    tool("install", pack)
    write_tree(project, {LIVE: MINE})
    write_tree(pack, {A: NEW})
    tool("sync", "--conflict=markers")

    assert tool("resolve", LIVE, side).exit == 0

    assert (project / LIVE).read_text() == text
    assert tool("verify").exit == 0


def test_ours_is_what_stands_in_the_file_once_its_markers_are_gone(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {A: OLD})
    tool("install", pack)
    write_tree(project, {LIVE: MINE})
    write_tree(pack, {A: NEW})
    tool("sync", "--conflict=markers")
    write_tree(project, {LIVE: "one and won\nrest\n"})

    assert tool("resolve", LIVE, "--ours").exit == 0

    assert (project / LIVE).read_text() == "one and won\nrest\n"
    assert tool("verify").exit == 0


def test_a_file_without_a_conflict_is_refused_with_the_nearest_that_has_one(
    tool: Tool, project: Path, pack: Path
) -> None:
    assert project.is_dir()
    assert pack.is_dir()
    run = tool("resolve", ".claude/prompts/p/b.md", "--ours", "--json")
    assert (run.exit, run.json["error"]["hint"]) == (2, f"did you mean {LIVE}?")
    assert tool("resolve", LIVE).exit == 2  # no side


def test_a_claude_md_whose_blocks_cannot_be_told_apart_is_mended_first(tool: Tool, project: Path, pack: Path) -> None:
    assert pack.is_dir()
    claude_md = project / "CLAUDE.md"
    claude_md.write_text(claude_md.read_text() + "```\n")

    run = tool("resolve", "CLAUDE.md", "--theirs")

    assert (run.exit, "code fence" in run.err) == (2, True)


@pytest.mark.parametrize("side", ["ours", "theirs", "merged"])
def test_a_conflict_in_a_file_with_as_long_a_name_as_there_is(
    tool: Tool, project: Path, tmp_path: Path, side: str
) -> None:
    path = f"prompts/p/{'n' * 252}.md"
    root = write_pack(tmp_path / "long", {path: OLD}, name="long")
    assert tool("install", root).exit == 0
    write_tree(project, {f".claude/{path}": MINE})
    write_tree(root, {path: NEW})

    assert tool("sync").exit == 3
    sides = {file.suffix: file.read_text() for file in (project / ".claudepack/conflicts/.claude/prompts/p").iterdir()}
    assert (sides[".base"], sides[".theirs"], "<<<<<<<" in sides[".merged"]) == (OLD, NEW, True)
    for merged in (project / ".claudepack/conflicts").rglob("*.merged"):
        merged.write_text("both\n")

    run = tool("resolve", f".claude/{path}", f"--{side}", "--json")

    assert (run.exit, run.json["conflicts"]) == (0, [])
    assert (project / ".claude" / path).read_text() == {"ours": MINE, "theirs": NEW, "merged": "both\n"}[side]
    replaced = {data.decode() for data in read_tree(project / ".claudepack/replaced").values()}
    assert replaced == {"ours": {"both\n"}, "theirs": {MINE, "both\n"}, "merged": {MINE}}[side]
