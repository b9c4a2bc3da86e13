"""A clone of what matters of a repository: one commit, no blob but those that are asked for, no checkout by git.

Files are taken from the objects themselves, and go back as objects, so that no hook, filter, attribute, submodule or
monitor of the repository or of whoever runs this is ever asked.
"""

import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from claudepack.commands.options import Opened, reopen
from claudepack.errors import ClaudepackError
from claudepack.paths import is_confined
from claudepack.project.location import LOCK, MANIFEST, Project
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.manifest import EMPTY
from claudepack.project.state import Seen
from claudepack.source.archives import open_stage
from claudepack.source.git_process import read_objects, run_git
from claudepack.urls import strip_credentials

OWN_BRANCHES = "claudepack/"
REMOTE = "claudepack"  # `origin` may have settings in the configuration of whoever runs this
_HEADS, _BASE, _OURS = "refs/heads/", "refs/claudepack/base", "refs/claudepack/ours/"
_LINKS_DEEP = 5
_FEW = 5
_DEEP = 500  # commits: where the base of an edit is looked for
_SHA256_LENGTH = 64
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
_CONFIG = """\
[core]
	repositoryformatversion = 1
	bare = false
[extensions]
	partialClone = {remote}{objects}
[remote "{remote}"]
	url = "{url}"
	promisor = true
	partialclonefilter = blob:none
"""


class Heads(NamedTuple):
    """What a repository has: the branch that is worked on, its commit, and our own branches with theirs."""

    branch: str
    base: str
    ours: Mapping[str, str]


class TreeEntry(NamedTuple):
    """A file as a commit has it."""

    mode: int
    blob: str


@dataclass
class Clone:
    """What is here of a repository.

    Attributes:
        root: The directory, with `.git` in it.
        url: Where it is from, with the credentials that its URL may have.
        heads: What it has there.
        until: When all has to be done, by the monotonic clock.
        entries: The files that are here, by path, as the commit has them.
        commits: The commits of `heads`, by their names.
        depth: How many commits of each head are here.
        is_whole: Whether all blobs of those are here, since the server gives none by its id.
    """

    root: Path
    url: str
    heads: Heads
    until: float
    entries: dict[str, TreeEntry] = field(default_factory=dict)
    commits: dict[str, bytes] = field(default_factory=dict)
    depth: int = 1
    is_whole: bool = False

    def open_project(self, path: str) -> Opened:
        """The project at a path, with what its manifest and its lock say.

        Raises:
            ClaudepackError: There is no such folder, or one of the two cannot be read.
        """
        project = self.locate_project(path)
        return reopen(Opened(project, EMPTY, EMPTY_LOCK, has_manifest=False, lock_bytes=None, seen=Seen()))

    def locate_project(self, path: str) -> Project:
        """The project at a path, whatever is in it.

        Raises:
            ClaudepackError: There is no such folder.
        """
        if path and not self.run(["ls-tree", "-d", self.heads.base, "--", path]):
            where = strip_credentials(self.url)
            raise ClaudepackError(f"{where}: there is no folder {path!r}", code="not-found", hint="mend its path")
        folder = self.root / path
        folder.mkdir(parents=True, exist_ok=True)
        return Project(os.path.realpath(folder), ".claude/", os.path.realpath(self.root))

    def take(self, paths: Iterable[str]) -> None:
        """Bring files and folders of the commit here, with what links among them lead to.

        Raises:
            ClaudepackError: They cannot be had.
        """
        wanted = set(paths)
        for _ in range(_LINKS_DEEP):
            fresh = self._list(wanted)
            wanted = set(self._write(fresh))
            if not wanted:
                return

    def take_past(self, paths: Collection[str]) -> None:
        """Bring the earlier versions of files here, as objects."""
        words = ["log", "--full-history", "-m", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--format="]
        listed = self.run(["--literal-pathspecs", *words, self.heads.base, "--", *paths]).decode("ascii", "replace")
        blobs = {blob for line in listed.splitlines() if line.startswith(":") for blob in line.split()[2:4]}
        if wanted := sorted(blob for blob in blobs if blob.strip("0")):
            self._fetch_blobs(wanted)

    def take_beside(self, path: str, places: Iterable[str]) -> None:
        """Bring what a project at a path names in its repository."""
        paths = [os.path.normpath(f"{path}/{place}".lstrip("/")).replace(os.sep, "/") for place in places]
        if inside := [name for name in paths if not name.startswith("..") and name != "."]:
            self.take(inside)

    def run(self, words: list[str], stdin: bytes = b"") -> bytes:
        """Run git here."""
        return run_git(words, self.url, self.root, stdin, self.until)

    def _list(self, paths: set[str]) -> dict[str, TreeEntry]:
        words = ["ls-tree", "-r", "-z", "--full-tree", self.heads.base, "--", *sorted(paths)]
        found: dict[str, TreeEntry] = {}
        for line in self.run(words).split(b"\0"):
            about, _, name = line.partition(b"\t")
            path = os.fsdecode(name)
            if not line or path in self.entries:
                continue
            mode, _, blob = about.decode("ascii").split()
            if stat.S_ISREG(int(mode, 8)) or stat.S_ISLNK(int(mode, 8)):  # a submodule is somebody else's
                _refuse_strange(path)
                found[path] = TreeEntry(int(mode, 8), blob)
        return found

    def _write(self, fresh: Mapping[str, TreeEntry]) -> Iterator[str]:
        """Write files, then links; gives what these lead to in the repository."""
        known = [name for name in {self.heads.base, *self.heads.ours.values()} if name not in self.commits]
        blobs = sorted({entry.blob for entry in fresh.values()})
        if blobs:
            self._fetch_blobs(blobs)
        names = [*known, *blobs]
        contents = dict(zip(names, read_objects(self.url, names, self.root, self.until), strict=True)) if names else {}
        self.commits |= {name: contents[name][1] for name in known}
        links = [path for path, entry in fresh.items() if stat.S_ISLNK(entry.mode)]
        for path, entry in fresh.items():
            if path not in links:
                target = self._make_room(path)
                with target.open("xb") as stream:
                    stream.write(contents[entry.blob][1])
                if entry.mode & stat.S_IXUSR:
                    target.chmod(0o755)
        for path in links:
            leads_to = os.fsdecode(contents[fresh[path].blob][1])
            self._make_room(path).symlink_to(leads_to)
            inside = os.path.normpath(os.path.join(os.path.dirname(path), leads_to))  # noqa: PTH118, PTH120 - no disk
            if is_confined(inside):
                yield inside
        self.entries |= fresh

    def _make_room(self, path: str) -> Path:
        """Where a file goes; a tree that has a name twice, once as a link, could lead out of here."""
        target = self.root / path
        if not target.parent.resolve().is_relative_to(self.root.resolve()):
            raise _strange(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _fetch_blobs(self, blobs: list[str]) -> None:
        """All at once, as git itself does before a checkout: one by one they would be asked for otherwise."""
        if self.is_whole:
            return
        words = ["-c", "fetch.negotiationAlgorithm=noop", *_FETCH, "--filter=blob:none", "--stdin", REMOTE]
        try:
            self.run(words, "".join(f"{blob}\n" for blob in blobs).encode())
        except ClaudepackError as error:
            if error.code != "not-found":
                raise
            # As `source/git.py` tells, some servers give only what a ref names: so all of that, blobs and all.
            heads = [_name_head(self.heads), *(_HEADS + name for name in self.heads.ours)]
            self.run([*_FETCH, f"--depth={self.depth}", "--refetch", "--no-filter", REMOTE, *heads])
            self.is_whole = True


def ask_heads(url: str, branch: str, until: float) -> Heads:
    """Ask a repository what it has.

    Args:
        url: Where it is.
        branch: The branch that is wanted; empty for its own choice.
        until: When it has to be done.

    Raises:
        ClaudepackError: It cannot be reached, or has no such branch.
    """
    wanted = _HEADS + branch if branch else "HEAD"
    words = ["ls-remote", "--symref", "--", strip_credentials(url), wanted, f"{_HEADS}{OWN_BRANCHES}*"]
    refs: dict[str, str] = {}
    for line in run_git(words, url, until=until).decode("utf-8", "replace").splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: ") and name == "HEAD":
            branch = value.removeprefix(f"ref: {_HEADS}")
        else:
            refs[name] = value
    if wanted not in refs:
        raise _explain_absence(url, wanted, until)
    begin = _HEADS + OWN_BRANCHES
    ours = {name.removeprefix(_HEADS): commit for name, commit in refs.items() if name.startswith(begin)}
    return Heads(branch, refs[wanted], ours)


def _explain_absence(url: str, wanted: str, until: float) -> ClaudepackError:
    """Why a repository does not have the branch that is wanted."""
    listed = run_git(["ls-remote", "--", strip_credentials(url), f"{_HEADS}*"], url, until=until)
    branches = [line.rpartition(_HEADS)[2] for line in listed.decode("utf-8", "replace").splitlines()]
    hint = "git ls-remote lists its branches"
    told = f"there is no branch {wanted.removeprefix(_HEADS)!r}"
    if not branches:
        told, hint = "the repository is empty", "push a first commit to it, or leave it out"
    elif wanted == "HEAD":
        few = ", ".join(branches[:_FEW]) + (" …" if len(branches) > _FEW else "")
        told = f"its HEAD names no branch that is there, which are {few}"
        hint = f'name one in the fleet file (branch = "{branches[0]}"), or mend its HEAD where it lies'
    return ClaudepackError(f"{strip_credentials(url)}: {told}", code="not-found", hint=hint)


@contextlib.contextmanager
def open_clone(url: str, heads: Heads, path: str, until: float, past: Collection[str] = ()) -> Iterator[Clone]:
    """Clone what matters of a repository into a directory that is gone afterwards.

    Args:
        url: Where it is.
        heads: What it has.
        path: The project in it; empty for its top.
        until: When all has to be done.
        past: Files of which earlier versions are wanted, too.

    Raises:
        ClaudepackError: It cannot be had.
    """
    with open_stage() as root:
        _write_git(root / ".git", strip_credentials(url), len(heads.base))
        clone = Clone(root, url, heads, until, depth=_DEEP if past else 1)
        _fetch_commits(clone)
        clone.take(list_places(path))
        if past:
            clone.take_past(past)
        yield clone


def _fetch_commits(clone: Clone) -> None:
    """Fetch what the heads are, which may have moved since they were asked for."""
    heads = clone.heads
    refs = [f"+{_name_head(heads)}:{_BASE}", *(f"+{_HEADS}{name}:{_OURS}{name}" for name in heads.ours)]
    try:
        clone.run([*_FETCH, f"--depth={clone.depth}", "--filter=blob:none", REMOTE, *refs])
    except ClaudepackError as error:
        if error.code == "not-found":  # another run has just removed a branch that this one was told of
            error.code = "overtaken"
        raise
    ours = {name: _read_ref(clone.root, _OURS + name) for name in heads.ours}
    clone.heads = Heads(heads.branch, _read_ref(clone.root, _BASE), ours)


def _name_head(heads: Heads) -> str:
    return _HEADS + heads.branch if heads.branch else "HEAD"


def list_places(path: str) -> list[str]:
    """What matters to a project at a path of its repository."""
    prefix = f"{path}/" if path else ""
    folders = ["", *(f"{path[:at]}/" for at in range(len(path)) if path[at] == "/"), prefix]
    above = [folder + name for folder in dict.fromkeys(folders) for name in ("AGENTS.md", ".gitignore")]
    return [*(prefix + name for name in (".claude", "CLAUDE.md", ".mcp.json", MANIFEST, LOCK)), *above]


def _write_git(folder: Path, url: str, length: int) -> None:
    """What `git init` would do, in a process less, and without the templates of whoever runs this."""
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    objects = "\n\tobjectFormat = sha256" if length == _SHA256_LENGTH else ""
    quoted = url.replace("\\", "\\\\").replace('"', '\\"')
    (folder / "config").write_text(_CONFIG.format(remote=REMOTE, objects=objects, url=quoted), encoding="utf-8")


def _read_ref(root: Path, name: str) -> str:
    return (root / ".git" / name).read_text(encoding="ascii").strip()


def _refuse_strange(path: str) -> None:
    """Refuse a tree that no checkout would make: what is written here is written by its paths."""
    parts = path.replace(os.sep, "/").split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise _strange(path)


def _strange(path: str) -> ClaudepackError:
    return ClaudepackError(
        f"{path!r} cannot be a path of a repository", code="path", hint="look at who made that commit"
    )
