"""The stage: every new content is written and verified before anything of the project is touched.

It is one folder beside the journal, and one more on each other mount that the project reaches: a file is
exchanged by a rename, and that does not leave its mount.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from claudepack.apply import primitives
from claudepack.apply.journal import STAGE, Entry, Journal, is_stage, locate_area
from claudepack.apply.operations import Changes, Operation, Write
from claudepack.apply.site import Site, can_rename
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.hashing import CHUNK, read_plain
from claudepack.tasks import Task

_HAS_JUNCTIONS = os.name == "nt"  # which lead away as links do, and are none to `islink`
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # Windows has texts, too


class Staged(NamedTuple):
    """The journal that commits what is staged, and where the links lead that are written through, by their paths."""

    journal: Journal
    links: Mapping[str, str]


def fill_stage(site: Site, changes: Changes, lock: str) -> Staged:
    """Write the contents of all operations into the stage, and bring them to the disk.

    Args:
        site: The project.
        changes: What to do.
        lock: The path of the project's lock, empty where there is none.

    Raises:
        IntegrityError: A content does not have the hash that it should have.
        OSError: The system refuses.
    """
    if os.path.lexists(site.stage):  # it was to be emptied, and what is in it would be taken for ours
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), site.stage)
    stage = _Stage(site)
    entries: list[Entry] = []
    with Task("writing files", len(changes.operations)) as task:
        for number, operation in enumerate(changes.operations):
            task.done = number
            entries.append(stage.take(operation, str(number)))
    with Task("bringing them to the disk"):
        for area in stage.areas:
            folder = locate_area(site, area)
            if os.path.isdir(folder) and not site.is_throwaway:
                primitives.sync_file_system(folder)
    entries.sort(key=lambda entry: entry.path == lock)
    journal = Journal(tuple(entries), tuple(stage.areas), tuple(stage.made), changes.remove_directories, lock)
    return Staged(journal, stage.links)


class _Stage:
    """A stage as it is filled: its areas, the directories that are missing, and the links that are written through."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.targets = Targets(site)
        self.areas = [""]
        self.made: dict[str, None] = {}
        self.links: dict[str, str] = {}
        self._known: dict[str, tuple[int, str]] = {}
        self._fresh: dict[int, int] = {}

    def take(self, operation: Operation, slot: str) -> Entry:
        """Stage one operation."""
        path = operation.path
        folder = path.rpartition("/")[0]
        if folder not in self.targets.folders:
            self.made.update(dict.fromkeys(self._list_missing(folder)))
        target = self.targets.locate(path)
        status = None if operation.pre is None else _look(target)  # where nothing is, nothing is to be looked at
        if status and stat.S_ISLNK(status.st_mode):
            target = self.links[path] = self.targets.follow(path, target)
            status = _look(target)
        area, prefix = self._choose(os.path.dirname(target) if path in self.links else self.targets.folders[folder])
        if not isinstance(operation, Write):
            return Entry(path, slot, area, operation.pre, None)
        try:
            self._write(operation, prefix + slot, area, status)
        except OSError as error:
            if error.filename is None:  # of an open file the system says no name
                error.filename = os.path.join(self.site.root, path)
            raise
        return Entry(path, slot, area, operation.pre, operation.post, operation.executable)

    def _list_missing(self, folder: str) -> list[str]:
        """The directories that have to be made for one to be there, the uppermost first."""
        missing: list[str] = []
        while folder not in self.made and not os.path.isdir(os.path.join(self.site.root, folder)):
            missing.insert(0, folder)
            folder = os.path.dirname(folder)
        return missing

    def _choose(self, parent: str) -> tuple[int, str]:
        """The area of a directory's files, and its path with what separates it from theirs."""
        known = self._known.get(parent)
        if known is None and not os.path.isdir(parent):
            known = self._choose(os.path.dirname(parent))
        elif known is None:
            area = _choose_area(self.site, self.areas, parent)
            known = area, os.path.join(locate_area(self.site, self.areas[area]), "")
        self._known[parent] = known
        return known

    def _write(self, operation: Write, slot: str, area: int, replaced: os.stat_result | None) -> None:
        digest = hashlib.sha256()
        number = os.open(slot, _FRESH, 0o666)
        try:
            with operation.open() as source:
                while chunk := source.read(CHUNK):
                    digest.update(chunk)
                    primitives.write_all(number, chunk)
            if area not in self._fresh:  # of all files of a folder that are made alike
                self._fresh[area] = stat.S_IMODE(os.fstat(number).st_mode)
        finally:
            os.close(number)
        mode = _choose_mode(operation, replaced, self._fresh[area])
        if mode != self._fresh[area]:
            os.chmod(slot, mode)
        if digest.hexdigest() != operation.post:
            raise IntegrityError(
                f"{operation.path}: what its pack delivers changed while it was read",
                code="integrity",
                hint="run this again once nobody writes to the pack",
            )


class Targets:
    """Where the paths of a project really are; each folder is looked at once.

    Args:
        site: The project.
        links: The links that are written through, where that is known already.
    """

    def __init__(self, site: Site, links: Mapping[str, str] | None = None) -> None:
        self.root = site.root
        self.links = links
        self.folders: dict[str, str] = {}
        self._above: dict[str, str] = {}

    def resolve(self, path: str) -> str:
        """The absolute path of an operation's file; a link in the project is written through.

        Raises:
            ClaudepackError: It leads out of the project, or to what is git's.
        """
        target = self.locate(path)
        if self.links is not None:
            return self.links.get(path, target)
        return self.follow(path, target) if os.path.islink(target) else target

    def follow(self, path: str, target: str) -> str:
        """Where a link leads.

        Raises:
            ClaudepackError: As `resolve`.
        """
        real = os.path.realpath(target)
        self._refuse_strange(path, real)
        return real

    def locate(self, path: str) -> str:
        """The same, but a link at its end is what it is.

        Raises:
            ClaudepackError: As `resolve`.
        """
        folder, _, name = path.rpartition("/")
        real = self.folders.get(folder)
        if real is None:
            real = self._locate_folder(folder)
            self._refuse_strange(path, os.path.join(real, name))
            self.folders[folder] = real
        return f"{real}{os.sep}{name}"

    def _locate_folder(self, folder: str) -> str:
        """As `os.path.realpath`, which would look at every folder above it again."""
        if not folder:
            return os.path.realpath(self.root)
        above, _, name = folder.rpartition("/")
        if above not in self._above:
            self._above[above] = self._locate_folder(above)
        target = os.path.join(self._above[above], name)
        return os.path.realpath(target) if _HAS_JUNCTIONS or os.path.islink(target) else target

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
        primitives.remove_tree(folder)
        if area:
            primitives.remove_directory(os.path.dirname(folder))
    primitives.remove(_note(site))


def list_areas(site: Site) -> tuple[str, ...]:
    """The folders of a stage that no journal names yet: a run notes one before it makes it."""
    try:
        areas = os.fsdecode(read_plain(_note(site), _note(site))).split("\n")
    except FileNotFoundError:
        return ("",)
    return ("", *(area for area in areas if is_stage(site, area)))


def _note(site: Site) -> str:
    return os.path.join(site.state, "areas")


def _choose_area(site: Site, areas: list[str], folder: str) -> int:
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


def _look(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _choose_mode(operation: Write, replaced: os.stat_result | None, fresh: int) -> int:
    """The mode of a new file: the umask's, with the exec bit where it may be read; that of the old one stays."""
    mode = stat.S_IMODE(replaced.st_mode) & 0o777 if replaced else fresh
    if operation.executable is None:
        return mode
    return mode | (mode & 0o444) >> 2 if operation.executable else mode & ~0o111
