"""Commits of what is here otherwise, whatever their paths are called."""

import time
from pathlib import Path

from claudepack.fleet.clone import ask_heads, open_clone
from claudepack.fleet.commit import Mark, find_edits, make_commit, push, read_mark
from fleets import edit_bare, make_bare
from repositories import git

ODD = ['.claude/we"ird.md', ".claude/two\nlines.md", ".claude/back\\slash.md", ".claude/ä b.md", ".claude/\x01.md"]
TRAILER = "Packs\n\nClaudepack-Fleet: 0a main services/a b\n"


def _end() -> float:
    return time.monotonic() + 60


def _commit(bare: Path, *, edits: dict[str, bytes | None], message: str = TRAILER) -> str:
    with open_clone(bare.as_uri(), ask_heads(bare.as_uri(), "", _end()), "", _end()) as clone:
        for path, data in edits.items():
            target = clone.root / path
            if data is None:
                target.unlink()
            else:
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(data)
        commit = make_commit(clone, find_edits(clone), message, "F <f@example.org>")
        push(clone, commit, "claudepack/0a", [], is_direct=False)
        return commit


def test_paths_of_any_kind_come_go_and_stay(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git", dict.fromkeys(ODD, "old\n"))

    commit = _commit(bare, edits={ODD[0]: b"new\n", ODD[1]: None, '.claude/new "one"\n.md': b"\0\xff"})

    listed = set(git(bare, "ls-tree", "-r", "-z", "--name-only", commit).strip("\0").split("\0"))
    assert listed == {*ODD, '.claude/new "one"\n.md'} - {ODD[1]}
    changed = git(bare, "diff", "--name-only", "-z", "main", commit).strip("\0").split("\0")
    assert set(changed) == {ODD[0], ODD[1], '.claude/new "one"\n.md'}
    git(bare, "fsck", "--strict")


def test_modes_and_links_stay_and_nothing_else_is_an_edit(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "--quiet")
    (work / ".claude/hooks").mkdir(parents=True)
    (work / ".claude/hooks/run.sh").write_text("#!/bin/sh\n")
    (work / ".claude/hooks/run.sh").chmod(0o755)
    (work / ".claude/agents").symlink_to("hooks")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "x")

    with open_clone(work.as_uri(), ask_heads(work.as_uri(), "", _end()), "", _end()) as clone:
        assert find_edits(clone) == []
        (clone.root / ".claude/hooks/run.sh").chmod(0o644)
        (clone.root / ".claudepack").mkdir()
        (clone.root / ".claudepack/x").write_text("state\n")
        [edit] = find_edits(clone)

    assert (edit.path, oct(edit.mode)) == (".claude/hooks/run.sh", "0o100644")


def test_the_same_change_has_the_same_name_whenever_it_is_made(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")

    first = _commit(bare, edits={".claude/x.md": b"x\n"})
    time.sleep(1.1)

    assert _commit(bare, edits={".claude/x.md": b"x\n"}) == first


def test_a_mark_is_read_where_nobody_else_has_touched_the_commit(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")
    _commit(bare, edits={".claude/x.md": b"x\n"})
    ours = _read(bare)
    edit_bare(bare, {"y": "y\n"}, branch="claudepack/0a")

    assert (ours, _read(bare)) == (("0a", "main", "services/a b"), None)


def _read(bare: Path) -> Mark | None:
    with open_clone(bare.as_uri(), ask_heads(bare.as_uri(), "", _end()), "", _end()) as clone:
        return read_mark(clone, "claudepack/0a")
