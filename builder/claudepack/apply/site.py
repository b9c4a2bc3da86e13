"""Where the state of a project's transactions lies: stage, journal, and the lock that keeps runs apart.

Inside the git directory where there is one, since nobody commits or cleans that; else, or where a rename
from there into the project fails, in `.claudepack/state/`. On the way of every run: only `os` here.
"""

import hashlib
import os
import stat
from typing import NamedTuple

from claudepack.errors import ClaudepackError

FOLDER = ".claudepack"
JOURNAL = "journal.json"
_DIGITS = 16


class Site(NamedTuple):
    """A project's root, and the directory that holds the state of its transactions; both absolute.

    What is thrown away once the run is over need not be brought to the disk.
    """

    root: str
    state: str
    is_throwaway: bool = False

    @property
    def journal(self) -> str:
        """The path of the journal: there is one just while a committed run is not finished."""
        return os.path.join(self.state, JOURNAL)

    @property
    def stage(self) -> str:
        """The path of the folder that new contents are written to."""
        return os.path.join(self.state, "stage")

    @property
    def holder(self) -> str:
        """The path of the file that names the process that holds the project, or that was killed while it did."""
        return os.path.join(self.state, "holder")

    @property
    def is_in_use(self) -> bool:
        """Whether a run is going on, or one was killed."""
        if not self.is_inside:
            return os.path.exists(self.holder) or os.path.exists(self.journal)
        try:
            names = os.listdir(os.path.dirname(self.state))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return os.path.basename(self.state) in names or not set(names) - {".gitignore"}

    @property
    def is_inside(self) -> bool:
        """Whether the state lies in the project, where whatever is left of it would be litter."""
        return self.state == _inner(self.root)


def list_sites(root: str, git_root: str) -> list[Site]:
    """Where the state of a project may be, the better place first."""
    git_dir = _find_git_dir(git_root) if git_root else ""
    sites = [Site(root, _inner(root))]
    if git_dir:
        path = os.path.relpath(root, git_root).replace(os.sep, "/")
        digest = hashlib.sha256(path.encode(errors="surrogateescape")).hexdigest()[:_DIGITS]
        sites.insert(0, Site(root, os.path.join(git_dir, "claudepack", digest)))
    return sites


def find_journal(root: str, git_root: str) -> Site | None:
    """The site of a run that was killed after it had committed, if there is one."""
    return next((site for site in list_sites(root, git_root) if os.path.exists(site.journal)), None)


def is_in_use(root: str, git_root: str) -> bool:
    """Whether a run is changing the project, or one was killed while it did, committed or not."""
    return any(site.is_in_use for site in list_sites(root, git_root))


def choose_site(root: str, git_root: str) -> Site:
    """The site for a new run: the first that can be made, and from which a file can be renamed into the project.

    What a run left in the project, because the project was in no git checkout then, is finished there.

    Raises:
        ClaudepackError: A file or a link is where the state is to be.
    """
    sites = list_sites(root, git_root)
    state = sites[-1].state
    for site in sites[:-1] if not os.path.lexists(state) else ():
        try:
            os.makedirs(site.state, exist_ok=True)
        except OSError:
            continue
        if os.access(site.state, os.W_OK) and can_rename(site.state, root):
            return site
    for path in (os.path.dirname(state), state):
        if not _may_be_directory(path):
            raise ClaudepackError(
                f"{path} is no directory of its own", code="path", hint="move it away, then run this again"
            )
    return sites[-1]


def can_rename(source: str, target: str) -> bool:
    """Whether a file can be renamed from one directory into another.

    Renaming what is not there tells without leaving anything: across file systems and mounts (bind mounts
    too, whose `st_dev` are equal) the answer is EXDEV, else ENOENT.
    """
    name = "claudepack-asks"
    try:
        os.rename(os.path.join(source, name), os.path.join(target, name))
    except FileNotFoundError:
        return os.stat(source).st_dev == os.stat(target).st_dev
    except OSError:
        return False
    return False


def _may_be_directory(path: str) -> bool:
    """Whether a path is a directory, and no link to one, or is free; in one look, since others make and remove it."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True


def _inner(root: str) -> str:
    return os.path.join(root, FOLDER, "state")


def _find_git_dir(git_root: str) -> str:
    """The git directory of a checkout, which in a worktree or a submodule a file names; empty if it is none."""
    path = os.path.join(git_root, ".git")
    if os.path.isfile(path):
        try:
            with open(path, encoding="utf-8") as stream:
                kind, _, named = stream.readline().strip().partition(": ")
        except (OSError, UnicodeDecodeError):
            return ""
        path = os.path.join(git_root, named) if kind == "gitdir" else ""
    return path if path and os.path.isfile(os.path.join(path, "HEAD")) else ""
