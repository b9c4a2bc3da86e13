"""The layouts in which people have their agents, gathered: a `.claude`, folders, a file, a skill, a plugin."""

import os
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import (
    ITS_OWN,
    MARKETPLACE,
    NOT_READ,
    PLUGIN,
    SKILL,
    SKIPPED,
    Collection,
    gather_skill,
    list_files,
)
from claudepack.pack.components import place
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.frontmatter import has_frontmatter, read_document
from claudepack.pack.identity import GROUP
from claudepack.pack.tree import CONTEXTS, FRAGMENTS, MAX_FILES, META
from claudepack.paths import COMPONENT_FOLDERS, name_few

_NO_FRONTMATTER = "without frontmatter"
_NO_AGENT = "with no name in the frontmatter"


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

    # Its name counts, also where it is said as `..`; a link to it is what it is called.
    target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve would follow the link
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
        collection.leave("../CLAUDE.md", ITS_OWN)
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
            collection.leave(entry.name, ITS_OWN)
        elif entry.name in COMPONENT_FOLDERS:
            raise ClaudepackError(
                f"{collection.where}: {entry.name} is a {'link' if entry.is_symlink() else 'file'}, "
                "and has to be a directory",
                code="path",
                hint="put the directory itself there",
            )
        elif not entry.name.startswith(".") and entry.name not in SKIPPED:
            collection.leave(entry.name + "/" * entry.is_dir(), NOT_READ)


def _take_loose(collection: Collection, root: Path, below: str) -> None:
    folder = root / below
    if len(collection.sources) + sum(map(len, collection.left.values())) > MAX_FILES:
        raise ClaudepackError(
            f"{collection.where}: more than {MAX_FILES} files", code="too-large", hint="name the folder of the agents"
        )
    if below:
        _refuse_whole(collection, folder, below)
    if below and _find_skill_head(folder):
        gather_skill(collection, folder)
        return
    for entry in sorted(folder.iterdir()):
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.name.startswith(".") or entry.name in SKIPPED:
            continue
        if entry.is_dir() and not entry.is_symlink():
            _take_loose(collection, root, path)
        elif entry.suffix != ".md" or not entry.is_file():
            collection.leave(path, NOT_READ)
        elif why := _find_no_agent(entry, path):
            collection.leave(path, why)
        else:
            collection.take(f"agents/{path}", entry)


def _refuse_whole(collection: Collection, folder: Path, below: str) -> None:
    """Refuse to take apart what is a pack, or a plugin, of its own."""
    is_plugin = (folder / PLUGIN).is_file()
    project = folder / PYPROJECT
    if is_plugin or (project.is_file() and GROUP.encode() in project.read_bytes()):
        raise ClaudepackError(
            f"{collection.where}: there is a {'plugin' if is_plugin else 'pack (it has a pyproject.toml)'} in {below}",
            code="pack",
            hint=f"name that: {below} (of a repository: #subdirectory={below})",
        )


def _find_no_agent(file: Path, path: str) -> str:
    """Why a file is no agent; one that only cannot be read is one, and its error is for whoever checks the pack."""
    try:
        document = read_document(file.read_bytes(), path)
    except ClaudepackError as error:
        return _NO_FRONTMATTER if error.code == "no-frontmatter" else ""
    return "" if "name" in document.metadata else _NO_AGENT


def _sift(collection: Collection) -> None:
    """Leave out what would be copied and never read, and refuse to go on where nothing is left."""
    for path, source in list(collection.sources.items()):
        why = "" if path in META or place(path) else NOT_READ
        if not why and path.startswith("agents/") and source.is_file() and not has_frontmatter(source.read_bytes()):
            why = _NO_FRONTMATTER
        if why:
            del collection.sources[path]
            collection.made.pop(path, None)
            collection.leave(path, why)
    if not (collection.sources.keys() - set(META)) and not collection.made:
        left = [f"{why}: {name_few(sorted(paths))}" for why, paths in sorted(collection.left.items()) if paths]
        told = "".join(f"; left out, {text}" for text in left)
        raise ClaudepackError(
            f"{collection.where}: there are no agents, prompts, skills, commands or rules{told}",
            code="pack",
            hint="name a pack (it has a pyproject.toml), a plugin, a project or its .claude, or a folder of agents",
        )
