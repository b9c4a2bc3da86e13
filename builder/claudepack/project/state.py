"""How what is on the disk stands to the lock and the manifest: edits, drift, or all at rest."""

from collections.abc import Mapping
from typing import NamedTuple

from claudepack.project.claude_md import ClaudeMd, hash_body, parse_claude_md
from claudepack.project.disk import DiskFile, observe, walk_files
from claudepack.project.location import Project
from claudepack.project.lock import Lock, LockedContext, LockedPack
from claudepack.project.manifest import Manifest, Value

UNCHANGED, EDITED, ABSENT, PENDING, FOREIGN = "unchanged", "edited", "absent", "pending", "foreign"
DRIFT = (ABSENT, PENDING, FOREIGN)


class FileState(NamedTuple):
    """One file of a pack, or one that lies where only a pack's should: its path in the project and its state."""

    path: str
    pack: str
    state: str


def examine(project: Project, lock: Lock) -> list[FileState]:
    """The state of every file in the lock, and of foreign ones in the folders that packs deliver whole."""
    states: list[FileState] = []
    for name, pack in lock.packs.items():
        states += [FileState(path, name, _state(project, pack, path)) for path in sorted(pack.files)]
        if pack.context:
            states.append(FileState(pack.context.file, name, _context_state(project, name, pack, pack.context)))
        covered = {*pack.files, pack.context.file if pack.context else ""}
        states += [FileState(path, name, PENDING) for path in pack.pending if path not in covered]
    return states + _find_foreign(project, lock)


def find_stale(manifest: Manifest, lock: Lock) -> list[str]:
    """The packs for which the lock no longer answers the manifest."""
    names = {*manifest.packs, *lock.packs}
    return sorted(name for name in names if is_stale(manifest, lock.packs.get(name), name))


def is_stale(manifest: Manifest, pack: LockedPack | None, name: str) -> bool:
    """Whether a pack's lock entry is not what the manifest asks for now."""
    entry = manifest.packs.get(name)
    # What is in the lock alone and was never asked for is there because another pack requires it.
    if pack is None or pack.requested != (entry.requested if entry else ""):
        return True
    if given_variables(manifest.variables, pack.variables) != pack.variables:
        return True
    return bool(pack.context and manifest.context and manifest.context != pack.context.mode)


def given_variables(given: Mapping[str, Value], used: Mapping[str, object]) -> dict[str, Value | None]:
    """The project's value for each variable that is used, None where the pack's default serves."""
    return {name: given.get(name) for name in used}


def read_claude_md(project: Project, path: str) -> ClaudeMd | None:
    """The CLAUDE.md at a path, None if nothing is there.

    Raises:
        ClaudepackError: It is UTF-16.
        OSError: It cannot be read.
    """
    try:
        with open(project.locate(path), "rb") as stream:
            return parse_claude_md(stream.read(), path)
    except FileNotFoundError:
        return None


def _state(project: Project, pack: LockedPack, path: str) -> str:
    if path in pack.pending:
        return PENDING
    return _compare(observe(project, path, (pack.files[path],)), pack.files[path])


def _compare(disk: DiskFile | None, base: str) -> str:
    if disk is None:
        return ABSENT
    if not disk.is_file:
        return FOREIGN
    return UNCHANGED if disk.holds(base) else EDITED


def _context_state(project: Project, name: str, pack: LockedPack, context: LockedContext) -> str:
    if context.file in pack.pending:
        return PENDING
    if context.mode == "rules":
        return _compare(observe(project, context.file, (context.sha256,)), context.sha256)
    document = read_claude_md(project, context.file)
    if document is not None and document.fault:
        return PENDING
    blocks = document.blocks.get(name) if document else None
    if document is None or not blocks:
        return ABSENT
    return UNCHANGED if hash_body(document.body(blocks[0])) == context.sha256 else EDITED


def _find_foreign(project: Project, lock: Lock) -> list[FileState]:
    owners: dict[str, str] = {}
    known: set[str] = set()
    for name, pack in lock.packs.items():
        known.update(pack.files)
        for path in pack.files:
            parts = path.removeprefix(project.prefix).split("/")
            if parts[0] in ("prompts", "skills") and len(parts) > 2:  # noqa: PLR2004 - kind, folder, file
                owners.setdefault(f"{project.prefix}{parts[0]}/{parts[1]}", name)
    return [
        FileState(path, owner, FOREIGN)
        for folder, owner in sorted(owners.items())
        for path in walk_files(project, folder)
        if path not in known
    ]
