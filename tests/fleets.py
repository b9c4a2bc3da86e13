"""Fleets: bare repositories on this machine, all alike until somebody edits one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from repositories import commit_all, git
from trees import write_tree

AUTHOR = ("--author", "Fleet <fleet@example.org>")
FILES = {"CLAUDE.md": "# Shop\n", "src/main.c": "int main(void) { return 0; }\n"}


def run_before(project: Path, *words: str, home: Path, **variables: str) -> None:
    """Run claudepack for what several tests share, before any of them has its own home."""
    environment = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), **variables}
    command = [sys.executable, "-m", "claudepack", *words]
    subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, timeout=60)


def make_bare(path: Path, files: Mapping[str, str | bytes] | None = None) -> Path:
    """A bare repository with one commit."""
    work = path.with_suffix(".work")
    write_tree(work, FILES if files is None else files)
    commit_all(work)
    git(path.parent, "clone", "--quiet", "--bare", str(work), str(path))
    git(path, "config", "uploadpack.allowFilter", "true")
    shutil.rmtree(work)
    return path


def copy_bare(template: Path, folder: Path, count: int) -> list[Path]:
    """So many copies of a bare repository."""
    folder.mkdir(exist_ok=True)
    copies = [folder / f"r{number:04}.git" for number in range(count)]
    for path in copies:
        shutil.copytree(template, path)
    return copies


def list_branches(bare: Path) -> dict[str, str]:
    """The branches of a repository, with their commits."""
    lines = git(bare, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
    return dict(line.split(" ") for line in lines)


def find_own(bare: Path) -> str:
    """The one branch of ours in a repository."""
    [branch] = [name for name in list_branches(bare) if name.startswith("claudepack/")]
    return branch


def show(bare: Path, ref: str, path: str) -> str:
    """A file of a commit, as it is."""
    return git(bare, "show", f"{ref}:{path}")


def list_files(bare: Path, ref: str) -> list[str]:
    """The files of a commit."""
    return git(bare, "ls-tree", "-r", "--name-only", ref).splitlines()


def edit_bare(bare: Path, files: Mapping[str, str | bytes], branch: str = "main") -> str:
    """Somebody commits to a branch; gives the commit."""
    work = bare.with_suffix(".edit")
    git(bare.parent, "clone", "--quiet", "--branch", branch, str(bare), str(work))
    write_tree(work, files)
    commit = commit_all(work, "an edit")
    git(work, "push", "--quiet", "origin", f"HEAD:{branch}")
    shutil.rmtree(work)
    return commit


def merge_own(bare: Path) -> None:
    """Somebody merges our branch, and deletes it."""
    branch = find_own(bare)
    git(bare, "update-ref", "refs/heads/main", f"refs/heads/{branch}")
    git(bare, "update-ref", "-d", f"refs/heads/{branch}")
