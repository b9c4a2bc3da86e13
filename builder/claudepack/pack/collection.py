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
from claudepack.pack.components import place
from claudepack.pack.frontmatter import read_document
from claudepack.pack.identity import PREFIX, Identity
from claudepack.pack.tree import (
    CONTEXTS,
    FRAGMENTS,
    MAX_BYTES,
    MAX_FILES,
    META,
    Pack,
    PackFile,
    is_junk,
    make_pack,
    read_file,
)
from claudepack.paths import COMPONENT_FOLDERS

PLUGIN = ".claude-plugin/plugin.json"
MARKETPLACE = ".claude-plugin/marketplace.json"
SKILL = "SKILL.md"
_SKIPPED = ("node_modules", ".git")
NOT_READ = "not read there by Claude Code"
_NO_FRONTMATTER = "without frontmatter"
_NO_AGENT = "with no name in the frontmatter"
_ITS_OWN = "somebody's own unless `claudepack import` is told to take it"
_SHOWN = 8


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
            self.leave(path, _ITS_OWN)

    def accept(self, path: str) -> None:
        """Take what was offered."""
        self.sources[path] = self.offered[path]
        self.left = {why: [other for other in paths if other != path] for why, paths in self.left.items()}

    @property
    def notices(self) -> tuple[str, ...]:
        """What is to be told: what was left out and why, and the rest."""
        told = [f"left out, {why}: {_shorten(sorted(paths))}" for why, paths in sorted(self.left.items()) if paths]
        return (*told, *self.remarks)


def _shorten(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def read_collection(target: Path, where: str, plugin: str = "") -> Collection:
    """Gather the components of a place that is no pack.

    Args:
        target: A directory, or one agent's file.
        where: How messages call it.
        plugin: Which plugin of a marketplace.

    Raises:
        ClaudepackError: There is nothing, or something that would be lost without a word.
    """
    from claudepack.pack.marketplace import find_plugin

    target = Path(os.path.abspath(target))  # noqa: PTH100 - a link stays what it is called; its name counts, also where it is said as `..`
    if target.is_file() and target.name.lower() == SKILL.lower():
        target = target.parent
    if plugin or (target / PLUGIN).is_file() or (target / MARKETPLACE).is_file():
        collection = find_plugin(target, where, plugin)
    elif target.is_file():
        collection = _gather_file(target, where)
    elif _find_skill_head(target):
        collection = Collection(target.name, where)
        gather_skill(collection, target)
    elif target.name == ".claude" or (target / ".claude").is_dir():
        collection = _gather_claude(target, where)
    else:
        collection = _gather_folder(target, where)
    _sift(collection)
    return collection


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
        if entry.name in _SKIPPED or is_junk(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from list_files(root, path)
        else:
            yield path, Path(entry.path)


def gather_skill(collection: Collection, folder: Path) -> None:
    """Take a folder as a skill, under its own name."""
    for path, source in list_files(folder):
        collection.take(f"skills/{folder.name}/{path}", source)


def _find_skill_head(folder: Path) -> str:
    """The file that makes a folder a skill, also where its name is spelt as the client does not read it."""
    if not folder.is_dir():
        return ""
    names = sorted(entry.name for entry in folder.iterdir())
    return next((name for name in names if name.lower() == SKILL.lower()), "")


def _gather_file(file: Path, where: str) -> Collection:
    collection = Collection(file.stem, where)
    if why := NOT_READ if file.suffix != ".md" else _find_no_agent(file, file.name):
        raise ClaudepackError(
            f"{where}: this is no agent: it is {why}",
            code="pack",
            hint="an agent is a file .md that begins with ---, name: and description:; for more, name its folder",
        )
    collection.take(f"agents/{file.name}", file)
    return collection


def _gather_claude(target: Path, where: str) -> Collection:
    """A `.claude`, or the project that has one."""
    is_project = target.name != ".claude"
    base = target / ".claude" if is_project else target
    collection = Collection(target.name if is_project else target.parent.name, where)
    _take_folders(collection, base)
    collection.offer("mcp.json", (target if is_project else target.parent) / ".mcp.json")
    if is_project and (target / "CLAUDE.md").exists():
        collection.leave("../CLAUDE.md", _ITS_OWN)
    return collection


def _gather_folder(target: Path, where: str) -> Collection:
    """A folder that mirrors `.claude`, or one of agents and skills, by category or not."""
    collection = Collection(target.name, where)
    if not target.is_dir():
        raise ClaudepackError(
            f"{where}: no such file or directory",
            code="not-found",
            hint="name a pack, a plugin, a .claude, a folder of agents, or an agent's file",
        )
    if any((target / folder).is_dir() for folder in COMPONENT_FOLDERS):
        _take_folders(collection, target)
    else:
        _take_loose(collection, target, "")
    return collection


def _take_folders(collection: Collection, base: Path) -> None:
    for entry in sorted(base.iterdir()):
        if entry.is_dir() and not entry.is_symlink() and entry.name in COMPONENT_FOLDERS:
            for path, source in list_files(base, entry.name):
                collection.take(path, source)
        elif entry.name in META:
            collection.take(entry.name, entry)
        elif entry.name in FRAGMENTS:
            collection.offer(entry.name, entry)
        elif entry.name in (*CONTEXTS, "settings.local.json"):
            collection.leave(entry.name, _ITS_OWN)
        elif entry.name in COMPONENT_FOLDERS:
            raise ClaudepackError(
                f"{collection.where}: {entry.name} is a {'link' if entry.is_symlink() else 'file'}, "
                "and has to be a directory",
                code="path",
                hint="put the directory itself there",
            )
        elif not entry.name.startswith(".") and entry.name not in _SKIPPED:
            collection.leave(entry.name + "/" * entry.is_dir(), NOT_READ)


def _take_loose(collection: Collection, root: Path, below: str) -> None:
    folder = root / below
    if below and _find_skill_head(folder):
        gather_skill(collection, folder)
        return
    for entry in sorted(folder.iterdir()):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.name.startswith(".") or entry.name in _SKIPPED:
            continue
        if entry.is_dir() and not entry.is_symlink():
            _take_loose(collection, root, path)
        elif entry.suffix != ".md" or not entry.is_file():
            collection.leave(path, NOT_READ)
        elif why := _find_no_agent(entry, path):
            collection.leave(path, why)
        else:
            collection.take(f"agents/{path}", entry)


def _find_no_agent(file: Path, path: str) -> str:
    """Why a file is no agent; one that only cannot be read is one, and its error is for whoever checks the pack."""
    try:
        document = read_document(file.read_bytes(), path)
    except ClaudepackError as error:
        return _NO_FRONTMATTER if error.code == "no-frontmatter" else ""
    return "" if "name" in document.metadata else _NO_AGENT


def _sift(collection: Collection) -> None:
    """Leave out what would be copied and never read, and refuse what would be lost."""
    for path, source in list(collection.sources.items()):
        why = "" if path in META or place(path) else NOT_READ
        if not why and path.startswith("agents/") and source.is_file():
            why = _check_agent(collection.where, path, source)
        if why:
            del collection.sources[path]
            collection.made.pop(path, None)
            collection.leave(path, why)
    if not (collection.sources.keys() - set(META)) and not collection.made:
        told = f" ({'; '.join(collection.notices)})" if collection.notices else ""
        raise ClaudepackError(
            f"{collection.where}: there are no agents, prompts, skills, commands or rules{told}",
            code="pack",
            hint="name a pack (it has a pyproject.toml), a plugin, a project or its .claude, or a folder of agents",
        )


def _check_agent(where: str, path: str, source: Path) -> str:
    """Why an agent is left out; nothing where it stays.

    Raises:
        ClaudepackError: Its name is one that the client, or a plugin's namespace, takes apart.
    """
    try:
        name = read_document(source.read_bytes(), path).metadata.get("name")
    except ClaudepackError as error:
        return _NO_FRONTMATTER if error.code == "no-frontmatter" else ""
    if isinstance(name, str) and (":" in name or "/" in name):
        raise ClaudepackError(
            f"{where}: {path}: an agent cannot be named {name!r}",
            code="frontmatter",
            hint="lower-case letters, digits and hyphens; the client and plugins part names at : and /",
        )
    return ""
