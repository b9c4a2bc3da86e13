"""What is no pack, read as one: with the version of the commit that it lies in, where it says none itself."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import Collection, make_collected_pack
from claudepack.pack.identity import UNVERSIONED
from claudepack.pack.layouts import read_collection
from claudepack.pack.tree import Pack
from claudepack.tasks import Task

if TYPE_CHECKING:
    import tarfile

NO_VERSION = "0"


def read_collected(root: Path, where: str, plugin: str = "") -> tuple[Pack, tuple[str, ...]]:
    """The pack that a place is read as, and what is to be told of it.

    Args:
        root: A directory, or an agent's file.
        where: How messages call it.
        plugin: Which plugin of a marketplace.

    Raises:
        ClaudepackError: There is nothing to read, or it holds what a pack must not.
    """
    with Task(f"reading {where}"):
        collection = read_collection(root, where, plugin)
        version = collection.version or find_commit_version(collection.root or root)
        return make_collected_pack(collection, version), collection.notices


def read_collected_archive(
    path: Path, where: str, folder: str, commit: str, plugin: str = ""
) -> tuple[Pack, tuple[str, ...]] | None:
    """The pack that the files of a commit are read as; None where they are a pack's own.

    Args:
        path: What `fetch_commit` has kept.
        where: How messages call it.
        folder: The repository's name, and where in it they were: a pack may be called as that.
        commit: The commit.
        plugin: Which plugin of a marketplace.

    Raises:
        ClaudepackError: There is nothing to read, or it holds what a pack must not.
    """
    with open_tree(path, where, folder) as tree:
        if tree is None:
            return None
        collection = gather_tree(*tree, where, plugin)
        return _hold(make_collected_pack(collection, _name_commit(commit))), collection.notices


@contextlib.contextmanager
def open_tree(path: Path, where: str, folder: str) -> Iterator[tuple[Path, list[str]] | None]:
    """The files of a commit in a directory that is gone afterwards, and the links there; None where they are a pack's.

    Args:
        path: What `fetch_commit` has kept.
        where: How messages call it.
        folder: What the directory is to be called, with what is above it.

    Raises:
        ClaudepackError: It cannot be unpacked.
    """
    import tarfile

    from claudepack.source.git import TREE_FOLDER

    with tarfile.open(path) as archive, tempfile.TemporaryDirectory(prefix="claudepack-") as scratch:
        first = archive.next()
        if first and first.name.partition("/")[0] != TREE_FOLDER:
            yield None
            return
        root = Path(scratch) / folder
        links = _unpack(archive, root, where)
        yield root, links


def gather_tree(root: Path, links: list[str], where: str, plugin: str) -> Collection:
    """The components of such a directory.

    Raises:
        ClaudepackError: There are none, or something that would be lost without a word.
    """
    with Task(f"reading {where}"):
        collection = read_collection(root, where, plugin)
    for link in links:
        collection.leave(link, "a link, and a pack holds plain files only")
    return collection


def _unpack(archive: "tarfile.TarFile", root: Path, where: str) -> list[str]:
    """Unpack the plain files; the links are only named."""
    import tarfile

    links: list[str] = []
    try:
        for member in archive:
            member.name = member.name.partition("/")[2]
            if member.isreg():
                archive.extract(member, root, filter="data")
            else:
                links.append(member.name)
    except tarfile.TarError as error:
        raise ClaudepackError(
            f"{where}: it cannot be unpacked: {error}", code="archive", hint="ask its author for one that can"
        ) from error
    return links


def _hold(pack: Pack) -> Pack:
    """A pack whose bytes are here, wherever its files go."""
    files = {path: file._replace(open=partial(BytesIO, file.read())) for path, file in pack.files.items()}
    meta = {path: file._replace(open=partial(BytesIO, file.read())) for path, file in pack.meta.items()}
    return pack._replace(files=files, meta=meta)


def find_commit_version(path: Path) -> str:
    """A version made of the commit that changed a path last; `0` where nobody knows one."""
    import subprocess

    folder, name = (path, ".") if path.is_dir() else (path.parent, path.name)
    words = ["git", "--no-optional-locks", "log", "-1", "--format=%H", "--", name]
    try:
        # A hook that calls us has set what is for its own repository.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return NO_VERSION  # there is no git
    commit = done.stdout.strip() if not done.returncode else ""
    return _name_commit(commit) if commit else NO_VERSION


def _name_commit(commit: str) -> str:
    return f"{UNVERSIONED}g{commit[:12]}"
