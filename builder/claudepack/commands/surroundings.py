"""The project's surroundings, as a plan asks for them: its disk, and where contexts go."""

import os
from collections.abc import Collection, Mapping
from functools import partial
from typing import NamedTuple

from claudepack.commands.bases import Bases
from claudepack.commands.merging import merge3
from claudepack.commands.options import Opened
from claudepack.paths import list_parents
from claudepack.plan.outside import Outside
from claudepack.plan.spots import Place
from claudepack.plan.wanted import Wanted
from claudepack.project.claude_md import parse_claude_md
from claudepack.project.disk import DiskFile, list_folder, observe, read_bytes
from claudepack.project.location import Project, check_targets, find_upwards
from claudepack.project.lock import Lock
from claudepack.project.manifest import Manifest


class Turned(NamedTuple):
    """What will be gone once a run comes to what takes its place: no edit, and nothing of the user's, is in it.

    Attributes:
        files: Those in whose place a folder comes.
        folders: Those in whose place a file comes.
    """

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()


_NOTHING = Turned()


def find_turned(opened: Opened, wanted: Mapping[str, Wanted]) -> Turned:
    """Find the files of which packs make folders, and the folders of which they make files."""
    coming = {path for want in wanted.values() for path in want.files}
    leaving = {path: pack for pack in opened.lock.packs.values() for path in pack.files if path not in coming}
    files = leaving.keys() & {folder for path in coming for folder in list_parents(path)} if leaving else set()
    folders = coming & {folder for path in leaving for folder in list_parents(path)}

    def leaves(path: str) -> bool:
        if path in opened.lock.directories:
            return all(leaves(f"{path}/{name}") for name in list_folder(opened.project, path))
        pack = leaving.get(path)
        if pack is None or path in pack.adopted or path in pack.pending:
            return False
        there = observe(opened.project, path, (pack.files[path],))
        return there is not None and there.holds(pack.files[path])

    return Turned(frozenset(filter(leaves, files)), frozenset(filter(leaves, folders)))


def look_outside(opened: Opened, bases: Bases, turned: Turned = _NOTHING) -> Outside:
    """What is outside of a plan: the disk of a project, the bases of its files, and git to merge them."""
    project = opened.project
    is_there: dict[str, bool] = {}

    def look(path: str, expected: Collection[str | None]) -> DiskFile | None:
        folder = path.rpartition("/")[0]
        if folder not in is_there:
            is_there[folder] = folder not in check_targets(project, [path], turned.files)
        if path in turned.folders:
            return None
        if path in opened.seen.files:
            return opened.seen.files[path]
        return observe(project, path, expected) if is_there[folder] else None

    return Outside(look, partial(read_bytes, project), partial(list_folder, project), bases.find, merge3)


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
