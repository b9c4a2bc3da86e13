"""A base comes out of the project's git history, wherever it lies there, and nothing of the repository runs for it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from claudepack.project.history import find_in_history
from claudepack.project.location import find_project
from trees import read_tree, write_tree

A = ".claude/agents/a.md"
OLD, NEW = b"the old text\n", b"the new text\n"
ME = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "protocol.file.allow=always")


def _git(root: Path, *words: str | Path) -> str:
    done = subprocess.run(["git", *ME, *map(str, words)], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(root: Path, files: dict[str, bytes]) -> None:
    write_tree(root, dict(files))
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "--allow-empty", "-m", "m")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository in which the file had two texts."""
    root = tmp_path / "repository"
    root.mkdir()
    _git(root, "init", "-q", "-b", "main")
    _commit(root, {A: OLD})
    _commit(root, {A: NEW})
    return root


def _find(root: Path, text: bytes = OLD, path: str = A) -> bytes | None:
    project = find_project(str(root), user=False)
    return find_in_history(project, path, lambda data: data if data == text else None)


def test_every_version_is_found_and_the_newest_is_looked_at_first(repository: Path) -> None:
    seen: list[bytes] = []
    find_in_history(find_project(str(repository), user=False), A, seen.append)

    assert seen == [NEW, OLD]
    assert (_find(repository), _find(repository, NEW)) == (OLD, NEW)
    assert _find(repository, b"never there\n") is None
    assert _find(repository, path=".claude/agents/b.md") is None


def test_a_file_is_found_that_was_deleted(repository: Path) -> None:
    (repository / A).unlink()
    _commit(repository, {})

    assert _find(repository) == OLD


def test_other_branches_are_looked_at_whatever_they_are_called(repository: Path) -> None:
    _git(repository, "checkout", "-q", "-b", "side")
    _commit(repository, {A: b"on the side\n"})
    _git(repository, "checkout", "-q", "main")
    _git(repository, "branch", "-m", "side", "renamed/-x")
    _git(repository, "branch", "-m", "main", "trunk")

    assert _find(repository, b"on the side\n") == b"on the side\n"
    assert _find(repository) == OLD


def test_what_only_a_merge_has_is_found(repository: Path) -> None:
    _git(repository, "checkout", "-q", "-b", "side", "HEAD~")
    _commit(repository, {"other": b""})
    _git(repository, "merge", "-q", "--no-commit", "--no-ff", "main")
    _commit(repository, {A: b"made in the merge\n"})
    _git(repository, "rm", "-q", A)
    _commit(repository, {})

    assert _find(repository, b"made in the merge\n") == b"made in the merge\n"


def test_a_detached_head_and_a_worktree_serve_as_well(repository: Path, tmp_path: Path) -> None:
    _git(repository, "worktree", "add", "-q", "--detach", tmp_path / "tree", "HEAD~")

    assert _find(tmp_path / "tree") == OLD
    assert _find(tmp_path / "tree", NEW) == NEW


def test_a_project_in_a_sub_directory_has_the_history_of_its_own_path(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    _commit(tmp_path, {A: b"the root's\n", f"services/shop/{A}": OLD})
    _commit(tmp_path, {f"services/shop/{A}": NEW})

    assert _find(tmp_path / "services/shop") == OLD
    assert _find(tmp_path / "services/shop", b"the root's\n") is None


def test_a_path_is_no_pattern_and_no_option(repository: Path) -> None:
    _commit(repository, {".claude/prompts/[a]*.md": b"starred\n", ".claude/prompts/a.md": b"plain\n"})

    assert _find(repository, b"starred\n", ".claude/prompts/[a]*.md") == b"starred\n"
    assert _find(repository, b"plain\n", ".claude/prompts/[a]*.md") is None
    assert _find(repository, OLD, ":/") is None
    assert _find(repository, OLD, "--all") is None


def test_a_shallow_clone_gives_what_it_has(repository: Path, tmp_path: Path) -> None:
    _git(tmp_path, "clone", "-q", "--depth=1", repository.as_uri(), "clone")

    assert _find(tmp_path / "clone", NEW) == NEW
    assert _find(tmp_path / "clone") is None


def test_a_partial_clone_fetches_nothing(repository: Path, tmp_path: Path) -> None:
    _git(repository, "config", "uploadpack.allowFilter", "true")
    _git(tmp_path, "clone", "-q", "--filter=blob:none", repository.as_uri(), "clone")
    clone = tmp_path / "clone"
    objects = read_tree(clone / ".git/objects")

    assert _find(clone, NEW) == NEW
    assert _find(clone) is None

    assert read_tree(clone / ".git/objects") == objects
    assert _git(clone, "show", f"HEAD~:{A}") == OLD.decode().strip()  # it was there to be fetched


@pytest.mark.parametrize("root", ["empty", "no commit", "not a repository"])
def test_where_there_is_no_history_nothing_is_found(tmp_path: Path, root: str) -> None:
    if root == "no commit":
        _git(tmp_path, "init", "-q")
    if root == "not a repository":
        (tmp_path / ".git").write_text("gitdir: nowhere\n")

    assert _find(tmp_path) is None


def test_without_git_nothing_is_found(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert _find(repository) is None


def test_bytes_are_those_of_the_repository_whatever_a_checkout_makes_of_them(repository: Path, tmp_path: Path) -> None:
    _git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", repository.as_uri(), "clone")
    assert (tmp_path / "clone" / A).read_bytes() == NEW.replace(b"\n", b"\r\n")

    assert _find(tmp_path / "clone") == OLD


def test_nothing_that_a_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\ncat\n')
    script.chmod(0o755)
    for key in (
        *("core.fsmonitor", "diff.external", "core.pager", "pager.log", "pager.cat-file", "core.sshCommand"),
        *("diff.x.textconv", "diff.x.command", "filter.x.smudge", "filter.x.clean", "filter.x.process"),
        *("gpg.program", "credential.helper", "core.editor", "core.askPass", "core.alternateRefsCommand"),
    ):
        _git(repository, "config", key, str(script))
    for key in ("log.showSignature", "filter.x.required", "diff.mnemonicPrefix", "log.showRoot"):
        _git(repository, "config", key, "true")
    _git(repository, "config", "alias.log", f"!{script}")
    _git(repository, "config", "alias.cat-file", f"!{script}")
    _git(repository, "config", "core.hooksPath", str(tmp_path))
    for hook in ("post-index-change", "reference-transaction", "pre-auto-gc"):
        shutil.copy(script, tmp_path / hook)
    (repository / ".git/info/attributes").write_text("* diff=x filter=x\n")

    assert _find(repository) == OLD

    assert not ran.exists(), ran.read_text()


def test_a_promisor_that_is_a_command_is_not_run(repository: Path, tmp_path: Path) -> None:
    _git(repository, "config", "uploadpack.allowFilter", "true")
    _git(tmp_path, "clone", "-q", "--filter=blob:none", repository.as_uri(), "clone")
    clone, ran = tmp_path / "clone", tmp_path / "ran"
    _git(clone, "config", "remote.origin.url", f"ext::sh -c 'touch {ran}'")
    _git(clone, "config", "protocol.ext.allow", "always")
    _git(clone, "config", "remote.origin.uploadpack", f"touch {ran}; git-upload-pack")

    assert _find(clone) is None

    assert not ran.exists()


def test_the_environment_of_another_repository_does_not_lead_away(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _git(other, "init", "-q")
    _commit(other, {A: b"of another\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))

    assert _find(repository) == OLD
    assert _find(repository, b"of another\n") is None


def test_looking_changes_nothing(repository: Path) -> None:
    before = read_tree(repository)
    os.utime(repository / A)  # git would write down that it is still the same

    assert _find(repository) == OLD

    assert read_tree(repository) == before
