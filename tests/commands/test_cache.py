"""The cache is found, measured and emptied, and nothing depends on what was in it."""

import os
import time
from pathlib import Path

from conftest import Tool
from repositories import commit_all
from trees import read_tree, write_pack, write_wheel


def _fill(tool: Tool, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine")
    commit_all(pack)
    write_wheel(tmp_path / "w", "corp", "1.0")
    assert tool("install", f"git+file://{pack}").exit == 0
    assert tool("install", "corp", "--find-links", tmp_path / "w").exit == 0


def test_it_tells_where_it_is_and_what_it_holds(tool: Tool, tmp_path: Path) -> None:
    folder = Path.home() / ".cache/claudepack"
    assert tool("cache", "dir").out == f"{folder}\n"
    assert "nothing" in tool("cache", "info").out
    _fill(tool, tmp_path)
    entries = {row["kind"]: row["entries"] for row in tool("cache", "info", "--json").json["entries"]}
    assert entries == {"packs": 2, "archives": 2, "git": 1}
    assert "KiB" in tool("cache", "info").out


def test_it_is_emptied_and_filled_again(tool: Tool, project: Path, tmp_path: Path) -> None:
    _fill(tool, tmp_path)
    whole = read_tree(project)
    assert "5 entries removed" in tool("cache", "clean").out
    (project / ".claude/agents/corp.md").unlink()
    (project / ".claude/agents/mine.md").unlink()
    assert tool("sync", "--offline").exit == 2
    assert tool("sync").exit == 0
    assert read_tree(project) == whole


def test_what_was_not_used_for_long_goes(tool: Tool, tmp_path: Path) -> None:
    _fill(tool, tmp_path)
    folder = Path.home() / ".cache/claudepack"
    assert "0 entries removed" in tool("cache", "prune").out
    [old] = (folder / "packs/corp").iterdir()
    left = folder / "stage/dead"
    left.mkdir()
    for path, days in ((old, 91), (left, 2)):
        os.utime(path, (time.time() - days * 86_400,) * 2)
    assert "2 entries removed" in tool("cache", "prune").out
    assert not old.exists()
    assert "4 entries removed" in tool("cache", "prune", "--days", "0").out
