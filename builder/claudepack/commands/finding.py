"""Finding the packs of a run: at rest, at the pin of the lock, here, or from an index, with all that they require."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from claudepack.commands.options import Mode, Opened
from claudepack.commands.pins import Pins, find_git, is_pinned
from claudepack.pack.identity import PREFIX
from claudepack.plan.rest import as_locked, is_locked
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import Entry, Manifest
from claudepack.project.state import DRIFT, examine, is_stale
from claudepack.source.places import Found, find_here, find_newest, find_path, refuse_unknown
from claudepack.urls import strip_credentials

DEPENDENCY = Entry(requested="")


class Search:
    """The packs of a run as they are found.

    Attributes:
        opened: The project.
        manifest: What it is to have.
        mode: How.
        found: Packs that were read before.
        dropped: Packs that are in the lock only, and are to go.
        fresh: Packs of which the newest is wanted, whatever the lock says.
        rests: The packs that are as the lock says, unread.
        read: The packs that had to be read.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what is there, what is wanted, and what is known of it
        self,
        opened: Opened,
        manifest: Manifest,
        mode: Mode,
        found: Mapping[str, Found],
        dropped: frozenset[str] = frozenset(),
        fresh: frozenset[str] = frozenset(),
    ) -> None:
        self.opened, self.manifest, self.mode = opened, manifest, mode
        self.found, self.dropped, self.fresh = found, dropped, fresh
        self.rests: dict[str, LockedPack] = {}
        self.read: dict[str, Found] = {}

    def run(self) -> None:
        """Find everything.

        Raises:
            ClaudepackError: Something cannot be had, or does not go together.
        """
        states = examine(self.opened.project, self.opened.lock, self.opened.seen)
        drifting = {state.pack for state in states if state.state in DRIFT}
        unsettled = [name for name, entry in self.manifest.packs.items() if not self._settle(name, entry, drifting)]
        loose = {
            name: locked
            for name, locked in self.opened.lock.packs.items()
            if name not in self.manifest.packs and name not in self.dropped
        }
        if unsettled or loose or any(self._list_requires().values()):
            self._resolve(unsettled, loose, drifting)

    def _settle(self, name: str, entry: Entry, drifting: set[str]) -> bool:
        """Find a pack of the manifest without an index; False where that cannot be."""
        locked = self.opened.lock.packs.get(name)
        is_answered = locked and not is_stale(self.manifest, locked, name) and not locked.ahead
        rests = is_answered and name not in drifting
        is_fresh = name in self.fresh and not (self.mode.offline and self._is_indexed(entry, locked))
        if is_fresh and not (entry.path or entry.git):
            if self._is_indexed(entry, locked):
                return False
            if newer := self._find_newer(name, entry, locked):
                self.read[name] = newer
                return True
            is_fresh = False
        if locked and rests and not entry.path and name not in self.found and not is_fresh:
            self.rests[name] = locked
            return True
        here = self.found.get(name) or self._find(name, entry, locked)
        if here is None:
            return False
        if locked:
            here = here._replace(pack=as_locked(here.pack, locked))
        if locked and rests and is_locked(here.pack, locked, self.opened.project.prefix):
            self.rests[name] = locked
        else:
            self.read[name] = here
        return True

    @property
    def pins(self) -> Pins:
        """What the lock pins."""
        return Pins(self.opened, self.manifest, self.mode)

    def _find(self, name: str, entry: Entry, locked: LockedPack | None) -> Found | None:
        root = Path(self.opened.project.root)
        if self.mode.frozen and locked:
            return self.pins.find(name, locked)
        if entry.git:
            holds = locked and is_pinned(entry, locked) and (name not in self.fresh or self.mode.offline)
            return self.pins.find(name, locked) if locked and holds else find_git(name, entry, self.mode)
        if entry.path:
            return find_path(entry.path, root)
        if locked and self._answers(entry, locked):
            return self.pins.find(name, locked)
        return None if entry.index_name else find_here(name, entry.version, root)

    def _is_indexed(self, entry: Entry, locked: LockedPack | None) -> bool:
        """Whether an index is to be asked for the newest.

        Not for what came from an environment or with claudepack: on an index a stranger may have its name.
        """
        return bool(entry.index_name or (locked and locked.source.get("kind") == "index"))

    def _find_newer(self, name: str, entry: Entry, locked: LockedPack | None) -> Found | None:
        """The newest that is here, if the lock has none that is as new."""
        from packaging.version import Version

        found = find_newest(name, entry.version, Path(self.opened.project.root))
        if found and locked and self._answers(entry, locked) and Version(found.pack.version) <= Version(locked.version):
            return None
        return found

    def _answers(self, entry: Entry, locked: LockedPack) -> bool:
        """Whether the version of the lock is still what an entry by name wants."""
        from packaging.specifiers import SpecifierSet

        kind = locked.source.get("kind")
        if kind in ("path", "archive", "git"):
            return False
        if entry.index_name:
            own = strip_credentials(self.manifest.indexes[entry.index_name])
            if kind != "index" or locked.source.get("index") != own:
                return False
        return SpecifierSet(entry.version).contains(locked.version, prereleases=True)

    def _resolve(self, unsettled: list[str], loose: Mapping[str, LockedPack], drifting: set[str]) -> None:
        from packaging.specifiers import SpecifierSet

        from claudepack.commands.indexes import open_registry
        from claudepack.pack.requires import Need
        from claudepack.source.resolution import NoMatchError, Version, resolve

        loose = {name: locked for name, locked in loose.items() if name not in self.found}
        self._take_required(set(unsettled) | set(loose))
        wanted = {name: self.manifest.packs[name].version for name in unsettled}
        roots = [Need("", PREFIX + name, SpecifierSet(text), f"{name} {text}") for name, text in wanted.items()]
        fixed = {
            PREFIX + name: Version(self._find_version(name), requires)
            for name, requires in self._list_requires().items()
        }
        before = {
            PREFIX + name: Version(locked.version, locked.requires)
            for name, locked in loose.items()
            if name not in self.fresh
        }
        registry = open_registry(self.opened, self.manifest, self.mode)
        try:
            chosen = resolve(roots, fixed, registry.choose, before)
        except NoMatchError as error:
            name = error.distribution.removeprefix(PREFIX)
            entry = self.manifest.packs.get(name, DEPENDENCY)
            if entry.index_name:
                raise
            raise refuse_unknown(name, entry.version, Path(self.opened.project.root), error) from error
        self.read |= registry.fetch(name for name, version in chosen.items() if before.get(name) != version)
        for name, locked in loose.items():
            is_needed = PREFIX + name in chosen
            if name not in self.read and (is_needed or not locked.requested):
                self._keep_loose(name, locked, drifting)

    def _keep_loose(self, name: str, locked: LockedPack, drifting: set[str]) -> None:
        if name in drifting or locked.ahead:
            self.read[name] = self.pins.find(name, locked)
        else:
            self.rests[name] = locked._replace(requested="")

    def _take_required(self, known: set[str]) -> None:
        """What packs from here require may be here too."""
        from claudepack.pack.requires import read_needs

        root = Path(self.opened.project.root)
        queue = list(self.read)
        while queue:
            found = self.read[queue.pop()]
            is_indexed = found.source.get("kind") == "index"
            for need in read_needs(f"{found.pack.name} {found.pack.version}", found.pack.identity.requires):
                name = need.distribution.removeprefix(PREFIX)
                if name in known or name in self.read or name in self.rests:
                    continue
                here = self.found.get(name) or (None if is_indexed else find_here(name, str(need.specifier), root))
                if here:
                    self.read[name] = here
                    queue.append(name)

    def _list_requires(self) -> dict[str, tuple[str, ...]]:
        rests = {name: locked.requires for name, locked in self.rests.items()}
        return rests | {name: found.pack.identity.requires for name, found in self.read.items()}

    def _find_version(self, name: str) -> str:
        return self.read[name].pack.version if name in self.read else self.rests[name].version


def find_updates(opened: Opened, names: Iterable[str], mode: Mode) -> Mapping[str, Found]:
    """The newest packs that the manifest allows, of those that are not at rest with it; with all that they require.

    Raises:
        ClaudepackError: One cannot be had, or they do not go together.
    """
    wanted = frozenset(names) or frozenset([*opened.manifest.packs, *opened.lock.packs])
    search = Search(opened, opened.manifest, mode, {}, fresh=wanted)
    search.run()
    packs, prefix = opened.lock.packs, opened.project.prefix
    return {
        name: found
        for name, found in search.read.items()
        if name not in packs or not is_locked(found.pack, packs[name], prefix)
    }
