"""The pack of a git repository: at a ref, or at the commit that a lock names."""

import contextlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import Collection
from claudepack.pack.sdist import read_sdist
from claudepack.paths import is_confined
from claudepack.source.archives import Kept, read_archive
from claudepack.source.collected import gather_tree, open_tree, read_collected_archive
from claudepack.source.git import Pin, check_pin, fetch_commit, find_kept_commit, find_pin, is_commit, refuse_moved
from claudepack.source.places import Found
from claudepack.source.requirement import Repository
from claudepack.urls import strip_credentials


class Unpacked(NamedTuple):
    """What a repository has that is no pack: where its files lie for now, its components, and where they are from."""

    root: Path
    collection: Collection
    origin: str


def find_repository(repository: Repository, *, offline: bool) -> tuple[Found, Pin]:
    """The pack that a repository has now at the ref that is asked for.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
    """
    if offline and not is_commit(repository):
        raise ClaudepackError(
            f"{strip_credentials(repository.url)}: offline, nobody can tell what {repository.ref or 'it'} is now",
            code="offline",
            hint="leave --offline out, or name the whole commit",
        )
    pin = find_pin(repository)
    return _read_commit(repository, pin.commit, offline=offline), pin


def find_locked_commit(repository: Repository, commit: str, *, offline: bool, frozen: bool) -> Found:
    """The pack of the commit that a lock names.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
        IntegrityError: The tag has been moved since, and the lock is not all that is to be trusted.
    """
    check_pin(repository, commit)
    if repository.kind == "tag" and not (offline or frozen) and find_kept_commit(repository, commit) is None:
        refuse_moved(repository, commit)
    return _read_commit(repository, commit, offline=offline)


@contextlib.contextmanager
def gather_repository(repository: Repository) -> Iterator[Unpacked]:
    """What a repository has now, in a directory that is gone afterwards.

    Raises:
        ClaudepackError: It cannot be had, has no components, or is a pack already.
    """
    commit = find_pin(repository).commit
    where = _name_place(repository, commit)
    with open_tree(_keep_commit(repository, commit, offline=False).path, where, _name_folder(repository)) as tree:
        if tree is None:
            raise ClaudepackError(f"{where}: this is a pack already", code="usage", hint="claudepack install it")
        root, links = tree
        below = f", {repository.subdirectory}" if repository.subdirectory else ""
        origin = f"{strip_credentials(repository.url)} at {commit}{below}"
        yield Unpacked(root, gather_tree(root, links, where, repository.plugin), origin)


def _read_commit(repository: Repository, commit: str, *, offline: bool) -> Found:
    keep = partial(_keep_commit, repository, commit, offline=offline)
    return read_archive(keep, partial(_read_kept, repository, commit))


def _read_kept(repository: Repository, commit: str, kept: Kept) -> Found:
    where = _name_place(repository, commit)
    within = {"subdirectory": repository.subdirectory, "plugin": repository.plugin}
    source = {"kind": "git", "url": strip_credentials(repository.url), "commit": commit}
    source |= {key: value for key, value in within.items() if value}
    collected = read_collected_archive(kept.path, where, _name_folder(repository), commit, repository.plugin)
    if collected:
        return Found(collected[0], source, where, "; ".join(collected[1]))
    if repository.plugin:
        raise ClaudepackError(
            f"{where}: this is a pack, and no marketplace",
            code="usage",
            hint=f"leave #{repository.plugin} out, or name the marketplace's folder: #subdirectory=FOLDER&PLUGIN",
        )
    return Found(read_sdist(kept.path, where), source, where)


def _keep_commit(repository: Repository, commit: str, *, offline: bool) -> Kept:
    """The archive of a commit, from the cache or fetched."""
    kept = find_kept_commit(repository, commit)
    if kept is None and offline:
        url = strip_credentials(repository.url)
        raise ClaudepackError(
            f"offline, and {url} at {commit} is not in the cache", code="offline", hint="leave --offline out once"
        )
    return kept or fetch_commit(repository, commit)


def _name_place(repository: Repository, commit: str) -> str:
    return f"{strip_credentials(repository.url)} at {commit[:12]}"


def _name_folder(repository: Repository) -> str:
    """What a directory of the repository's files would be called, with what is above it."""
    name = strip_credentials(repository.url).rstrip("/").rpartition("/")[2].removesuffix(".git")
    return f"{name if is_confined(name) else 'repository'}/{repository.subdirectory}".rstrip("/")
