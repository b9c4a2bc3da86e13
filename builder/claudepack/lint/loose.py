"""What has no layout of its own, as subjects: agents by category, a skill, a part of a `.claude`, a single file."""

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.lint.disk import make_file, walk
from claudepack.lint.hooks import SETTINGS
from claudepack.lint.subject import File, Subject, join
from claudepack.pack.collection import PLUGIN, SKILL
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.frontmatter import read_document
from claudepack.paths import COMPONENT_FOLDERS

_WHOLE = (*SETTINGS, "mcp.json", "CLAUDE.md", "CLAUDE.md.j2", "pack.toml")
_LIKE_A_SKILL = SKILL.lower()
# Of a file with frontmatter and without a name, these say that it is meant to be an agent, rather than a page of docs.
_FIELDS = ("name", "tools", "model", "color")
_START = (b"---", b"\xff\xfe", b"\xfe\xff")


def read_loose(target: Path, shown: str, paths: Sequence[str]) -> Subject:
    """Agents and skills in folders of any name: a file that is not meant to be an agent there is none.

    Args:
        target: The directory.
        shown: How people are told it.
        paths: The files in it that may be agents, or of skills.
    """
    skills = {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2].lower() == _LIKE_A_SKILL}
    files: dict[str, File] = {}
    for path in paths:
        skill = next((folder for folder in skills if not folder or path.startswith(f"{folder}/")), None)
        if skill is not None:
            name = skill.rpartition("/")[2] or target.absolute().name
            inner = f"skills/{name}/{path.removeprefix(f'{skill}/') if skill else path}"
            inner = inner if inner not in files else f"skills/{path}"  # two categories have a skill of one name
            files[inner] = make_file(target / path, inner, join(shown, path), "folder")
        elif _is_unknown(target / path):
            files[path] = make_file(target / path, path, join(shown, path), "folder")
        elif path.endswith(".md") and _is_agent(target / path):
            files[f"agents/{path}"] = make_file(target / path, f"agents/{path}", join(shown, path), "folder")
    return Subject(shown or ".", "folder", files)


def _is_unknown(path: Path) -> bool:
    """Whether nobody can tell what it is, as it cannot be read: a folder, or what may be an agent's or a pack's."""
    if path.is_dir():
        return not path.is_symlink()  # of a folder that can be read, its files would be here
    if is_no_toml(path):
        return True
    is_meant = path.suffix == ".md" or path.name == PYPROJECT
    return is_meant and path.is_file() and not os.access(path, os.R_OK)


def is_no_toml(path: Path) -> bool:
    """Whether it is a `pyproject.toml`, and so broken that it may be a pack's or anybody's."""
    if path.name != PYPROJECT or not path.is_file():
        return False
    try:
        tomllib.loads(read_plain(os.fspath(path), path.name).decode("utf-8-sig"))
    except (OSError, ClaudepackError):
        return False
    except (ValueError, RecursionError):
        return True
    return False


def _is_agent(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        data = stream.read(4096)
        if not data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_START):
            return False
        data += stream.read()
    try:
        metadata = read_document(data, path.name).metadata
    except ClaudepackError as error:
        return error.code != "no-frontmatter"
    return any(field in metadata for field in _FIELDS)


def read_part(target: Path, shown: str) -> Subject | None:
    """A folder in a `.claude`, a pack or a plugin; None where it is none."""
    parts = target.absolute().parts
    for at in range(len(parts) - 1, 0, -1):
        base = Path(*parts[:at])
        is_base = base.name == ".claude" or (base / PYPROJECT).is_file() or (base / PLUGIN).is_file()
        if parts[at] in COMPONENT_FOLDERS and is_base:
            below = "/".join(parts[at:])
            files = {
                f"{below}/{path}": make_file(target / path, f"{below}/{path}", join(shown, path), "folder")
                for path in walk(target, "", follows=True)
            }
            return Subject(shown or ".", "folder", files)
    return None


def read_single(target: Path, shown: str) -> Subject:
    """One file, as what it is where it lies."""
    parts = target.absolute().parts
    folder = max((at for at, part in enumerate(parts[:-1]) if part in COMPONENT_FOLDERS), default=-1)
    if folder >= 0:
        path = "/".join(parts[folder:])
    elif target.name.lower() == _LIKE_A_SKILL:
        path = f"skills/{target.absolute().parent.name}/{target.name}"
    elif target.name == ".mcp.json":
        path = "mcp.json"
    else:
        path = target.name if target.name in _WHOLE else f"agents/{target.name}"
    return Subject(shown or target.name, "folder", {path: make_file(target, path, shown or target.name, "folder")})
