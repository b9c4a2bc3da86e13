"""The project's surroundings, as a plan asks for them: its disk, and where contexts go."""

import os
from collections.abc import Collection
from functools import partial
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.plan.context import Place
from claudepack.plan.project import Outside
from claudepack.project.claude_md import parse_claude_md
from claudepack.project.disk import DiskFile, list_folder, observe
from claudepack.project.location import Project, check_targets, find_upwards, is_inside
from claudepack.project.lock import Lock
from claudepack.project.manifest import Manifest


def look_outside(project: Project) -> Outside:
    """The disk of a project, as a plan asks for it."""
    checked: set[str] = set()

    def look(path: str, expected: Collection[str | None]) -> DiskFile | None:
        folder = os.path.dirname(path)
        if folder not in checked:
            check_targets(project, [path])
            checked.add(folder)
        return observe(project, path, expected)

    return Outside(look, partial(read_bytes, project), partial(list_folder, project))


def choose_place(project: Project, manifest: Manifest, lock: Lock) -> Place:
    """Where contexts go: what the manifest says, else where they are, else what harms nobody.

    A CLAUDE.md with content switches an AGENTS.md off, in sub-directories too; a rule does not.
    """
    root_file, inner = "CLAUDE.md", f"{project.prefix}CLAUDE.md"
    file = inner if not _exists(project, root_file) and _exists(project, inner) else root_file
    if manifest.context or any(pack.context for pack in lock.packs.values()):
        return Place(manifest.context, file)
    data = read_bytes(project, file)
    blank = data is None or parse_claude_md(data, file).is_blank
    has_agents_md = bool(find_upwards(project.root, "AGENTS.md", project.git_root or project.root))
    return Place("rules" if blank and has_agents_md else "", file)


def _exists(project: Project, path: str) -> bool:
    return os.path.lexists(project.locate(path))


def read_bytes(project: Project, path: str) -> bytes | None:
    """The bytes of a file of the project, None if it is not there.

    Raises:
        ClaudepackError: It is a link out of the project, or no file.
    """
    target = project.locate(path)
    if os.path.islink(target) and not is_inside(project, target):
        raise ClaudepackError(
            f"{path} is a link to {os.path.realpath(target)}, which is outside the project",
            code="path",
            hint="replace it by a file",
        )
    if os.path.islink(target) and not os.path.exists(target):
        raise ClaudepackError(f"{path} is a link to nothing", code="path", hint="remove it, or make what it leads to")
    if os.path.isdir(target):
        raise ClaudepackError(f"{path} is a directory", code="path", hint="move it away, then run this again")
    try:
        return Path(target).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
