"""The packs of a run: found, checked, and turned into what they deliver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.check import refuse_broken
from claudepack.pack.components import Component, find_components
from claudepack.pack.consent import find_needed
from claudepack.pack.tree import FRAGMENTS, Pack
from claudepack.paths import nearest
from claudepack.plan.rest import is_locked
from claudepack.plan.wanted import Wanted, is_excluded, want_locked, want_pack
from claudepack.project.location import MANIFEST
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import Entry, Manifest
from claudepack.project.state import DRIFT, examine, is_stale
from claudepack.source.places import Found, find_locked, find_named, find_newest, find_path


@dataclass(frozen=True)
class Gathered:
    """The packs of a run: what each delivers, and those that had to be read for it.

    Attributes:
        wanted: By name, in the order of the manifest.
        read: Those that had to be read.
        agents: Of those, the path in the project of each agent name.
    """

    wanted: Mapping[str, Wanted]
    read: Mapping[str, Found]
    agents: Mapping[str, Mapping[str, str]]


def gather_packs(opened: Opened, manifest: Manifest, found: Mapping[str, Found]) -> Gathered:
    """Find what each pack of a manifest delivers; one that is at rest is taken from the lock, unread.

    Raises:
        ClaudepackError: A pack cannot be found, is broken, or needs consent that was not given.
    """
    drifting = {state.pack for state in examine(opened.project, opened.lock) if state.state in DRIFT}
    wanted: dict[str, Wanted] = {}
    read: dict[str, Found] = {}
    agents: dict[str, Mapping[str, str]] = {}
    for name, entry in manifest.packs.items():
        locked = opened.lock.packs.get(name)
        stale = is_stale(manifest, locked, name)
        rests = locked and not stale and name not in drifting
        if locked and rests and not entry.path and name not in found:
            wanted[name] = want_locked(locked)
            continue
        here = found.get(name) or _find(opened, name, entry, locked)
        if locked and rests and is_locked(here.pack, locked, opened.project.prefix):
            wanted[name] = want_locked(locked)
            continue
        read[name] = here
        components = _check(opened, name, here.pack, entry)
        agents[name] = {item.name: opened.project.prefix + item.path for item in components if item.kind == "agent"}
        wanted[name] = _want(opened, here, entry, manifest)
    return Gathered(wanted, read, agents)


def _find(opened: Opened, name: str, entry: Entry, locked: LockedPack | None) -> Found:
    root = Path(opened.project.root)
    if entry.git:
        raise ClaudepackError(
            f"{MANIFEST}: {name} comes from git, which this version cannot fetch",
            code="source",
            hint='clone it, and write path = "…"',
        )
    if entry.path:
        return find_path(entry.path, root)
    if locked and locked.source.get("kind") not in ("path", "archive") and _allows(entry, locked.version):
        return find_locked(name, locked.version, locked.digest, root)
    return find_named(name, entry.version, root)


def find_update(opened: Opened, name: str, entry: Entry) -> Found | None:
    """The newest pack that a manifest entry allows; None where the one in the lock is as new.

    Raises:
        ClaudepackError: No place has one that it allows, nor has the lock; or it cannot be read.
    """
    from packaging.version import Version

    locked = opened.lock.packs.get(name)
    if entry.path or entry.git:
        return _find(opened, name, entry, locked)
    root = Path(opened.project.root)
    if locked is None or not _allows(entry, locked.version):
        return find_newest(name, entry.version, root) or find_named(name, entry.version, root)
    found = find_newest(name, entry.version, root)
    return found if found and Version(found.pack.version) > Version(locked.version) else None


def _allows(entry: Entry, version: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(entry.version).contains(version, prereleases=True)


def _check(opened: Opened, name: str, pack: Pack, entry: Entry) -> Sequence[Component]:
    """Refuse a pack that must not be installed; else its components, without what is left out."""
    if pack.name != name:
        raise ClaudepackError(
            f"{MANIFEST}: {name} leads to the pack {pack.name!r}",
            code="manifest",
            hint=f"call it {pack.name} there",
        )
    components = refuse_broken(pack)
    _refuse_unsupported(opened, pack, entry)
    _refuse_unknown_excludes(pack, entry)
    if entry.exclude:
        kept = {path: file for path, file in pack.files.items() if not is_excluded(path, entry.exclude)}
        pack = pack._replace(files=kept)
        components = find_components(pack)
    _refuse_without_consent(pack, components, entry)
    return components


def _want(opened: Opened, found: Found, entry: Entry, manifest: Manifest) -> Wanted:
    pack = found.pack
    locked = opened.lock.packs.get(pack.name)
    same = locked and (locked.version, locked.digest) == (pack.version, pack.digest) and not entry.path
    return want_pack(pack, entry, manifest, opened.project.prefix, locked.source if locked and same else found.source)


def _refuse_unsupported(opened: Opened, pack: Pack, entry: Entry) -> None:
    fragments = [path for path in FRAGMENTS if path in pack.files and not is_excluded(path, entry.exclude)]
    if fragments:
        raise ClaudepackError(
            f"{pack.name}: it brings {' and '.join(fragments)}, which this version cannot merge",
            code="unsupported",
            hint=f"leave it out: exclude = {fragments} for {pack.name} in {MANIFEST}".replace("'", '"'),
        )
    if opened.project.prefix == "" and "mcp.json" in pack.files:
        raise ClaudepackError(
            f"{pack.name}: MCP servers cannot be installed with --user",
            code="unsupported",
            hint="install it into a project",
        )


def _refuse_unknown_excludes(pack: Pack, entry: Entry) -> None:
    for item in entry.exclude:
        if not any(is_excluded(path, (item,)) for path in pack.files):
            raise ClaudepackError(
                f"{pack.name} {pack.version} has no {item!r} to leave out",
                code="exclude",
                hint=nearest(item, pack.files),
            )


def _refuse_without_consent(pack: Pack, components: Sequence[Component], entry: Entry) -> None:
    needed = find_needed(pack, components)
    missing = [kind for kind in needed if kind not in entry.allow]
    if missing:
        places = "; ".join(f"{kind}: {', '.join(needed[kind])}" for kind in missing)
        raise ClaudepackError(
            f"{pack.name} {pack.version} brings what would be executed, and this project has not allowed it: {places}",
            code="consent",
            hint=f"read it (claudepack show), then: claudepack install {pack.name} --allow {','.join(missing)}",
        )
