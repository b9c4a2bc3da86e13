"""How what is on the disk stands to the lock and the manifest: edits, drift, or all at rest."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from claudepack.hashing import read_plain
from claudepack.project.claude_md import ClaudeMd, hash_body, parse_claude_md
from claudepack.project.disk import DiskFile, observe, walk_files
from claudepack.project.fragments import holds, load_json
from claudepack.project.location import Project
from claudepack.project.lock import Lock, LockedContext, LockedPack, own_file
from claudepack.project.manifest import Manifest, Value
from claudepack.tasks import Task

if TYPE_CHECKING:
    from claudepack.project.json_text import JSON

UNCHANGED, EDITED, ABSENT, PENDING, FOREIGN = "unchanged", "edited", "absent", "pending", "foreign"
DRIFT = (ABSENT, PENDING, FOREIGN)


class FileState(NamedTuple):
    """One file of a pack, or one that lies where only a pack's should: its path in the project and its state."""

    path: str
    pack: str
    state: str


class Seen:
    """What a run has seen of its project, so that it looks once.

    Attributes:
        files: By path, what was at the paths of the lock.
        states: The state of every file; None while nobody has asked.
    """

    def __init__(self) -> None:
        self.files: dict[str, DiskFile | None] = {}
        self.states: list[FileState] | None = None


def examine(project: Project, lock: Lock, seen: Seen | None = None) -> list[FileState]:
    """The state of every file in the lock, and of foreign ones in the folders that packs deliver whole.

    Args:
        project: The project.
        lock: Its lock.
        seen: What was seen before of the project with this lock; what is seen now is added.
    """
    seen = seen or Seen()
    if seen.states is None:
        with Task("looking at the project"):
            seen.states = _examine(project, lock, seen.files)
    return seen.states


def _examine(project: Project, lock: Lock, seen: dict[str, DiskFile | None]) -> list[FileState]:
    states: list[FileState] = []
    documents: dict[str, JSON] = {}
    for name, pack in lock.packs.items():
        states += [FileState(path, name, _state(project, pack, path, seen)) for path in sorted(pack.files)]
        states += _examine_context(project, name, pack)
        states += [_examine_fragment(project, name, pack, path, documents) for path in sorted(pack.fragments)]
        covered = {*pack.files, *(state.path for state in states if state.pack == name)}
        states += [FileState(path, name, PENDING) for path in pack.pending if path not in covered]
    return states + _find_foreign(project, lock)


def _examine_fragment(
    project: Project, name: str, pack: LockedPack, path: str, documents: "dict[str, JSON]"
) -> FileState:
    """How what a pack has in a JSON file stands to the lock.

    Raises:
        ClaudepackError: It is no file, or no strict JSON, which the client would drop.
    """
    if path in pack.pending:
        return FileState(path, name, PENDING)
    if path not in documents:
        try:
            data = read_plain(project.locate(path), path)
        except FileNotFoundError:
            return FileState(path, name, ABSENT)
        documents[path] = load_json(data, path)
    held = all(holds(documents[path], entry) for entry in pack.fragments[path].entries)
    return FileState(path, name, UNCHANGED if held else EDITED)


def find_stale(manifest: Manifest, lock: Lock) -> list[str]:
    """The packs for which the lock no longer answers the manifest."""
    names = {*manifest.packs, *lock.packs}
    return sorted(name for name in names if is_stale(manifest, lock.packs.get(name), name))


def is_stale(manifest: Manifest, pack: LockedPack | None, name: str) -> bool:
    """Whether a pack's lock entry is not what the manifest asks for now."""
    entry = manifest.packs.get(name)
    if entry is None and pack and pack.ahead:
        return False  # the lock knows that it is to go
    # What is in the lock alone and was never asked for is there because another pack requires it.
    if pack is None or pack.requested != (entry.requested if entry else ""):
        return True
    if given_variables(manifest.variables, pack.variables) != pack.variables:
        return True
    if pack.context and manifest.context and manifest.context != pack.context.mode:
        return True
    is_local = any(path.endswith(".local.json") for path in pack.fragments)
    is_shared = any(path.endswith("settings.json") for path in pack.fragments)
    return (is_local and manifest.settings != "local") or (is_shared and manifest.settings == "local")


def given_variables(given: Mapping[str, Value], used: Mapping[str, object]) -> dict[str, Value | None]:
    """The project's value for each variable that is used, None where the pack's default serves."""
    return {name: given.get(name) for name in used}


def read_claude_md(project: Project, path: str) -> ClaudeMd | None:
    """The CLAUDE.md at a path, None if nothing is there.

    Raises:
        ClaudepackError: It is UTF-16, or no file.
        OSError: It cannot be read.
    """
    try:
        return parse_claude_md(read_plain(project.locate(path), path), path)
    except FileNotFoundError:
        return None


def _state(project: Project, pack: LockedPack, path: str, seen: dict[str, DiskFile | None]) -> str:
    if path in pack.pending:
        return PENDING
    if path not in seen:
        seen[path] = observe(project, path, (pack.files[path],))
    return _compare(seen[path], pack.files[path])


def _compare(disk: DiskFile | None, base: str) -> str:
    if disk is None:
        return ABSENT
    if not disk.is_file:
        return FOREIGN
    return UNCHANGED if disk.holds(base) else EDITED


def _examine_context(project: Project, name: str, pack: LockedPack) -> list[FileState]:
    """The state of a pack's context: of its text, and of the block that imports it where that is not at rest."""
    context = pack.context
    if context is None:
        return []
    own = own_file(name, context.mode, context.file, project.prefix)
    states = [FileState(own, name, _state_of_own(project, pack, own, context.sha256))] if own else []
    if own != context.file:
        state = _state_of_block(project, name, pack, context)
        states += [] if own and state in (UNCHANGED, EDITED) else [FileState(context.file, name, state)]
    return states


def _state_of_own(project: Project, pack: LockedPack, path: str, base: str) -> str:
    return PENDING if path in pack.pending else _compare(observe(project, path, (base,)), base)


def _state_of_block(project: Project, name: str, pack: LockedPack, context: LockedContext) -> str:
    if context.file in pack.pending:
        return PENDING
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
