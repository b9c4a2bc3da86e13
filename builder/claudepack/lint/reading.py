"""What lies at a path, as subjects: a pack, a project, a plugin, a marketplace, a folder, a file.

Whoever installs refuses a link or a strange name; whoever checks wants to be told of all of them, so what is wrong
there is read, too.
"""

import os
from dataclasses import replace
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.lint.disk import make_file, walk
from claudepack.lint.loose import is_no_toml, read_loose, read_part, read_single
from claudepack.lint.plugins import read_marketplace, read_plugin
from claudepack.lint.said import README
from claudepack.lint.subject import Layout, Subject, join
from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.directory import PYPROJECT, find_pack
from claudepack.pack.identity import GROUP
from claudepack.pack.tree import CONTEXTS, FRAGMENTS, META
from claudepack.paths import COMPONENT_FOLDERS

_SETTINGS = ("settings.json", "settings.local.json")
_CONTEXT = "CLAUDE.md"
_AT_TOP = {_CONTEXT: _CONTEXT, "CLAUDE.local.md": "CLAUDE.local.md", ".mcp.json": "mcp.json"}


def read_subjects(target: Path, shown: str = "", plugin: str = "") -> list[Subject]:
    """What lies at a path.

    Args:
        target: A directory or a file.
        shown: How people are told it; paths are told relative to it. Nothing where it is the current directory.
        plugin: Which plugin of a marketplace is meant; all of them unless told.

    Raises:
        ClaudepackError: There is nothing that could be checked.
    """
    if not target.exists():
        raise ClaudepackError(f"{shown or target}: no such file or directory", code="not-found", hint="mend the path")
    if plugin or (target / MARKETPLACE).is_file():
        return read_marketplace(target, shown, plugin)
    if target.is_file():
        return [read_single(target, shown)]
    found = []
    if _is_pack(target):
        found.append(_read_tree(target, shown, "pack"))
    elif (target / PLUGIN).is_file():
        found.append(read_plugin(target, shown))
    if target.absolute().name == ".claude" or (target / ".claude").is_dir():
        found.append(_read_project(target, shown))
    if not found and (part := read_part(target, shown)):
        found.append(part)
    if not found and any((target / folder).is_dir() for folder in COMPONENT_FOLDERS):
        found.append(_read_tree(target, shown, "folder"))
    if not found and (target / _CONTEXT).is_file():
        found.append(_read_project(target, shown))
    return [*(_with_project(part, target, shown) for part in found[:1]), *found[1:]] or _read_below(target, shown)


def _with_project(subject: Subject, target: Path, shown: str) -> Subject:
    """The same with its `pyproject.toml`, where that is so broken that a rule has to tell it."""
    if PYPROJECT in subject.files or not is_no_toml(target / PYPROJECT):
        return subject
    file = make_file(target / PYPROJECT, PYPROJECT, join(shown, PYPROJECT), subject.layout)
    return replace(subject, files={**subject.files, PYPROJECT: file})


def _read_below(target: Path, shown: str) -> list[Subject]:
    """The packs and plugins in a folder, and what lies loose in it."""
    folders, loose = [], []
    for path in walk(target, "", follows=False):
        folder, _, name = path.rpartition("/")
        if name == PYPROJECT and folder and (_is_pack(target / folder) or is_no_toml(target / path)):
            folders.append(folder)
        elif path.endswith(f"/{PLUGIN}"):
            folders.append(path.removesuffix(f"/{PLUGIN}"))
        loose.append(path)
    loose = [path for path in loose if not any(path.startswith(f"{folder}/") for folder in folders)]
    found = [subject for folder in sorted(folders) for subject in read_subjects(target / folder, join(shown, folder))]
    rest = read_loose(target, shown, loose)
    if not found and not rest.files:
        raise ClaudepackError(
            f"{shown or target}: there is nothing here that Claude Code reads",
            code="not-found",
            hint="name a pack, a project, a plugin, a .claude, or a folder of agents",
        )
    return [*found, rest] if rest.files else found


def _is_pack(target: Path) -> bool:
    project = target / PYPROJECT
    try:
        return project.is_file() and GROUP.encode() in project.read_bytes()
    except PermissionError:
        return False


def _read_tree(target: Path, shown: str, layout: Layout) -> Subject:
    """A directory that mirrors `.claude`."""
    is_pack = layout == "pack"
    files = {}
    for name in (*COMPONENT_FOLDERS, *FRAGMENTS, *CONTEXTS, *META, *((PYPROJECT, README) if is_pack else ())):
        for path in walk(target, name, follows=not is_pack):
            files[path] = make_file(target / path, path, join(shown, path), layout)
    pack = None
    if is_pack:
        try:
            pack = find_pack(target, shown or str(target))
        except (ClaudepackError, PermissionError):
            pack = None  # the rules about files and packs say why, of each thing that is wrong
    return Subject(shown or ".", layout, files, pack)


def _read_project(target: Path, shown: str) -> Subject:
    """A project, or a `.claude` alone. Links are followed, as the client follows them."""
    is_bare = target.absolute().name == ".claude"
    base, below = (target, "") if is_bare else (target / ".claude", ".claude/")
    files = {}
    is_open = os.access(base, os.R_OK | os.X_OK)
    if base.is_dir() and not is_open:
        files[".claude"] = make_file(base, ".claude", join(shown, ".claude"), "project")
    for name in (*COMPONENT_FOLDERS, *_SETTINGS) if is_open else ():
        for path in walk(base, name, follows=True):
            files[path] = make_file(base / path, path, join(shown, below + path), "project")
    for name, path in _AT_TOP.items() if not is_bare else ():
        for _ in walk(target, name, follows=True):
            files[path] = make_file(target / name, path, join(shown, name), "project")
    for _ in walk(base, _CONTEXT, follows=True) if is_open else ():  # besides the other one: the client loads both
        path = f".claude/{_CONTEXT}" if _CONTEXT in files else _CONTEXT
        files[path] = make_file(base / _CONTEXT, path, join(shown, below + _CONTEXT), "project")
    for path in _list_contexts(target) if not is_bare else ():
        files[path] = make_file(target / path, path, join(shown, path), "project")
    return Subject(shown or ".", "project", files)


def _list_contexts(root: Path) -> list[str]:
    """The CLAUDE.md of each folder of a repository, which the client reads once it works there; none without git.

    What git ignores, such as dependencies, has its own authors. A `.claude` in a folder is a project of its own.
    """
    import subprocess

    if not (root / ".git").exists():
        return []
    words = [
        "git",
        "--no-optional-locks",
        "ls-files",
        "-z",
        "-co",
        "--exclude-standard",
        "--",
        f":(glob)*/**/{_CONTEXT}",
    ]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(
            words, cwd=root, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return []  # there is no git
    paths = [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]
    return [path for path in dict.fromkeys(paths) if ".claude/" not in path and (root / path).is_file()]
