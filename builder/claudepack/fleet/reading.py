"""One checkout, read: how its packs stand to its lock, and what is in it besides. Nothing is asked elsewhere."""

from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

from claudepack.commands.finding import DEPENDENCY
from claudepack.commands.newer import list_needs
from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.fleet.offers import Place, find_place
from claudepack.fleet.spec import advise
from claudepack.fleet.unmanaged import Unmanaged, find_unmanaged_entries, find_unmanaged_files, list_json_files
from claudepack.pack.requires import Need
from claudepack.project.location import LOCK, MANIFEST, Project
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.lock import Lock, parse_lock, read_lock
from claudepack.project.manifest import EMPTY, read_manifest
from claudepack.project.state import ABSENT, EDITED, FOREIGN, PENDING, FileState, Seen, examine, find_stale

Given = ParamSpec("Given")
Value = TypeVar("Value")


class Fault(NamedTuple):
    """Something that could not be read, as an error has it; empty where the whole repository is meant."""

    path: str
    code: str
    message: str
    hint: str


class PackReading(NamedTuple):
    """A pack as a checkout has it.

    Attributes:
        name: The pack.
        version: As the lock has it; empty where the manifest wants it and the lock does not know it.
        specifier: The versions that the manifest allows.
        edits: The files that somebody edited.
        pending: The files with an open conflict.
        drift: The files that are absent, or foreign.
        is_stale: Whether the lock does not answer the manifest, or is ahead of what is installed.
        needs: What other packs of the checkout require of it.
        place: Where newer versions of it are to be had; None where its bytes are pinned, or lie in the repository.
        ref: The tag that the manifest names, of a pack from git.
        pin: The commit that is locked, of a pack from git.
    """

    name: str
    version: str
    specifier: str = ""
    edits: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    is_stale: bool = False
    needs: tuple[Need, ...] = ()
    place: Place | None = None
    ref: str = ""
    pin: str = ""


class Reading(NamedTuple):
    """A checkout.

    Attributes:
        packs: In the order of the lock, then those that only the manifest knows.
        unmanaged: What is in no lock; nothing where the lock cannot be read, since nobody can tell then.
        faults: What could not be read.
        is_bare: Whether the packs' files are not committed, but brought by `sync`: none of them is there.
    """

    packs: tuple[PackReading, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    faults: tuple[Fault, ...] = ()
    is_bare: bool = False


class _Attempts:
    """Reads what may be broken; a class because it gathers what went wrong."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, path: str, read: Callable[Given, Value], *given: Given.args, **named: Given.kwargs) -> Value | None:
        """What a function reads; None where it cannot."""
        try:
            return read(*given, **named)
        except ClaudepackError as error:
            fault = Fault(path, error.code, error.message, advise(error))
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) and path else error  # a path is in a clone that goes
            fault = Fault(path, "os", f"{path or 'a file'}: {why}", "check that it can be read")
        if fault.message not in {known.message for known in self.faults}:
            self.faults.append(fault)
        return None


def read_checkout(project: Project, mode: Mode) -> Reading:
    """Read a checkout; whatever cannot be read is among its faults."""
    attempts = _Attempts()
    manifest = attempts.read(MANIFEST, read_manifest, project)
    is_manifest_broken = bool(attempts.faults)
    data = attempts.read(LOCK, read_lock, project)
    lock = EMPTY_LOCK if data is None else attempts.read(LOCK, parse_lock, data, project.prefix)
    if lock is None or len(attempts.faults) > is_manifest_broken:
        return Reading(faults=tuple(attempts.faults))
    opened = Opened(project, manifest or EMPTY, lock, manifest is not None, data, Seen())
    states = attempts.read("", examine, project, opened.lock)
    if states is None:  # the plain files can be told all the same
        states = attempts.read("", examine, project, _strip(opened.lock)) or []
    stale = [] if is_manifest_broken else find_stale(opened.manifest, opened.lock)
    is_bare = _is_bare(project, states)
    if is_bare:
        states = [state for state in states if state.state != ABSENT or not state.path.startswith(project.prefix)]
    packs = [
        _read_pack(attempts, opened, mode, name, [state for state in states if state.pack == name])._replace(
            is_stale=name in stale or (name in opened.lock.packs and opened.lock.packs[name].ahead)
        )
        for name in dict.fromkeys([*opened.lock.packs, *stale])
    ]
    found = attempts.read(project.prefix, find_unmanaged_files, project, opened.lock) or []
    for path in list_json_files(project):
        found += attempts.read(path, find_unmanaged_entries, project, opened.lock, path) or []
    return Reading(tuple(packs), tuple(found), tuple(attempts.faults), is_bare)


def _strip(lock: Lock) -> Lock:
    """A lock of nothing but plain files."""
    packs = {name: pack._replace(context=None, fragments={}) for name, pack in lock.packs.items()}
    return lock._replace(packs=packs)


def _is_bare(project: Project, states: list[FileState]) -> bool:
    files = [state.state for state in states if state.path.startswith(project.prefix)]
    return bool(files) and set(files) == {ABSENT}


def _read_pack(attempts: _Attempts, opened: Opened, mode: Mode, name: str, states: list[FileState]) -> PackReading:
    specifier = opened.manifest.packs.get(name, DEPENDENCY).version
    locked = opened.lock.packs.get(name)
    if locked is None:
        return PackReading(name, "", specifier)
    return PackReading(
        name,
        locked.version,
        specifier,
        edits=_list_paths(states, EDITED),
        pending=_list_paths(states, PENDING),
        drift=_list_paths(states, ABSENT, FOREIGN),
        needs=tuple(attempts.read(LOCK, list_needs, opened, name) or ()),
        place=attempts.read(LOCK, find_place, opened, mode, name),
        ref=opened.manifest.packs.get(name, DEPENDENCY).ref[1],
        pin=locked.source.get("commit", ""),
    )


def _list_paths(states: list[FileState], *wanted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(state.path for state in states if state.state in wanted))
