"""`sync A B C`: each project is brought in step, whatever comes of the others."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import write_pack

PATH = ".claude/prompts/p/a.md"


@pytest.fixture
def projects(tmp_path: Path, tool: Tool) -> list[Path]:
    """Three projects with the pack `mine`, of which each lacks a file."""
    write_pack(tmp_path / "pack", {"prompts/p/a.md": "one\n"})
    roots = [tmp_path / name for name in "abc"]
    for root in roots:
        root.mkdir()
        assert tool("install", "../pack", cwd=root).exit == 0
        (root / PATH).unlink()
    return roots


def test_each_is_brought_in_step_and_told(tmp_path: Path, tool: Tool, projects: list[Path]) -> None:
    run = tool("sync", "a", "b", projects[2], "a", "--json", cwd=tmp_path)

    assert run.exit == 0
    rows = run.json["repositories"]
    assert [row["url"] for row in rows] == ["a", "b", str(projects[2])]
    assert all(row["changes"] == [{"path": PATH, "action": "restore", "pack": "mine"}] for row in rows)
    assert {key for row in rows for key in row} == {
        "url",
        "exit",
        "branch",
        "packs",
        "changes",
        "conflicts",
        "error",
    }
    assert all((root / PATH).read_text() == "one\n" for root in projects)
    assert "3 projects: 3 in step" in tool("sync", "a", "b", "c", cwd=tmp_path).out


def test_one_that_fails_stops_no_other(tmp_path: Path, tool: Tool, projects: list[Path]) -> None:
    (projects[0] / "claudepack.toml").write_text("[pack]\n")

    run = tool("sync", "a", "nowhere", "b", cwd=tmp_path)

    assert run.exit == 1
    assert "unknown key 'pack'" in run.out
    assert "nowhere: no such directory" in run.out
    assert "3 projects: 1 in step, 2 failed" in run.out
    assert (projects[1] / PATH).exists()


def test_with_conflicts_only_it_ends_as_one_with_conflicts(tmp_path: Path, tool: Tool, projects: list[Path]) -> None:
    (projects[0] / PATH).write_text("yours\n")
    write_pack(tmp_path / "pack", {"prompts/p/a.md": "two\n"})

    run = tool("sync", "a", "b", "--json", cwd=tmp_path)

    assert run.exit == 3
    assert [row["conflicts"] for row in run.json["repositories"]] == [[PATH], []]


@pytest.mark.parametrize("option", [("--project", "b"), ("--user",), ("--watch",)])
def test_what_is_for_one_project_is_refused(
    tmp_path: Path, tool: Tool, projects: list[Path], option: tuple[str, ...]
) -> None:
    run = tool("sync", "a", *option, cwd=tmp_path)

    assert run.exit == 2
    assert option[0] in run.err
    assert not (projects[0] / PATH).exists()
