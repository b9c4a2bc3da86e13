"""What is cloned of a repository, and what no tree can make it do."""

import subprocess
import time
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.clone import Heads, ask_heads, list_places, open_clone
from fleets import make_bare
from repositories import git
from trees import read_tree

FILES = {
    ".claude/agents/a.md": "a\n",
    "CLAUDE.md": "# x\n",
    "AGENTS.md": "# y\n",
    "src/main.c": "int x;\n",
    "src/CLAUDE.md": "# z\n",
    "services/a/.claude/b.md": "b\n",
    "services/AGENTS.md": "# s\n",
}


def _end() -> float:
    return time.monotonic() + 60


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", {".claude/agents/a.md", "CLAUDE.md", "AGENTS.md"}),
        ("services/a", {"services/a/.claude/b.md", "services/AGENTS.md", "AGENTS.md"}),
    ],
)
def test_only_what_matters_to_a_project_is_here(tmp_path: Path, path: str, found: set[str]) -> None:
    bare = make_bare(tmp_path / "shop.git", FILES)

    with open_clone(bare.as_uri(), ask_heads(bare.as_uri(), "", _end()), path, _end()) as clone:
        here = {name for name in read_tree(clone.root) if not name.startswith(".git/")}
        missing = git(clone.root, "rev-list", "--objects", "--missing=print", "refs/claudepack/base")
        is_shallow = (clone.root / ".git/shallow").exists()

    assert here == found
    assert f"?{git(bare, 'rev-parse', 'main:src/main.c')}" in missing.splitlines()
    assert is_shallow
    assert not clone.root.exists()


def test_places_are_those_of_the_project_and_what_stands_above_it() -> None:
    assert [place for place in list_places("a/b") if place.endswith("AGENTS.md")] == [
        "AGENTS.md",
        "a/AGENTS.md",
        "a/b/AGENTS.md",
    ]
    assert "a/b/.claude" in list_places("a/b")
    assert "CLAUDE.md" in list_places("")


def test_a_branch_that_is_gone_by_now_is_looked_for_again(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")
    heads = ask_heads(bare.as_uri(), "", _end())
    stale = heads._replace(ours={"claudepack/0": heads.base})

    with pytest.raises(ClaudepackError) as caught, open_clone(bare.as_uri(), stale, "", _end()):
        pass

    assert caught.value.code == "overtaken"


def _write_object(bare: Path, kind: str, data: bytes) -> str:
    words = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    return subprocess.run(words, cwd=bare, input=data, capture_output=True, check=True).stdout.decode().strip()


def _make_hostile(bare: Path, entries: list[tuple[str, str, bytes]]) -> None:
    """A commit whose tree no git would write: its entries are modes, names, and the content of what they name."""
    tree = b""
    for mode, name, data in entries:
        blob = _write_object(bare, "tree" if mode == "40000" else "blob", data)
        tree += f"{mode} {name}".encode() + b"\0" + bytes.fromhex(blob)
    head = git(bare, "cat-file", "commit", "main").partition("\n")[2]
    commit = f"tree {_write_object(bare, 'tree', tree)}\n{head}\n".encode()
    git(bare, "update-ref", "refs/heads/main", _write_object(bare, "commit", commit))


def _tree(bare: Path, mode: str, name: str, data: bytes) -> bytes:
    return f"{mode} {name}".encode() + b"\0" + bytes.fromhex(_write_object(bare, "blob", data))


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", "."])
def test_a_tree_that_no_checkout_would_make_is_refused(tmp_path: Path, name: str) -> None:
    bare = make_bare(tmp_path / "shop.git")
    folder = _write_object(bare, "tree", _tree(bare, "100644", "x", b"!"))
    inner = f"40000 {name}".encode() + b"\0" + bytes.fromhex(folder)
    _make_hostile(bare, [("40000", ".claude", inner)])

    with (
        pytest.raises(ClaudepackError, match="cannot be a path"),
        open_clone(bare.as_uri(), ask_heads(bare.as_uri(), "", _end()), "", _end()),
    ):
        pass


def test_a_name_that_is_a_link_and_a_folder_leads_nowhere(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")
    away = tmp_path / "away"
    away.mkdir()
    entries = [
        ("120000", ".claude", str(away).encode()),
        ("40000", ".claude", _tree(bare, "100644", "written.md", b"!")),
        ("120000", "CLAUDE.md", b"zz/written.md"),
        ("120000", "zz", str(away).encode()),
        ("40000", "zz", _tree(bare, "100644", "written.md", b"!")),
    ]
    _make_hostile(bare, entries)

    with (
        pytest.raises((ClaudepackError, OSError)),
        open_clone(bare.as_uri(), ask_heads(bare.as_uri(), "", _end()), "", _end()),
    ):
        pass

    assert list(away.iterdir()) == []


def test_heads_are_the_branch_and_our_own(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")
    commit = git(bare, "rev-parse", "main")
    for branch in ("claudepack/1", "other", "claudepack-not/1"):
        git(bare, "branch", branch, "main")

    assert ask_heads(bare.as_uri(), "", _end()) == Heads("main", commit, {"claudepack/1": commit})
    assert ask_heads(bare.as_uri(), "other", _end()) == Heads("other", commit, {"claudepack/1": commit})
