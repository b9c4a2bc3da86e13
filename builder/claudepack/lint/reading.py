"""What lies at a path, as subjects: a pack, a project, a plugin, a folder, a file. What is wrong there is read, too.

Whoever installs refuses a link or a strange name; whoever checks wants to be told of all of them.
"""

import os
from collections.abc import Iterator
from functools import partial
from io import FileIO
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.lint.subject import File, Layout, Subject
from claudepack.pack.collection import PLUGIN, SKILL, SKIPPED
from claudepack.pack.directory import PYPROJECT, find_pack
from claudepack.pack.frontmatter import read_document
from claudepack.pack.identity import GROUP
from claudepack.pack.tree import CONTEXTS, FRAGMENTS, MAX_FILES, META, Pack
from claudepack.paths import COMPONENT_FOLDERS

_PROJECT_FILES = {"CLAUDE.md": "CLAUDE.md", ".mcp.json": "mcp.json"}
_SETTINGS = ("settings.json", "settings.local.json")


def read_subjects(target: Path, shown: str = "") -> list[Subject]:
    """What lies at a path.

    Args:
        target: A directory or a file.
        shown: How people are told it; paths are told relative to it. Nothing where it is the current directory.

    Raises:
        ClaudepackError: There is nothing that could be checked.
    """
    if not target.exists():
        raise ClaudepackError(f"{shown or target}: no such file or directory", code="not-found", hint="mend the path")
    if target.is_file():
        return [_read_single(target, shown)]
    found = []
    if _is_pack(target):
        found.append(_read_tree(target, shown, "pack"))
    elif (target / PLUGIN).is_file():
        found.append(_read_tree(target, shown, "plugin"))
    if target.name == ".claude" or (target / ".claude").is_dir() or ((target / "CLAUDE.md").is_file() and not found):
        found.append(_read_project(target, shown))
    if not found:
        mirrors = any((target / folder).is_dir() for folder in COMPONENT_FOLDERS)
        found.append(_read_tree(target, shown, "folder") if mirrors else _read_loose(target, shown))
    return found


def subject_of_pack(pack: Pack, shown: str = "") -> Subject:
    """A pack that has been read, wherever it came from."""
    files = {}
    for path, file in {**pack.files, **pack.meta}.items():
        mode = 0o100755 if file.executable else 0o100644
        is_clean = file.is_ascii and not file.refers
        files[path] = File(path, _join(shown, path), mode, file.size, file.open, "pack", is_clean)
    return Subject(shown or pack.name, "pack", files, pack)


def _join(shown: str, path: str) -> str:
    return f"{shown.rstrip('/')}/{path}" if shown not in ("", ".") else path


def _is_pack(target: Path) -> bool:
    project = target / PYPROJECT
    return project.is_file() and GROUP.encode() in project.read_bytes()


def _read_tree(target: Path, shown: str, layout: Layout) -> Subject:
    """A directory that mirrors `.claude`."""
    files = {}
    for name in (*COMPONENT_FOLDERS, *FRAGMENTS, *CONTEXTS, *META):
        for path in _walk(target, name):
            files[path] = _make_file(target / path, path, _join(shown, path), layout)
    pack = None
    if layout == "pack":
        try:
            pack = find_pack(target, shown or str(target))
        except ClaudepackError:
            pack = None  # the rules about files say why, of each of them
    return Subject(shown or ".", layout, files, pack)


def _read_project(target: Path, shown: str) -> Subject:
    base = target if target.name == ".claude" else target / ".claude"
    below = "" if base == target else ".claude/"
    files = {}
    for name in (*COMPONENT_FOLDERS, *_SETTINGS, "CLAUDE.md"):
        for path in _walk(base, name):
            files[path] = _make_file(base / path, path, _join(shown, below + path), "project")
    root = base.parent
    for name, path in _PROJECT_FILES.items():
        if below and (root / name).exists():
            files[path] = _make_file(root / name, path, _join(shown, name), "project")
    return Subject(shown or ".", "project", files)


def _read_loose(target: Path, shown: str) -> Subject:
    """Agents and skills in folders of any name: a file without frontmatter there is none."""
    files = {}
    for path in _walk(target, ""):
        real = target / path
        folder, _, name = path.rpartition("/")
        if name == SKILL:
            skill = folder.rpartition("/")[2] or target.name
            files[f"skills/{skill}/{SKILL}"] = _make_file(real, f"skills/{skill}/{SKILL}", _join(shown, path), "folder")
        elif path.endswith(".md") and _has_frontmatter(real):
            files[f"agents/{path}"] = _make_file(real, f"agents/{path}", _join(shown, path), "folder")
    if not files:
        raise ClaudepackError(
            f"{shown or target}: there is nothing here that Claude Code reads",
            code="not-found",
            hint="name a pack, a project, a plugin, a .claude, or a folder of agents",
        )
    return Subject(shown or ".", "folder", files)


def _has_frontmatter(path: Path) -> bool:
    try:
        read_document(path.read_bytes(), path.name)
    except ClaudepackError as error:
        return error.code != "no-frontmatter"
    return True


def _read_single(target: Path, shown: str) -> Subject:
    """One file, as what it is where it lies."""
    parts = target.absolute().parts
    folder = max((at for at, part in enumerate(parts[:-1]) if part in COMPONENT_FOLDERS), default=-1)
    path = "/".join(parts[folder:]) if folder >= 0 else _PROJECT_FILES.get(target.name, f"agents/{target.name}")
    if folder < 0 and (target.name in _SETTINGS or target.name in ("CLAUDE.md", "CLAUDE.md.j2", "mcp.json")):
        path = target.name
    if folder < 0 and target.name == SKILL:
        path = f"skills/{target.absolute().parent.name}/{SKILL}"
    return Subject(shown or target.name, "folder", {path: _make_file(target, path, shown or target.name, "folder")})


def _make_file(real: Path, path: str, shown: str, layout: Layout) -> File:
    status = real.lstat()
    return File(path, shown, status.st_mode, status.st_size, partial(FileIO, os.fspath(real)), layout)


def _walk(root: Path, below: str) -> Iterator[str]:
    """All that is no directory at or below a path, links as what they are."""
    top = root / below if below else root
    if below and (top.is_symlink() or not top.is_dir()):
        if top.is_symlink() or top.exists():
            yield below
        return
    folders, count = [below], 0
    while folders:
        folder = folders.pop()
        for entry in sorted(os.scandir(root / folder), key=lambda item: item.name):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    folders.append(path)
                continue
            count += 1
            if count > MAX_FILES:
                raise ClaudepackError(
                    f"{root}: more than {MAX_FILES} files", code="too-large", hint="name a part of it"
                )
            yield path
