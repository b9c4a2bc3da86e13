"""What a lock pins, from where it says or from any place that has its bytes; and an index, asked for one pack."""

import json
from pathlib import Path
from typing import NamedTuple

from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.identity import PREFIX
from claudepack.plan.rest import as_locked
from claudepack.project.location import MANIFEST
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import REFS, Entry, Manifest
from claudepack.source.cache import find_kept
from claudepack.source.places import Found, find_locked, find_path, refuse_absent, refuse_bytes
from claudepack.source.requirement import Repository, is_ref
from claudepack.urls import find_git_fault, strip_credentials


class Pins(NamedTuple):
    """The pins of a project's lock, and the indexes that its manifest and the options name."""

    opened: Opened
    manifest: Manifest
    mode: Mode

    def find(self, name: str, locked: LockedPack) -> Found:
        """The pack that the lock names, from its pin or from any place that has its bytes.

        Raises:
            ClaudepackError: No place has it.
            IntegrityError: What is there has other bytes.
        """
        found = self._find_pin(name, locked)
        pack = as_locked(found.pack, locked)
        if (pack.version, pack.digest) != (locked.version, locked.digest):
            raise refuse_bytes(name, locked.version, found.where)
        return found._replace(pack=pack, source=locked.source, notice="")

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

            below, plugin = source.get("subdirectory", ""), source.get("plugin", "")
            repository = Repository(source.get("url", ""), "", below, "rev", plugin)
            entry = self.manifest.packs.get(name)
            if entry and strip_credentials(entry.git) == repository.url:
                repository = read_repository(name, entry)._replace(subdirectory=below, plugin=plugin)
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


def find_git(name: str, entry: Entry, mode: Mode) -> Found:
    """The pack that a repository of the manifest has now.

    Raises:
        ClaudepackError: It cannot be had.
    """
    from claudepack.source.checkout import find_repository

    return find_repository(read_repository(name, entry), offline=mode.offline)[0]


def read_repository(name: str, entry: Entry) -> Repository:
    """The repository that an entry of the manifest names.

    Raises:
        ClaudepackError: git is not to be asked for that.
    """
    kind, ref = entry.ref
    if fault := find_git_fault(entry.git) or ("" if not ref or is_ref(ref) else f"{ref!r} is no {kind}"):
        raise ClaudepackError(
            f"{MANIFEST}: [packs] {name}: git: {fault}", code="manifest", hint='write git = "https://…"'
        )
    return Repository(entry.git, ref, entry.subdirectory, kind, entry.plugin)


def is_pinned(entry: Entry, locked: LockedPack) -> bool:
    """Whether the lock still pins what the manifest names: what is left out, or allowed, changes no commit."""
    source = locked.source
    pinned = (source.get("url"), source.get("subdirectory", ""), source.get("plugin", ""))
    same = pinned == (strip_credentials(entry.git), entry.subdirectory, entry.plugin)
    return source.get("kind") == "git" and same and _read_ref(locked.requested) == entry.ref


def _read_ref(requested: str) -> tuple[str, str]:
    try:
        entry = json.loads(requested)
    except ValueError:
        return ("", "")
    refs = [(key, entry[key]) for key in REFS if key in entry] if isinstance(entry, dict) else []
    return refs[0] if refs else ("", "")
