"""Packs in git repositories, fetched by the `git` command: one commit, and of it the pack's own files.

The files are taken from the objects themselves, so there is no checkout: no hook, filter, attribute or submodule of
the repository is ever asked. What was fetched is kept as an archive, with a note of which commit it is from.
"""

import gzip
import hashlib
import io
import re
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.identity import GROUP
from claudepack.pack.tree import MAX_BYTES, MAX_FILES, is_pack_path
from claudepack.paths import is_confined
from claudepack.source.archives import Kept, find_archive, keep_archive, open_stage
from claudepack.source.cache import locate_cache
from claudepack.source.git_process import read_objects, run_git
from claudepack.source.requirement import Repository
from claudepack.tasks import Task
from claudepack.urls import find_git_fault, strip_credentials

# What the one folder of an archive is called: it says how its files are to be read.
PACK_FOLDER, TREE_FOLDER = "pack", "tree"
_PLACES, _INFINITE = ("refs/tags/", "refs/heads/"), 2**31 - 1
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Pin(NamedTuple):
    """What a ref of a repository is: its kind (`tag`, `branch`, `rev`, or nothing), its name, and the commit."""

    kind: str
    name: str
    commit: str


def check_pin(repository: Repository, commit: str) -> None:
    """Refuse a commit that is none, and a folder that is not in a repository: a lock comes from anywhere.

    Raises:
        ClaudepackError: With the code `lock`.
    """
    below = repository.subdirectory
    if not _COMMIT.fullmatch(commit) or (below and not is_confined(below)) or find_git_fault(repository.url):
        raise ClaudepackError(
            f"{strip_credentials(repository.url)}: {commit!r} in {below!r} is no commit of a repository",
            code="lock",
            hint="somebody changed the lock by hand: take it from the repository's history",
        )


def is_commit(repository: Repository) -> bool:
    """Whether a whole commit is asked for, so that nobody need be asked what it is."""
    return repository.kind in ("", "rev") and bool(_COMMIT.fullmatch(repository.ref))


def find_pin(repository: Repository) -> Pin:
    """Ask a repository for the commit of a ref.

    Raises:
        ClaudepackError: It cannot be reached, or has no such ref.
    """
    ref, kind = repository.ref, repository.kind
    if is_commit(repository):
        return Pin("rev", ref, ref)
    wanted = {"tag": f"refs/tags/{ref}", "branch": f"refs/heads/{ref}"} if ref else {"": "HEAD"}
    patterns = [f"{name}{end}" for name in wanted.values() for end in ("", "^{}")]
    with Task(f"asking {strip_credentials(repository.url)}"):
        listed = run_git(["ls-remote", "--", strip_credentials(repository.url), *patterns], repository.url)
    commits = {name: commit for commit, _, name in (line.partition("\t") for line in listed.decode().splitlines())}
    for found, name in wanted.items():
        commit = commits.get(f"{name}^{{}}", commits.get(name))
        if commit and kind in ("", found):
            return Pin(found, ref, commit)
    raise ClaudepackError(
        f"{strip_credentials(repository.url)}: there is no {kind or 'tag or branch'} {ref!r}"
        if ref
        else f"{strip_credentials(repository.url)}: the repository is empty",
        code="not-found",
        hint="a commit is named by its whole id; git ls-remote lists tags and branches",
    )


def list_tags(repository: Repository) -> list[str]:
    """The tags of a repository.

    Raises:
        ClaudepackError: It cannot be reached.
    """
    with Task(f"asking {strip_credentials(repository.url)}"):
        listed = run_git(["ls-remote", "--tags", "--refs", "--", strip_credentials(repository.url)], repository.url)
    return [line.partition("refs/tags/")[2] for line in listed.decode("utf-8", "replace").splitlines()]


def find_kept_commit(repository: Repository, commit: str) -> Kept | None:
    """The archive of a commit from the cache, if it is there."""
    try:
        sha256 = _locate_note(repository, commit).read_text(encoding="ascii")
    except (OSError, ValueError):
        return None
    return find_archive(sha256)


def fetch_commit(repository: Repository, commit: str) -> Kept:
    """Fetch the pack of a commit.

    Raises:
        ClaudepackError: The commit is not to be had, or the pack in it is none.
    """
    with Task(f"fetching {strip_credentials(repository.url)}"), open_stage() as stage:
        run_git(["init", "--quiet", "--bare", "--template=", "."], repository.url, stage)
        _fetch(repository, commit, stage)
        archive = stage / f"{commit}.tar.gz"
        tree = list(_list_tree(repository, commit, stage))
        is_pack = _is_pack(repository, tree, stage)
        entries = list(_choose_entries(repository, tree, is_pack=is_pack))
        folder = PACK_FOLDER if is_pack else TREE_FOLDER
        _write_archive(archive, folder, entries, _read(repository, [entry.blob for entry in entries], stage))
        kept = keep_archive(archive, {"kind": "git", "url": strip_credentials(repository.url), "commit": commit})
        note = _locate_note(repository, commit)
        note.parent.mkdir(parents=True, exist_ok=True)
        (stage / "note").write_text(kept.sha256, encoding="ascii")
        (stage / "note").replace(note)
    return kept


def refuse_moved(repository: Repository, commit: str) -> None:
    """Refuse a tag that is no longer at the commit of the lock.

    Raises:
        IntegrityError: Somebody moved it.
    """
    pin = find_pin(repository)
    if pin.commit != commit:
        raise IntegrityError(
            f"{strip_credentials(repository.url)}: the tag {repository.ref} was at {commit} when it was locked, and is "
            f"at {pin.commit} now: somebody moved it",
            code="moved",
            hint="ask its author why; claudepack sync --frozen goes on with the locked commit, update takes the new",
        )


class _Entry(NamedTuple):
    path: str
    mode: int
    blob: str
    size: int


def _fetch(repository: Repository, commit: str, stage: Path) -> None:
    try:
        _fetch_refs(repository, [commit], 1, stage)
    except ClaudepackError as error:
        if error.code != "not-found" or not _fetch_by_name(repository, commit, stage):
            raise


def _fetch_by_name(repository: Repository, commit: str, stage: Path) -> bool:
    """Whether the tag or the branch of a commit brought it, or at last all of them with their history.

    As git talked before 2.18, and still does over ssh unless the server is told to accept `GIT_PROTOCOL`, nobody gets a
    commit by its id that no ref is at, that of an annotated tag among them (git-config(1), `uploadpack`).
    """
    named = [] if is_commit(repository) or not repository.ref else [f"{place}{repository.ref}" for place in _PLACES]
    everything = [f"+{place}*:{place}*" for place in _PLACES]
    for refs, depth in (*(([name], 1) for name in named), (everything, _INFINITE)):
        try:
            _fetch_refs(repository, refs, depth, stage)
        except ClaudepackError as error:
            if error.code != "not-found":
                raise
            continue  # there may be a tag of this name, and no branch
        known = run_git(["cat-file", "--batch-check"], repository.url, stage, f"{commit}\n".encode())
        if known.startswith(f"{commit} commit".encode()):
            return True
    return False


def _fetch_refs(repository: Repository, refs: list[str], depth: int, stage: Path) -> None:
    words = ["-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--no-tags"]  # a pack grows as it comes
    words += [f"--depth={depth}"]
    words += ["--no-recurse-submodules", "--no-write-fetch-head", "--", strip_credentials(repository.url)]
    run_git([*words, *refs], repository.url, stage)


def _list_tree(repository: Repository, commit: str, stage: Path) -> Iterator[_Entry]:
    """Everything in the folder of the repository that is asked for."""
    prefix = repository.subdirectory + "/" if repository.subdirectory else ""
    words = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit]
    for line in run_git([*words, "--", prefix] if prefix else words, repository.url, stage).split(b"\0"):
        if not line:
            continue
        about, _, name = line.partition(b"\t")
        mode, _, blob, size = about.decode("ascii").split()
        path = name.decode("utf-8", "surrogateescape").removeprefix(prefix)
        yield _Entry(path, int(mode, 8), blob, int(size) if size.isdigit() else 0)


def _is_pack(repository: Repository, tree: list[_Entry], stage: Path) -> bool:
    """Whether there is a `pyproject.toml` of a pack; else it may be a plugin, or a folder of agents."""
    blobs = [entry.blob for entry in tree if entry.path == PYPROJECT and stat.S_ISREG(entry.mode)]
    return any(GROUP.encode() in data for data in _read(repository, blobs, stage)) if blobs else False


def _choose_entries(repository: Repository, tree: list[_Entry], *, is_pack: bool) -> Iterator[_Entry]:
    """Of a pack its own files; else whatever may be a component, or belong to one."""
    below = f" ({repository.subdirectory})" if repository.subdirectory else ""
    where = strip_credentials(repository.url) + below
    count = total = 0
    for entry in tree:
        path = entry.path
        # Of what is no pack, what lies at the root (a CLAUDE.md that is a link, mostly) is left out anyway.
        is_wanted = path == PYPROJECT or is_pack_path(path) if is_pack else "/" in path and is_pack_path(path)
        is_submodule = not (stat.S_ISREG(entry.mode) or stat.S_ISLNK(entry.mode))
        if not is_wanted and (is_pack or is_submodule):
            continue
        if is_wanted and not stat.S_ISREG(entry.mode):
            raise ClaudepackError(
                f"{where}: {path!r} is a link or a submodule, and a pack holds plain files only",
                code="path",
                hint="ask its author to put the file itself there",
            )
        count, total = count + 1, total + entry.size
        if count > MAX_FILES or total > MAX_BYTES:
            raise ClaudepackError(
                f"{where}: more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB",
                code="too-large",
                hint="a pack holds text; is this the pack's own directory?",
            )
        yield entry


def _write_archive(target: Path, folder: str, entries: list[_Entry], blobs: Iterator[bytes]) -> None:
    """An archive of an order and with times that are the same for the same commit everywhere."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry, data in zip(entries, blobs, strict=True):
            info = tarfile.TarInfo(f"{folder}/{entry.path}")
            if stat.S_ISLNK(entry.mode):  # for who reads it to name; nobody follows it
                info.type, info.linkname = tarfile.SYMTYPE, data.decode("utf-8", "surrogateescape")
                archive.addfile(info)
                continue
            info.size, info.mode = len(data), entry.mode & 0o777
            archive.addfile(info, io.BytesIO(data))


def _read(repository: Repository, blobs: list[str], stage: Path) -> Iterator[bytes]:
    return (data for _, data in read_objects(repository.url, blobs, stage))


def _locate_note(repository: Repository, commit: str) -> Path:
    key = hashlib.sha256(repository.subdirectory.encode()).hexdigest()[:16]
    return locate_cache() / "git" / commit / key
