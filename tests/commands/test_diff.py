"""What a project changed of what its packs delivered."""

import shutil
from pathlib import Path

import pytest

from conftest import Tool
from trees import write_pack, write_tree

A = ".claude/prompts/p/a.md"


@pytest.fixture(autouse=True)
def _edited(tool: Tool, project: Path, tmp_path: Path) -> None:
    texts = {"prompts/p/a.md": "one\ntwo\n", "prompts/p/b.md": "b\n", "CLAUDE.md": "Read.\n"}
    tool("install", write_pack(tmp_path / "mine", {**texts, "prompts/p/c.bin": b"\0"}))
    claude_md = project / "CLAUDE.md"
    claude_md.write_text("# Ours\n\n" + claude_md.read_text().replace("Read.", "Read all."))
    write_tree(project, {A: "one\nTWO\n"})


def test_edits_are_shown_against_what_was_delivered(tool: Tool) -> None:
    run = tool("diff")

    assert run.exit == 0
    assert run.out.splitlines() == [
        f"--- {A} (mine 1.0.0)",
        f"+++ {A}",
        "@@ -1,2 +1,2 @@",
        " one",
        "-two",
        "+TWO",
        "--- CLAUDE.md (mine 1.0.0)",
        "+++ CLAUDE.md",
        "@@ -1 +1 @@",
        "-Read.",
        "+Read all.",
    ]


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        ([A], [A]),
        ([".claude"], [A]),
        (["CLAUDE.md"], ["CLAUDE.md"]),
        ([".claude/prompts/p/b.md"], []),
        (["."], [A, "CLAUDE.md"]),
    ],
)
def test_of_those_that_are_named(tool: Tool, paths: list[str], shown: list[str]) -> None:
    run = tool("diff", *paths, "--json")

    assert [diff["path"] for diff in run.json["diffs"]] == shown
    assert {diff["pack"] for diff in run.json["diffs"]} <= {"mine"}


def test_without_edits_it_says_so(tool: Tool) -> None:
    assert tool("diff", ".claude/prompts/p/b.md").out == "no edits\n"


def test_a_path_of_no_pack_is_refused_with_the_nearest(tool: Tool) -> None:
    run = tool("diff", ".claude/prompts/p/aa.md", "--json")
    assert (run.exit, run.json["error"]["hint"].startswith("did you mean")) == (2, True)


def test_what_is_binary_is_named_and_a_base_that_nobody_has_is_told(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {".claude/prompts/p/c.bin": b"\0\0"})
    assert "differ (1 and 2 bytes)" in tool("diff", ".claude/prompts/p/c.bin").out

    shutil.rmtree(Path.home() / ".cache")
    assert f"--- {A} (mine 1.0.0)\n" in tool("diff", A).out  # its directory has it

    write_pack(tmp_path / "mine", {"prompts/p/b.md": "another\n"})
    assert tool("diff", A).out == f"{A}: edited, and the base is nowhere to be had\n"
