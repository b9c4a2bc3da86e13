"""The packs of a run: found, checked, and turned into what they deliver."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.check import refuse_broken
from claudepack.pack.components import find_components
from claudepack.pack.consent import find_needed
from claudepack.pack.tree import FRAGMENTS, Pack
from claudepack.paths import nearest
from claudepack.plan.wanted import Wanted, is_excluded, want_locked, want_pack
from claudepack.project.location import MANIFEST
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import REFS, Entry, Manifest
from claudepack.project.state import DRIFT, examine, is_stale
from claudepack.source.places import (
    Found,
    find_locked,
    find_locked_commit,
    find_named,
    find_path,
    find_repository,
)
from claudepack.source.requirement import Repository, is_ref
from claudepack.urls import find_git_fault, strip_credentials


@dataclass(frozen=True)
class Gathered:
    """The packs of a run: what each delivers, and those that had to be read for it."""

    wanted: Mapping[str, Wanted]
    read: Mapping[str, Found]


def gather_packs(opened: Opened, manifest: Manifest, found: Mapping[str, Found], mode: Mode) -> Gathered:
    """Find what each pack of a manifest delivers; one that is at rest is taken from the lock, unread.

    Raises:
        ClaudepackError: A pack cannot be found, is broken, or needs consent that was not given.
    """
    drifting = {state.pack for state in examine(opened.project, opened.lock) if state.state in DRIFT}
    wanted: dict[str, Wanted] = {}
    read: dict[str, Found] = {}
    for name, entry in manifest.packs.items():
        locked = opened.lock.packs.get(name)
        stale = is_stale(manifest, locked, name)
        rests = locked and not stale and name not in drifting
        if locked and rests and not entry.path and name not in found:
            wanted[name] = want_locked(locked)
            continue
        here = found.get(name) or _find(opened, name, entry, locked, mode)
        if locked and rests and _is_locked(here.pack, locked, opened.project.prefix):
            wanted[name] = want_locked(locked)
            continue
        read[name] = here
        wanted[name] = _want(opened, name, read[name], entry, manifest)
    return Gathered(wanted, read)


def _is_locked(pack: Pack, locked: LockedPack, prefix: str) -> bool:
    """Whether a pack that was read is the one in the lock, which was checked when it was installed."""
    executable = {prefix + path for path, file in pack.files.items() if file.executable}
    return (pack.version, pack.digest) == (locked.version, locked.digest) and executable == set(locked.executable)


def _find(opened: Opened, name: str, entry: Entry, locked: LockedPack | None, mode: Mode) -> Found:
    root = Path(opened.project.root)
    if entry.git:
        return _find_git(name, entry, locked, mode)
    if entry.path:
        return find_path(entry.path, root)
    if locked and locked.source.get("kind") not in ("path", "archive", "git") and _allows(entry, locked.version):
        return find_locked(name, locked.version, locked.digest, root)
    return find_named(name, entry.version, root)


def _find_git(name: str, entry: Entry, locked: LockedPack | None, mode: Mode) -> Found:
    kind, ref = entry.ref
    if fault := find_git_fault(entry.git) or ("" if not ref or is_ref(ref) else f"{ref!r} is no {kind}"):
        raise ClaudepackError(
            f"{MANIFEST}: [packs] {name}: git: {fault}", code="manifest", hint='write git = "https://…"'
        )
    repository = Repository(entry.git, ref, entry.subdirectory, kind)
    if locked and _is_pinned(entry, locked):
        return find_locked_commit(repository, locked.source["commit"], offline=mode.offline, frozen=mode.frozen)
    return find_repository(repository, offline=mode.offline)[0]


def _is_pinned(entry: Entry, locked: LockedPack) -> bool:
    """Whether the lock still pins what the manifest names: what is left out, or allowed, changes no commit."""
    source = locked.source
    same = (source.get("url"), source.get("subdirectory", "")) == (strip_credentials(entry.git), entry.subdirectory)
    return source.get("kind") == "git" and same and _read_ref(locked.requested) == entry.ref


def _read_ref(requested: str) -> tuple[str, str]:
    import json

    try:
        entry = json.loads(requested)
    except ValueError:
        return ("", "")
    refs = [(key, entry[key]) for key in REFS if key in entry] if isinstance(entry, dict) else []
    return refs[0] if refs else ("", "")


def _allows(entry: Entry, version: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(entry.version).contains(version, prereleases=True)


def _want(opened: Opened, name: str, found: Found, entry: Entry, manifest: Manifest) -> Wanted:
    pack = found.pack
    if pack.name != name:
        raise ClaudepackError(
            f"{MANIFEST}: {name} leads to the pack {pack.name!r}",
            code="manifest",
            hint=f"call it {pack.name} there",
        )
    refuse_broken(pack)
    _refuse_unsupported(opened, pack, entry)
    _refuse_unknown_excludes(pack, entry)
    _refuse_without_consent(pack, entry)
    locked = opened.lock.packs.get(name)
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


def _refuse_without_consent(pack: Pack, entry: Entry) -> None:
    kept = {path: file for path, file in pack.files.items() if not is_excluded(path, entry.exclude)}
    thinned = Pack(pack.identity, pack.settings, kept, pack.digest)
    needed = find_needed(thinned, find_components(thinned))
    missing = [kind for kind in needed if kind not in entry.allow]
    if missing:
        places = "; ".join(f"{kind}: {', '.join(needed[kind])}" for kind in missing)
        raise ClaudepackError(
            f"{pack.name} {pack.version} brings what would be executed, and this project has not allowed it: {places}",
            code="consent",
            hint=f"read it (claudepack show), then: claudepack install {pack.name} --allow {','.join(missing)}",
        )
