"""What a run changed, as a commit, and how it gets to the repository it is for.

The commit is made by `git fast-import` from the bytes themselves. It has the time of the commit that it is based on, so
that the same change of the same commit has the same name whoever makes it, and making it twice is making it once.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.fleet.clone import REMOTE, Clone, Heads, TreeEntry
from claudepack.project.location import STATE
from claudepack.source.git_process import hash_object
from claudepack.urls import strip_credentials

MARK = "Claudepack-Fleet"
_REF = "refs/claudepack/result"
_MARKED = re.compile(rb"^Claudepack-Fleet: (?P<digest>[0-9a-f]+) (?P<branch>\S+) (?P<path>.+)$", re.MULTILINE)
_TIME = re.compile(rb"^committer .* (?P<time>\d+ [+-]\d{4})$", re.MULTILINE)
_NO_IGNORE = ("ls-files", "--others", "--exclude-per-directory=.gitignore", "-z")


class Edit(NamedTuple):
    """What becomes of one path: its mode and its bytes; None where it goes."""

    path: str
    mode: int
    data: bytes | None


class Mark(NamedTuple):
    """What a commit of ours says of itself: what was wanted, on which branch, for which project."""

    digest: str
    branch: str
    path: str


def find_edits(clone: Clone) -> list[Edit]:
    """What is here otherwise than the commit has it; what the repository ignores stays out, unless it is in there."""
    edits: list[Edit] = []
    seen: set[str] = set()
    fresh: set[str] = set()
    for path in _walk(clone):
        seen.add(path)
        mode, data = _read(clone, path)
        before = clone.entries.get(path)
        if before is None:
            fresh.add(path)
        if before != TreeEntry(mode, hash_object(data, len(clone.heads.base))):
            edits.append(Edit(path, mode, data))
    if fresh and any(path.rpartition("/")[2] == ".gitignore" for path in clone.entries):
        fresh -= set(os.fsdecode(clone.run(list(_NO_IGNORE))).split("\0"))
        edits = [edit for edit in edits if edit.path not in fresh]
    return sorted([*edits, *(Edit(path, 0, None) for path in clone.entries if path not in seen)])


def make_commit(clone: Clone, edits: list[Edit], message: str, author: str) -> str:
    """Make the commit of some edits, on top of the one that was cloned.

    Raises:
        ClaudepackError: git refuses.
    """
    time = _TIME.search(clone.commits[clone.heads.base])
    if time is None:
        raise ClaudepackError(
            f"{strip_credentials(clone.url)}: its commit has no time", code="git", hint="look at who made it"
        )
    who = b"%b %b" % (author.encode(), time["time"])
    text = message.encode()
    head = [b"commit " + _REF.encode(), b"author " + who, b"committer " + who, b"data %d" % len(text), text]
    body = [part for edit in edits for part in _describe(edit)]
    stream = b"\n".join([*head, b"from " + clone.heads.base.encode(), *body, b"done", b""])
    clone.run(["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"], stream)
    return (clone.root / ".git" / _REF).read_text(encoding="ascii").strip()


def read_mark(clone: Clone, branch: str) -> Mark | None:
    """The mark of one of our branches; None where somebody else's work is on it.

    Whoever adds to it, amends or rebases it leaves no mark, or another time of the commit than of its making.
    """
    head, _, message = clone.commits[clone.heads.ours[branch]].partition(b"\n\n")
    lines = dict(line.partition(b" ")[::2] for line in head.split(b"\n"))
    found = _MARKED.search(message)
    if not found or lines.get(b"author") != lines.get(b"committer"):
        return None
    return Mark(*(found[name].decode("utf-8", "replace") for name in ("digest", "branch", "path")))


def push(clone: Clone, commit: str, branch: str, superseded: list[str], *, is_direct: bool) -> None:
    """Push a commit.

    Args:
        clone: Where it is; its heads are afterwards what the repository has.
        commit: The commit.
        branch: Where it goes.
        superseded: Branches of ours that go with it.
        is_direct: On top of what is there, or not at all; else in the place of what we left there.

    Raises:
        ClaudepackError: The repository refuses; with the code `overtaken` where somebody else was faster.
    """
    leases = {} if is_direct else {branch: clone.heads.ours.get(branch, "")}
    _push(clone, {branch: commit, **dict.fromkeys(superseded, "")}, leases)
    left = _without(clone, superseded)
    clone.heads = Heads(
        clone.heads.branch, *((commit, left) if is_direct else (clone.heads.base, {**left, branch: commit}))
    )


def drop(clone: Clone, branches: list[str]) -> None:
    """Remove branches of ours, as they were found.

    Raises:
        ClaudepackError: As `push`.
    """
    _push(clone, dict.fromkeys(branches, ""), {})
    clone.heads = clone.heads._replace(ours=_without(clone, branches))


def _without(clone: Clone, branches: list[str]) -> dict[str, str]:
    return {name: commit for name, commit in clone.heads.ours.items() if name not in branches}


def _push(clone: Clone, commits: Mapping[str, str], leases: Mapping[str, str]) -> None:
    """Push commits to branches; nothing for one that is to go, as it was found."""
    leases = {**leases, **{name: clone.heads.ours[name] for name, commit in commits.items() if not commit}}
    settings = ("push.followTags=false", "push.gpgSign=false", "push.recurseSubmodules=no", "push.pushOption=")
    words = [word for setting in settings for word in ("-c", setting)]
    held = [f"--force-with-lease=refs/heads/{name}:{commit}" for name, commit in leases.items()]
    refs = [f"{commit}:refs/heads/{name}" for name, commit in commits.items()]
    clone.run([*words, "push", "--quiet", "--no-verify", *held, REMOTE, *refs])


def _walk(clone: Clone) -> Iterator[str]:
    """The files and links that are here, relative to the top of the repository."""
    top = os.fspath(clone.root)
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in (".git", STATE)]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118 - os.walk
        for name in (*files, *links):
            yield os.path.relpath(os.path.join(folder, name), top).replace(os.sep, "/")  # noqa: PTH118 - likewise


def _read(clone: Clone, path: str) -> tuple[int, bytes]:
    target = clone.root / path
    if target.is_symlink():
        return stat.S_IFLNK, os.fsencode(target.readlink())
    executable = target.stat().st_mode & stat.S_IXUSR
    return stat.S_IFREG | (0o755 if executable else 0o644), target.read_bytes()


def _describe(edit: Edit) -> list[bytes]:
    name = os.fsencode(edit.path)
    quoted = b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    if edit.data is None:
        return [b"D " + quoted]
    return [b"M %o inline %b" % (edit.mode, quoted), b"data %d" % len(edit.data), edit.data]
