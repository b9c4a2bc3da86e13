"""Finding the packs of a run: at rest, at the pin of the lock, here, or from an index, with all that they require."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.identity import PREFIX
from claudepack.plan.rest import is_locked
from claudepack.project.location import MANIFEST
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import REFS, Entry, Manifest
from claudepack.project.state import DRIFT, examine, is_stale
from claudepack.source.cache import find_kept
from claudepack.source.places import (
    Found,
    find_here,
    find_locked,
    find_newest,
    find_path,
    refuse_absent,
    refuse_bytes,
    refuse_unknown,
)
from claudepack.source.requirement import Repository, is_ref
from claudepack.urls import find_git_fault, strip_credentials

DEPENDENCY = Entry(requested="")
_PINNED_KINDS = ("path", "archive", "git", "index")


@dataclass
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

    opened: Opened
    manifest: Manifest
    mode: Mode
    found: Mapping[str, Found]
    dropped: frozenset[str] = frozenset()
    fresh: frozenset[str] = frozenset()
    rests: dict[str, LockedPack] = field(default_factory=dict)
    read: dict[str, Found] = field(default_factory=dict)

    def run(self) -> None:
        """Find everything.

        Raises:
            ClaudepackError: Something cannot be had, or does not go together.
        """
        states = examine(self.opened.project, self.opened.lock)
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
        is_fresh = name in self.fresh
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
        if locked and rests and is_locked(here.pack, locked, self.opened.project.prefix):
            self.rests[name] = locked
        else:
            self.read[name] = here
        return True

    def _find(self, name: str, entry: Entry, locked: LockedPack | None) -> Found | None:
        root = Path(self.opened.project.root)
        if self.mode.frozen and locked:
            return self.find_locked(name, locked)
        if entry.git:
            is_pinned = locked and name not in self.fresh and _is_pinned(entry, locked)
            return self.find_locked(name, locked) if locked and is_pinned else _find_git(name, entry, self.mode)
        if entry.path:
            return find_path(entry.path, root)
        if locked and self._answers(entry, locked):
            return self.find_locked(name, locked)
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

    def find_locked(self, name: str, locked: LockedPack) -> Found:
        """The pack that the lock names, from its pin or from any place that has its bytes.

        Raises:
            ClaudepackError: No place has it.
            IntegrityError: What is there has other bytes.
        """
        found = self._find_pin(name, locked)
        if (found.pack.version, found.pack.digest) != (locked.version, locked.digest):
            raise refuse_bytes(name, locked.version, found.where)
        return replace(found, source=locked.source, notice="")

    def _find_pin(self, name: str, locked: LockedPack) -> Found:
        root, source = Path(self.opened.project.root), locked.source
        kind = source.get("kind", "")
        if kind == "path":
            return find_path(source.get("path", ""), root)
        if (kept := find_kept(name, locked.digest)) and kept.version == locked.version:
            return Found(kept, source, "the cache")
        if kind == "archive":
            return find_path(source.get("path", ""), root)
        if kind == "git":
            from claudepack.source.checkout import find_locked_commit

            repository = Repository(source.get("url", ""), "", source.get("subdirectory", ""), "rev")
            entry = self.manifest.packs.get(name)
            if entry and strip_credentials(entry.git) == repository.url:
                repository = _read_repository(name, entry)
            return find_locked_commit(
                repository, source.get("commit", ""), offline=self.mode.offline, frozen=self.mode.frozen
            )
        if kind == "index":
            return self._find_in_index(name, locked)
        here = find_locked(name, locked.version, locked.digest, root)
        return here or self._find_elsewhere(name, locked)

    def _find_in_index(self, name: str, locked: LockedPack) -> Found:
        from claudepack.commands.indexes import find_shown
        from claudepack.source.registry import find_pinned

        index = find_shown(self.opened, self.manifest, self.mode, locked.source.get("index", ""))
        return find_pinned(name, locked.version, locked.source, index, offline=self.mode.offline)

    def _find_elsewhere(self, name: str, locked: LockedPack) -> Found:
        """What was installed from an environment elsewhere may be on the index: its bytes decide."""
        try:
            return self.ask_index(name, f"=={locked.version}")
        except ClaudepackError as error:
            if error.exit_code != ClaudepackError.exit_code:
                raise
            root = Path(self.opened.project.root)
            raise refuse_absent(name, locked.version, root, error.message) from error

    def find_one(self, name: str, specifier: str) -> Found:
        """One pack by its name, whatever else there is: as the project has it, or would get it.

        Raises:
            ClaudepackError: It is not to be had.
        """
        locked, entry = self.opened.lock.packs.get(name), self.manifest.packs.get(name)
        if self.mode.index_url or self.mode.find_links:
            return self.ask_index(name, specifier)
        if not specifier and (locked or entry):
            found = self._find(name, entry or DEPENDENCY, locked)
        else:
            found = find_here(name, specifier, Path(self.opened.project.root))
        if found:
            return found
        try:
            return self.ask_index(name, specifier)
        except ClaudepackError as error:
            if entry and entry.index_name:
                raise
            raise refuse_unknown(name, specifier, Path(self.opened.project.root), error) from error

    def ask_index(self, name: str, specifier: str) -> Found:
        """The best version that the index of a pack has, without what that requires.

        Raises:
            ClaudepackError: There is none.
        """
        from claudepack.commands.indexes import open_registry
        from claudepack.source.resolution import Ask

        registry = open_registry(self.opened, self.manifest, self.mode)
        registry.choose({PREFIX + name: Ask(specifier, ())})
        return registry.fetch([PREFIX + name])[name]

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
            self.read[name] = self.find_locked(name, locked)
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


def _find_git(name: str, entry: Entry, mode: Mode) -> Found:
    from claudepack.source.checkout import find_repository

    return find_repository(_read_repository(name, entry), offline=mode.offline)[0]


def _read_repository(name: str, entry: Entry) -> Repository:
    kind, ref = entry.ref
    if fault := find_git_fault(entry.git) or ("" if not ref or is_ref(ref) else f"{ref!r} is no {kind}"):
        raise ClaudepackError(
            f"{MANIFEST}: [packs] {name}: git: {fault}", code="manifest", hint='write git = "https://…"'
        )
    return Repository(entry.git, ref, entry.subdirectory, kind)


def _is_pinned(entry: Entry, locked: LockedPack) -> bool:
    """Whether the lock still pins what the manifest names: what is left out, or allowed, changes no commit."""
    source = locked.source
    same = (source.get("url"), source.get("subdirectory", "")) == (strip_credentials(entry.git), entry.subdirectory)
    return source.get("kind") == "git" and same and _read_ref(locked.requested) == entry.ref


def _read_ref(requested: str) -> tuple[str, str]:
    try:
        entry = json.loads(requested)
    except ValueError:
        return ("", "")
    refs = [(key, entry[key]) for key in REFS if key in entry] if isinstance(entry, dict) else []
    return refs[0] if refs else ("", "")
