"""What people have without a pack's manifest, as a pack holds it: `.claude`, a folder of agents, a file, a skill.

Files keep their bytes, and are placed where a pack has them. What is not taken is told, never dropped in silence.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.pack.identity import PREFIX, Identity
from claudepack.pack.tree import (
    MAX_BYTES,
    MAX_FILES,
    Pack,
    PackFile,
    is_junk,
    make_pack,
    read_file,
)

PLUGIN = ".claude-plugin/plugin.json"
MARKETPLACE = ".claude-plugin/marketplace.json"
SKILL = "SKILL.md"
SKIPPED = ("node_modules", ".git")
NOT_READ = "not read there by Claude Code"
ITS_OWN = "somebody's own unless `claudepack import` is told to take it"


@dataclass
class Collection:
    """The components of a place, as they are gathered.

    Attributes:
        name: What the pack is to be called: not normalised.
        where: How messages call the place.
        version: A PEP 440 version, or nothing.
        summary: One line, may be empty.
        sources: By path in the pack, the file that goes there.
        made: By path in the pack, the content of what no file has as it is.
        offered: By path in the pack, what is left out and may be asked for by name.
        left: By why, what is left out.
        remarks: What else is worth knowing, a sentence each.
        root: Where in the place it lies, if that is not all of it: a plugin in a marketplace.
    """

    name: str
    where: str
    version: str = ""
    summary: str = ""
    sources: dict[str, Path] = field(default_factory=dict)
    made: dict[str, bytes] = field(default_factory=dict)
    offered: dict[str, Path] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    root: Path | None = None

    def take(self, path: str, source: Path) -> None:
        """Put a file where a pack has it.

        Raises:
            ClaudepackError: Another one is there.
        """
        if self.sources.setdefault(path, source) != source:
            raise ClaudepackError(
                f"{self.where}: {source.as_posix()} and {self.sources[path].as_posix()} would both be {path}",
                code="path",
                hint="rename one of them",
            )

    def leave(self, path: str, why: str) -> None:
        """Leave something out, and say so."""
        self.left.setdefault(why, []).append(path)

    def offer(self, path: str, source: Path) -> None:
        """Leave out what is somebody's own, to be taken where it is asked for by name."""
        if source.is_file():
            self.offered[path] = source
            self.leave(path, ITS_OWN)

    def accept(self, path: str) -> None:
        """Take what was offered."""
        self.sources[path] = self.offered[path]
        self._forget(path)

    def take_context(self, context: bytes) -> None:
        """Take what was asked for of a project's CLAUDE.md; the one at its root comes before that in its `.claude`."""
        self.made["CLAUDE.md"] = context
        left = {path for paths in self.left.values() for path in paths}
        self._forget("../CLAUDE.md" if "../CLAUDE.md" in left else "CLAUDE.md")

    def _forget(self, path: str) -> None:
        self.left = {why: [other for other in paths if other != path] for why, paths in self.left.items()}

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be told: what was left out and why, and the rest."""
        told = [f"left out, {why}: {', '.join(sorted(paths))}" for why, paths in sorted(self.left.items()) if paths]
        return (*told, *self.remarks)


def make_collected_pack(collection: Collection, version: str) -> Pack:
    """The pack that a collection is.

    Args:
        collection: What was gathered.
        version: Its version, where it does not say one itself.

    Raises:
        ClaudepackError: It holds what a pack must not.
    """
    name = normalise_pack_name(collection.name, collection.where)
    module = "claudepack_" + name.replace("-", "_")
    identity = Identity(name, PREFIX + name, collection.version or version, collection.summary, (), module)
    return make_pack(identity, read_files(collection), collection.where)


def read_files(collection: Collection) -> list[PackFile]:
    """The files of a collection, hashed.

    Raises:
        ClaudepackError: A link, a device, or more than a pack may hold.
    """
    from io import BytesIO, FileIO

    files = [read_file(path, partial(BytesIO, data), executable=False) for path, data in collection.made.items()]
    total = 0
    for path, source in collection.sources.items():
        status = source.lstat()
        if not stat.S_ISREG(status.st_mode):
            kind = "link" if stat.S_ISLNK(status.st_mode) else "special file"
            raise ClaudepackError(
                f"{collection.where}: {path!r} is a {kind}, and a pack holds plain files only",
                code="path",
                hint="put the file itself there",
            )
        total += status.st_size
        if total > MAX_BYTES or len(files) >= MAX_FILES:
            raise ClaudepackError(
                f"{collection.where}: more than {MAX_FILES} files or {MAX_BYTES >> 20} MiB",
                code="too-large",
                hint="name the folder that holds the agents",
            )
        if path not in collection.made:
            executable = bool(status.st_mode & stat.S_IXUSR)
            files.append(read_file(path, partial(FileIO, source), executable=executable))
    return files


def read_version(value: object) -> str:
    """A version that somebody wrote, as packs have it; nothing where it is none."""
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(value)) if isinstance(value, str) else ""
    except InvalidVersion:
        return ""


def normalise_pack_name(text: str, where: str) -> str:
    """The name of a pack, made of a plugin's or a folder's.

    Raises:
        ClaudepackError: Nothing is left of it.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-").removeprefix(PREFIX)
    if not name:
        raise ClaudepackError(
            f"{where}: {text!r} gives no name for a pack",
            code="name",
            hint="claudepack new NAME --from SOURCE gives it one",
        )
    return name


def list_files(root: Path, below: str = "") -> Iterator[tuple[str, Path]]:
    """All files below a folder by their paths from the root, links as what they are; not what tools leave about."""
    for entry in sorted(os.scandir(root / below), key=lambda item: item.name):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.name in SKIPPED or is_junk(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from list_files(root, path)
        else:
            yield path, Path(entry.path)


def relate(source: Path, root: Path) -> str:
    """The path of a file from a folder; nothing where it lies elsewhere. pathlib takes ten times as long."""
    path, folder = str(source), f"{root}{os.sep}"
    return path.removeprefix(folder).replace(os.sep, "/") if path.startswith(folder) else ""


def gather_skill(collection: Collection, folder: Path) -> None:
    """Take a folder as a skill, under its own name."""
    for path, source in list_files(folder):
        collection.take(f"skills/{folder.name}/{path}", source)
