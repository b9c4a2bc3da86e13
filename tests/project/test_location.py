"""The project is the nearest manifest upwards, and never beyond the checkout or the home."""

from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.project.location import Project, check_targets, find_project, is_inside
from trees import write_tree


@pytest.mark.parametrize(
    ("files", "cwd", "root", "git_root"),
    [
        ([], "a/b", "a/b", ""),
        (["a/claudepack.toml"], "a/b", "a", ""),
        (["claudepack.toml", "a/b/claudepack.toml"], "a/b", "a/b", ""),
        (["a/claudepack.toml", ".git/HEAD"], "a/b", "a", "."),
        (["claudepack.toml", "a/.git/HEAD"], "a/b", "a/b", "a"),
        (["a/claudepack.toml", "a/.git"], "a/b", "a", "a"),
        (["claudepack.toml", "a/b/.git/HEAD"], "a/b", "a/b", "a/b"),
        ([".git/HEAD"], "a/b", "a/b", "."),
    ],
)
def test_the_nearest_manifest_upwards_but_not_above_the_checkout(
    tmp_path: Path, files: list[str], cwd: str, root: str, git_root: str
) -> None:
    write_tree(tmp_path, dict.fromkeys([*files, "a/b/x"], ""))

    project = find_project("", user=False, cwd=str(tmp_path / cwd))

    assert project == Project(str(tmp_path / root), ".claude/", str(tmp_path / git_root) if git_root else "")


@pytest.mark.parametrize(("home", "root"), [("a", "a/b"), (".", "."), ("a/b", "a/b")])
def test_not_above_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str, root: str) -> None:
    write_tree(tmp_path, {"claudepack.toml": "", "a/b/x": ""})
    monkeypatch.setenv("HOME", str(tmp_path / home))
    assert find_project("", user=False, cwd=str(tmp_path / "a/b")).root == str(tmp_path / root)


def test_what_project_says_is_not_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, {"claudepack.toml": "", ".git/HEAD": "", "a/x": ""})
    monkeypatch.chdir(tmp_path)
    for given in ("a", str(tmp_path / "a"), "./a/../a/"):
        assert find_project(given, user=False) == Project(str(tmp_path / "a"), ".claude/", str(tmp_path))


def test_links_are_resolved(tmp_path: Path) -> None:
    write_tree(tmp_path, {"real/claudepack.toml": "", "real/a/x": ""})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert find_project("", user=False, cwd=str(tmp_path / "link/a")).root == str(tmp_path / "real")


def test_the_user_s_own_is_the_home_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    project = find_project("", user=True)
    assert project == Project(str(tmp_path / ".claude"), "", "")
    assert project.locate("agents/a.md") == str(tmp_path / ".claude/agents/a.md")


@pytest.mark.parametrize("given", ["nowhere", "file"])
def test_a_project_that_is_no_directory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.chdir(write_tree(tmp_path, {"file": ""}))
    with pytest.raises(ClaudepackError, match=f"{given}: no such directory") as caught:
        find_project(given, user=False)
    assert caught.value.code == "project"


def _link(path: str, target: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(root / target)

    return make


def _file(root: Path) -> None:
    write_tree(root, {".claude/agents": "a file"})


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda _: None, ""),
        (lambda root: (root / ".claude/agents").mkdir(parents=True), ""),
        (_link(".claude", "inside"), ""),
        (_link(".claude/agents/a.md", "../outside/x"), ""),
        (_link(".claude", "../outside"), r"^\.claude is a link to .*outside, which is outside the project"),
        (_link(".claude/agents", "../outside"), r"^\.claude/agents is a link"),
        (_link(".claude/agents", "../project-too"), r"^\.claude/agents is a link"),
        (_link(".claude/agents", "inside/nowhere"), r"^\.claude/agents is a link to .*nowhere, which is no directory"),
        (_link(".claude/agents", "inside/a.md"), r"^\.claude/agents is a link to .*a\.md, which is no directory"),
        (_file, r"^\.claude/agents is not a directory"),
    ],
)
def test_the_way_to_a_target_stays_in_the_project(tmp_path: Path, prepare: Callable[[Path], object], why: str) -> None:
    write_tree(tmp_path, {"outside/x": "", "project-too/x": "", "project/inside/x": "", "project/inside/a.md": ""})
    project = Project(str(tmp_path / "project"), ".claude/", "")
    prepare(tmp_path / "project")

    if not why:
        check_targets(project, [".claude/agents/a.md"])
        return
    with pytest.raises(ClaudepackError, match=why) as caught:
        check_targets(project, [".claude/agents/a.md"])
    assert (caught.value.code, bool(caught.value.hint)) == ("path", True)


def test_what_is_inside(tmp_path: Path) -> None:
    write_tree(tmp_path, {"p/a": "", "p2/a": ""})
    (tmp_path / "p/out").symlink_to(tmp_path / "p2/a")
    project = Project(str(tmp_path / "p"), "", "")
    inside = {name: is_inside(project, str(tmp_path / name)) for name in ("p", "p/a", "p/b/c", "p/out", "p2/a", ".")}
    assert inside == {"p": True, "p/a": True, "p/b/c": True, "p/out": False, "p2/a": False, ".": False}
