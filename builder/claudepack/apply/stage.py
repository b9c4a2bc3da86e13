"""The stage: every new content is written and verified before anything of the project is touched.

It is one folder beside the journal, and one more on each other mount that the project reaches: a file is
exchanged by a rename, and that does not leave its mount.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from io import FileIO

from claudepack.apply import primitives
from claudepack.apply.journal import STAGE, Entry, Journal, is_stage, locate_area
from claudepack.apply.operations import Changes, Operation, Write
from claudepack.apply.site import Site, can_rename
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.hashing import CHUNK


def fill_stage(site: Site, changes: Changes, lock: str) -> Journal:
    """Write the contents of all operations into the stage, and bring them to the disk.

    Args:
        site: The project.
        changes: What to do.
        lock: The path of the project's lock, empty where there is none.

    Returns:
        The journal that will commit them.

    Raises:
        IntegrityError: A content does not have the hash that it should have.
        OSError: The system refuses.
    """
    if os.path.lexists(site.stage):  # it was to be emptied, and what is in it would be taken for ours
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), site.stage)
    areas = [""]
    known: dict[str, int] = {}
    entries: list[Entry] = []
    made: dict[str, None] = {}
    targets = Targets(site)
    for number, operation in enumerate(changes.operations):
        folder = os.path.dirname(operation.path)
        if folder not in targets.folders:
            made.update(dict.fromkeys(_list_missing(site, folder)))
        target = targets.resolve(operation.path)
        parent = os.path.dirname(target)
        if parent not in known:
            known[parent] = _choose_area(site, areas, parent)
        entry = _make_entry(operation, str(number), known[parent])
        entries.append(entry)
        if isinstance(operation, Write):
            _write_content(operation, os.path.join(locate_area(site, areas[entry.area]), entry.slot), target)
    for area in areas:
        folder = locate_area(site, area)
        if os.path.isdir(folder) and not site.is_throwaway:
            primitives.sync_file_system(folder)
    entries.sort(key=lambda entry: entry.path == lock)
    return Journal(tuple(entries), tuple(areas), tuple(made), changes.remove_directories, lock)


class Targets:
    """Where the paths of a project really are; each folder is looked at once."""

    def __init__(self, site: Site) -> None:
        self.root = site.root
        self.inside = site.root.rstrip(os.sep) + os.sep
        self.folders: dict[str, str] = {}

    def resolve(self, path: str) -> str:
        """The absolute path of an operation's file; a link in the project is written through.

        Raises:
            ClaudepackError: It leads out of the project, or to what is git's.
        """
        target = self.locate(path)
        if os.path.islink(target):
            target = os.path.realpath(target)
            self._refuse_strange(path, target)
        return target

    def locate(self, path: str) -> str:
        """The same, but a link at its end is what it is.

        Raises:
            ClaudepackError: As `resolve`.
        """
        folder, _, name = path.rpartition("/")
        real = self.folders.get(folder)
        if real is None:
            real = os.path.realpath(os.path.join(self.root, folder))
            self._refuse_strange(path, os.path.join(real, name))
            self.folders[folder] = real
        return os.path.join(real, name)

    def _refuse_strange(self, path: str, target: str) -> None:
        root = self.root.rstrip(os.sep) + os.sep
        parts = target.removeprefix(root).split(os.sep)
        if not target.startswith(root) or ".git" in [part.lower() for part in parts]:
            raise ClaudepackError(
                f"{path} leads to {target}, which is {'git' if target.startswith(root) else 'outside the project'}",
                code="path",
                hint="replace the link by a file",
            )


def empty_stage(site: Site, areas: Sequence[str]) -> None:
    """Remove the stage, and what only it made a directory for."""
    for area in areas:
        folder = locate_area(site, area)
        if os.path.islink(folder):
            primitives.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if area:
            primitives.remove_directory(os.path.dirname(folder))
    primitives.remove(_note(site))


def list_areas(site: Site) -> tuple[str, ...]:
    """The folders of a stage that no journal names yet: a run notes one before it makes it."""
    try:
        with open(_note(site), "rb") as stream:
            return ("", *(area for area in os.fsdecode(stream.read()).split("\n") if is_stage(site, area)))
    except FileNotFoundError:
        return ("",)


def _note(site: Site) -> str:
    return os.path.join(site.state, "areas")


def _make_entry(operation: Operation, slot: str, area: int) -> Entry:
    if isinstance(operation, Write):
        return Entry(operation.path, slot, area, operation.pre, operation.post, operation.executable)
    return Entry(operation.path, slot, area, operation.pre, None)


def _list_missing(site: Site, folder: str) -> list[str]:
    missing: list[str] = []
    while not os.path.lexists(os.path.join(site.root, folder)):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return missing


def _choose_area(site: Site, areas: list[str], folder: str) -> int:
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    for number, area in enumerate(areas):
        stage = locate_area(site, area)
        os.makedirs(stage, exist_ok=True)
        if can_rename(stage, folder):
            return number
    while folder != site.root and can_rename(os.path.dirname(folder), folder):
        folder = os.path.dirname(folder)
    areas.append(os.path.relpath(os.path.join(folder, STAGE), site.root).replace(os.sep, "/"))
    primitives.write_durably(_note(site), os.fsencode("\n".join(areas)), is_throwaway=site.is_throwaway)
    os.makedirs(locate_area(site, areas[-1]), exist_ok=True)
    return len(areas) - 1


def _write_content(operation: Write, slot: str, target: str) -> None:
    digest = hashlib.sha256()
    with operation.open() as source, FileIO(slot, "x") as stream:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            primitives.write_all(stream, chunk)
        fresh = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
        mode = _choose_mode(operation, target, fresh)
        if mode != fresh:
            os.chmod(slot, mode)
    if digest.hexdigest() != operation.post:
        raise IntegrityError(
            f"{operation.path}: what its pack delivers changed while it was read",
            code="integrity",
            hint="run this again once nobody writes to the pack",
        )


def _choose_mode(operation: Write, target: str, fresh: int) -> int:
    """The mode of a new file: the umask's, with the exec bit where it may be read; that of the old one stays."""
    mode = fresh
    if operation.pre is not None:
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(os.stat(target).st_mode) & 0o777
    if operation.executable is None:
        return mode
    return mode | (mode & 0o444) >> 2 if operation.executable else mode & ~0o111
