"""The cache is found, measured and emptied, and nothing depends on what was in it."""

import os
import shutil
import time
from pathlib import Path

from conftest import Tool
from repositories import commit_all
from trees import read_tree, write_installed, write_pack, write_wheel


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
    assert tool("cache", "prune", "--days", "-1").exit == 2
    assert "4 entries removed" in tool("cache", "prune", "--days", "0").out


def test_what_a_run_is_working_in_stays_for_a_day(tool: Tool, tmp_path: Path) -> None:
    _fill(tool, tmp_path)
    folder = Path.home() / ".cache/claudepack"
    works = [folder / "stage/work/clone", folder / "packs/corp/.new-1-2-3"]
    for work in works:
        work.parent.mkdir(exist_ok=True)
        work.write_text("half\n")

    assert "5 entries removed" in tool("cache", "clean").out
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(works)

    for path in (works[0].parent, works[1]):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert "2 entries removed" in tool("cache", "clean").out
    assert not any(path.is_file() for path in folder.rglob("*"))


def test_what_is_read_from_it_may_be_kept_anew_in_the_same_run(tool: Tool, project: Path) -> None:
    """A part was left out, so that the gate had not looked at all of it; it is wanted, and the cache has it."""
    site = write_installed(project, {"prompts/p/a.md": "one\n", "prompts/p/b.md": "two\n"}, version="1.0.0")
    assert tool("install", "mine", "--exclude", "prompts/p/b.md").exit == 0
    shutil.rmtree(site)

    run = tool("exclude", "mine", "prompts/p/b.md", "--undo")

    assert (run.exit, run.err) == (0, "")
    assert (project / ".claude/prompts/p/b.md").read_text() == "two\n"


def test_one_that_only_can_be_read_is_as_good_for_what_is_in_it(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_installed(project, {"prompts/p/a.md": "one\n"}, version="1.0.0")
    assert tool("install", "mine", cache=tmp_path / "cache").exit == 0
    for path in (tmp_path / "cache").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
        if os.geteuid() == 0:
            os.chown(path, 12345, -1)  # whose times nobody else may set
    (project / ".claude/prompts/p/a.md").unlink()

    run = tool("sync", "--json", cache=tmp_path / "cache", held_to_modes=True)

    assert (run.exit, run.json["notices"]) == (0, [])
