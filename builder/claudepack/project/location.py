"""Which directory is the project, and where in it things lie.

This room is on the way of every run that changes nothing, so it has named tuples and `os.path`: dataclasses
and pathlib cost 1.5 and 1.0 starts of a bare Python.
"""

import os
from collections.abc import Collection, Iterable
from typing import NamedTuple

from claudepack.errors import ClaudepackError

MANIFEST = "claudepack.toml"
LOCK = "claudepack.lock"
STATE = ".claudepack"


class Project(NamedTuple):
    """A managed directory.

    Attributes:
        root: Its absolute path, links resolved.
        prefix: What stands before a component's path: `.claude/`, or nothing for the user's own folder.
        git_root: The top of the git checkout that it lies in; empty where there is none.
    """

    root: str
    prefix: str
    git_root: str

    def locate(self, path: str) -> str:
        """The absolute path of a path that is relative to the project."""
        return os.path.join(self.root, path)


def find_project(given: str, *, user: bool, cwd: str = "") -> Project:
    """Find the project.

    Args:
        given: What `--project` says; empty to look for it.
        user: Whether it is the user's own `~/.claude`.
        cwd: The directory to look from; the current one unless told.

    Raises:
        ClaudepackError: The given directory is not there.
    """
    if user:
        home = os.path.join(os.path.expanduser("~"), ".claude")
        return Project(os.path.realpath(home), "", "")
    start = os.path.realpath(given or cwd or os.getcwd())
    if not os.path.isdir(start):
        raise ClaudepackError(f"{given}: no such directory", code="project", hint="make it first, or check --project")
    git_root = find_upwards(start, ".git", "")
    root = start if given else find_upwards(start, MANIFEST, git_root) or start
    return Project(root, ".claude/", git_root)


def find_upwards(start: str, name: str, stop: str) -> str:
    """The nearest folder upwards that has a file of a name, not above `stop` or the home; empty for none."""
    home = os.path.realpath(os.path.expanduser("~"))
    folder = start
    while True:
        if os.path.exists(os.path.join(folder, name)):
            return folder
        parent = os.path.dirname(folder)
        if folder in (stop, home, parent):
            return ""
        folder = parent


def check_targets(project: Project, paths: Iterable[str], leaving: Collection[str] = ()) -> set[str]:
    """Refuse a path on whose way lies a file, or a link that leads out of the project.

    Args:
        project: The project.
        paths: Relative to it.
        leaving: Files that will be gone by then.

    Returns:
        The folders that are not there.

    Raises:
        ClaudepackError: With the code `path`.
    """
    folders: dict[str, None] = {}
    for last in dict.fromkeys(path.rpartition("/")[0] for path in paths):
        parts = last.split("/") if last else []
        folders.update(dict.fromkeys("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)))
    absent: set[str] = set()
    for shown in folders:
        folder = project.locate(shown)
        if shown in leaving or shown.rpartition("/")[0] in absent or not os.path.lexists(folder):
            absent.add(shown)
        elif os.path.islink(folder) and (why := _find_link_fault(project, folder)):
            raise ClaudepackError(
                f"{shown} is a link to {os.readlink(folder)}, which is {why}",
                code="path",
                hint="replace the link by a directory, or work in the project that it leads to",
            )
        elif not os.path.isdir(folder):
            raise ClaudepackError(
                f"{shown} is not a directory, and a pack has one there",
                code="path",
                hint="move it away, then run this again",
            )
    return absent


def _find_link_fault(project: Project, folder: str) -> str:
    if not is_inside(project, folder):
        return "outside the project"
    return "" if os.path.isdir(folder) else "no directory"


def is_inside(project: Project, path: str) -> bool:
    """Whether a path, its links followed, lies in the project."""
    real = os.path.realpath(path)
    return real == project.root or real.startswith(project.root.rstrip(os.sep) + os.sep)
