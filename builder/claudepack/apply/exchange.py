"""Carrying out a journal: each entry once, whoever began it, and nothing of the user's is overwritten.

An entry is known to be done by its slot: before, that holds the new content; afterwards what stood at the
path, or nothing where nothing stood. So the same code finishes a run that was cut short.
"""

import contextlib
import os
from collections.abc import Mapping

from claudepack.apply import primitives
from claudepack.apply.journal import Entry, Journal, locate_area
from claudepack.apply.site import Site
from claudepack.apply.stage import Targets
from claudepack.paths import list_parents


class Exchange:
    """The entries of one journal, being done.

    Args:
        site: The project.
        journal: Its transaction.
        links: Of a run that has just filled the stage, so that each slot holds the new content: the links that it
            writes through, by their paths. None where a run was cut short, and anything may be.
    """

    def __init__(self, site: Site, journal: Journal, links: Mapping[str, str] | None = None) -> None:
        self.site = site
        self.is_fresh = links is not None
        self.journal = journal
        self.targets = Targets(site, links)
        self.areas = tuple(os.path.join(locate_area(site, area), "") for area in journal.areas)
        self.stranded: set[str] = set()
        self.seen: dict[str, primitives.Stamp] = {}
        self.at_once: set[int] = set()  # the areas of which one was exchanged in one step

    def do(self, entry: Entry) -> bool:
        """Do one entry, unless it is done; False where somebody else's bytes stand in its way, and stay.

        Raises:
            OSError: The system refuses.
        """
        target, slot = self.targets.resolve(entry.path), self.slot(entry)
        if entry.post is None:
            return self._delete(entry, target, slot)
        if entry.pre is None:
            return self._create(entry, target, slot)
        return self._replace(entry, target, slot)

    def slot(self, entry: Entry) -> str:
        """Where the stage holds an entry's content."""
        return self.areas[entry.area] + entry.slot

    def settle(self) -> None:
        """Bring to its end what a portable exchange, cut short between its steps, left of three files."""
        for entry in self.journal.entries:
            slot = self.slot(entry)
            if not os.path.lexists(slot):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(slot + primitives.SPARE, slot)

    def make_directories(self) -> None:
        """Make the directories that the entries need, and room where a file comes in the place of one.

        Raises:
            OSError: The system refuses, or a file is in the way.
        """
        files = {entry.path for entry in self.journal.coming if not entry.pre} if self.journal.removed else set()
        for path in self.journal.removed:
            if not files.isdisjoint([path, *list_parents(path)]):
                primitives.remove_directory(self.targets.locate(path))
        for path in self.journal.made:
            primitives.make_directory(self.targets.locate(path))

    def remove_directories(self) -> None:
        """Remove those that are to go, where they are empty."""
        for path in self.journal.removed:
            primitives.remove_directory(self.targets.locate(path))

    def _create(self, entry: Entry, target: str, slot: str) -> bool:
        if not self.is_fresh and not os.path.lexists(slot):
            return True  # done before a crash; an edit since then is an edit
        try:
            primitives.place(slot, target)
        except FileExistsError:
            return primitives.hash_file(target) == entry.post
        return True

    def _replace(self, entry: Entry, target: str, slot: str) -> bool:
        if entry.pre == entry.post:
            return self._replace_mode(entry, target, slot, primitives.hash_file(target))
        if not (self.is_fresh and entry.area in self.at_once):
            held, there = primitives.hash_file(slot), primitives.hash_file(target)
            if held != entry.post:  # done before a crash: what came out has still to be looked at
                return self._verify(slot, target, entry, held, is_live=there == entry.post)
            if there == entry.post:
                return True
            if there != entry.pre:
                return False
        try:
            if primitives.exchange(slot, target):
                self.at_once.add(entry.area)
        except FileNotFoundError:
            return False  # removed since we looked
        return self._verify(slot, target, entry, self._look(entry, slot), is_live=True)

    def _look(self, entry: Entry, slot: str) -> str | None:
        """The hash of what came out, and how to know at the end of the run that nobody has written to it since."""
        held, stamp = primitives.look_at(slot)
        if stamp and held == entry.pre:
            self.seen[slot] = stamp
        return held

    def _replace_mode(self, entry: Entry, target: str, slot: str, there: str | None) -> bool:
        if there != entry.pre:
            return False
        if entry.executable is None or os.access(target, os.X_OK) == entry.executable:
            return True
        primitives.exchange(slot, target)
        held = primitives.hash_file(slot)
        if held == entry.pre:
            return True
        self._swap_back(slot, target, entry.post or "")
        return False

    def _verify(self, slot: str, target: str, entry: Entry, held: str | None, *, is_live: bool) -> bool:
        """Whether what came out is what was to be replaced; else it goes back, and is the newer."""
        if held in (entry.pre, entry.post, None) or entry.post is None:
            return True
        if not is_live:
            return True  # edited again since: the slot's bytes will be rescued
        self._swap_back(slot, target, entry.post)
        return False

    def _delete(self, entry: Entry, target: str, slot: str) -> bool:
        if not os.path.lexists(slot):
            there = primitives.hash_file(target)
            if there is None:
                return True
            if there != entry.pre:
                return False
            try:
                primitives.place(target, slot)
            except FileNotFoundError:
                return True  # somebody else was faster
        if self._look(entry, slot) == entry.pre:
            if not self.is_fresh and primitives.is_same_file(slot, target):
                primitives.remove(target)  # killed between the two steps of a portable rename
            return True
        self._put_back(slot, target)
        return False

    def undo(self) -> None:
        """Take back what was done, the last first; what cannot go back stays in the stage to be rescued.

        Raises:
            OSError: The system refuses that, too: the journal stays, and the next run goes on from there.
        """
        self.settle()
        for entry in reversed(self.journal.coming):
            target, slot = self.targets.resolve(entry.path), self.slot(entry)
            if entry.pre is None:
                self._undo_create(entry, target, slot)
            else:
                self._undo_replace(entry, target, slot)
        for path in reversed(self.journal.made):
            primitives.remove_directory(self.targets.locate(path))
        for entry in reversed(self.journal.going):
            target, slot = self.targets.resolve(entry.path), self.slot(entry)
            if os.path.lexists(slot) and not self._put_back(slot, target):
                self.stranded.add(slot)

    @staticmethod
    def _undo_create(entry: Entry, target: str, slot: str) -> None:
        if primitives.is_same_file(slot, target):
            primitives.remove(target)  # killed between the two steps of a portable rename
        elif not os.path.lexists(slot) and primitives.hash_file(target) == entry.post:
            primitives.place(target, slot)

    def _undo_replace(self, entry: Entry, target: str, slot: str) -> None:
        if not os.path.lexists(slot):
            return
        live = primitives.hash_file(target) == entry.post
        if entry.pre == entry.post:
            modes = [os.access(path, os.X_OK) for path in (target, slot)]
            if live and modes == [entry.executable, not entry.executable]:
                primitives.exchange(slot, target)
        elif primitives.hash_file(slot) != entry.post:
            if live:
                self._swap_back(slot, target, entry.post or "")
            else:
                self.stranded.add(slot)  # edited since: the old text must not be lost for that

    @staticmethod
    def _swap_back(slot: str, target: str, placed: str) -> None:
        """Give a file back its place; what was saved there meanwhile is newer and stays there instead.

        Args:
            slot: Holds the file that came out.
            target: Its place.
            placed: The hash of what was put there.
        """
        while True:
            held = primitives.hash_file(slot)
            primitives.exchange(slot, target)
            if primitives.hash_file(slot) == placed or held is None:
                return
            placed = held

    @staticmethod
    def _put_back(slot: str, target: str) -> bool:
        """Whether it went back; False where newer bytes are there: the slot's will be rescued."""
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            primitives.place(slot, target)
        except FileExistsError:
            return False
        return True
