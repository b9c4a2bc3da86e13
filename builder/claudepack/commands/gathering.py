"""The packs of a run: found, checked, and turned into what they deliver."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from io import BytesIO
from typing import NamedTuple

from claudepack.commands.bases import Bases
from claudepack.commands.finding import DEPENDENCY, Search
from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.components import Component, find_components
from claudepack.pack.consent import Consent, find_needed
from claudepack.pack.parts import find_part, leave_out, take_part
from claudepack.pack.tree import Pack, take_file
from claudepack.paths import nearest
from claudepack.plan.wanted import Wanted, override, want_locked, want_pack
from claudepack.project.location import MANIFEST
from claudepack.project.manifest import Entry, Manifest
from claudepack.source.places import Found


class Gathered(NamedTuple):
    """The packs of a run: what each delivers, and those that had to be read for it.

    Attributes:
        wanted: By name, in the order of the manifest.
        read: Those that had to be read.
        components: Of those, all that is in them.
        parts: Of those, what the project wants.
        agents: Of those, the path in the project of each agent name.
        executed: Of those, what the client or a shell would execute, by kind, in full.
        whole: Of those, which the gate has looked at whole: of the others parts were left out before.
    """

    wanted: Mapping[str, Wanted]
    read: Mapping[str, Found]
    components: Mapping[str, Sequence[Component]]
    parts: Mapping[str, Pack]
    agents: Mapping[str, Mapping[str, str]]
    executed: Mapping[str, Mapping[Consent, Sequence[str]]]
    whole: AbstractSet[str]


def gather_packs(search: Search, bases: Bases) -> Gathered:
    """Find what each pack delivers; one that is at rest is taken from the lock, unread.

    Args:
        search: Finds the packs.
        bases: Knows what has been checked before.

    Raises:
        ClaudepackError: A pack cannot be found, is broken, or needs consent that was not given.
    """
    opened, manifest = search.opened, search.manifest
    search.run()
    wanted: dict[str, Wanted] = {}
    agents: dict[str, Mapping[str, str]] = {}
    executed: dict[str, Mapping[Consent, Sequence[str]]] = {}
    components: dict[str, Sequence[Component]] = {}
    parts: dict[str, Pack] = {}
    whole: set[str] = set()
    for name in dict.fromkeys([*manifest.packs, *sorted({*search.rests, *search.read})]):
        if name in search.rests:
            wanted[name] = want_locked(search.rests[name])
            continue
        here, entry = search.read[name], manifest.packs.get(name, DEPENDENCY)
        components[name] = _check(name, here.pack, entry, bases)
        if not entry.exclude:
            whole.add(name)
        parts[name], chosen, executed[name] = _choose(opened, here.pack, components[name], entry)
        agents[name] = {item.name: opened.project.prefix + item.path for item in chosen if item.kind == "agent"}
        wanted[name] = _want(opened, here, parts[name], entry, manifest)
    return Gathered(wanted, search.read, components, parts, agents, executed, whole)


def _check(name: str, pack: Pack, entry: Entry, bases: Bases) -> Sequence[Component]:
    """Refuse a pack that must not be installed; else what is in it. What is left out by its path may be broken."""
    if pack.name != name:
        raise ClaudepackError(
            f"{MANIFEST}: {name} leads to the pack {pack.name!r}",
            code="manifest",
            hint=f"call it {pack.name} there",
        )
    from claudepack.lint.gate import refuse_errors

    wanted = leave_out(pack, entry.exclude)
    try:
        components = refuse_errors(wanted, passed=bases.find_passed(pack))
    except IntegrityError:
        raise  # nothing of the pack is broken: what the cache holds of it was damaged just now
    except ClaudepackError as error:
        way_out = f"install --exclude PATH, or claudepack exclude {name} PATH for a pack that is in the manifest"
        error.hint = f"mend it, or leave out what is broken: {way_out}; nothing was changed"
        raise
    if entry.override:
        _refuse_broken_overrides(wanted, entry)
    return components


def _refuse_broken_overrides(pack: Pack, entry: Entry) -> None:
    """Refuse values of the manifest that would make of a whole file one that the client skips."""
    from claudepack.lint.gate import refuse_errors

    files = dict(pack.files)
    for path, fields in entry.override.items():
        if path in files:
            data = override(pack, files[path], fields)
            files[path] = take_file(path, data, partial(BytesIO, data), executable=files[path].executable)
    try:
        refuse_errors(pack._replace(files=files), passed={path: file.sha256 for path, file in pack.files.items()})
    except ClaudepackError as error:
        error.hint = f"mend the override of {pack.name} in {MANIFEST}; nothing was changed"
        raise


def _choose(
    opened: Opened, pack: Pack, components: Sequence[Component], entry: Entry
) -> tuple[Pack, Sequence[Component], Mapping[Consent, Sequence[str]]]:
    """What the project wants of a pack, and what of that is executed."""
    _refuse_unknown_parts(pack, components, entry)
    part = take_part(pack, components, entry.only, entry.exclude)
    _refuse_unsupported(opened, part)
    if part is not pack:
        components = find_components(part)
    if opened.project.prefix == "":
        from claudepack.pack.home import settle_home

        part = settle_home(part, components)
    return part, components, _refuse_without_consent(part, components, entry)


def _want(opened: Opened, found: Found, pack: Pack, entry: Entry, manifest: Manifest) -> Wanted:
    locked = opened.lock.packs.get(pack.name)
    same = locked and (locked.version, locked.digest) == (pack.version, pack.digest)
    # Where a pack lies that is not pinned says nothing: of two places with its bytes the first stays.
    is_loose = found.source.get("kind") in ("environment", "bundled")
    source = locked.source if locked and same and is_loose else found.source
    return want_pack(pack, entry, manifest, opened.project.prefix, source)


def _refuse_unsupported(opened: Opened, pack: Pack) -> None:
    if opened.project.prefix == "" and "mcp.json" in pack.files:
        raise ClaudepackError(
            f"{pack.name}: MCP servers cannot be installed with --user",
            code="unsupported",
            hint=f'install it into a project, or leave them out: exclude = ["mcp.json"] for {pack.name}',
        )


def _refuse_unknown_parts(pack: Pack, components: Sequence[Component], entry: Entry) -> None:
    words = (*entry.only, *entry.exclude)
    unknown = [
        *(item for item in words if not find_part(item, pack, components)),
        *(path for path in entry.override if path not in pack.files),
    ]
    if unknown:
        known = [*pack.files, *(component.name for component in components)]
        raise ClaudepackError(
            f"{MANIFEST}: {pack.name} {pack.version} has no {unknown[0]!r} to choose, to leave out or to override",
            code="exclude",
            hint=nearest(unknown[0], known),
        )


def _refuse_without_consent(
    pack: Pack, components: Sequence[Component], entry: Entry
) -> Mapping[Consent, Sequence[str]]:
    """What would be executed, all of it allowed."""
    needed = find_needed(pack, components)
    missing = [kind for kind in needed if kind not in entry.allow]
    if missing:
        listed = "".join(f"\n  {kind}: {text}" for kind in missing for text in needed[kind])
        raise ClaudepackError(
            f"{pack.name} {pack.version} brings what would be executed, and this project has not allowed it:{listed}",
            code="consent",
            hint=f"read it, then give consent: --allow {','.join(missing)}, or for a pack that is in the manifest: "
            f"claudepack allow {pack.name} {' '.join(missing)}",
        )
    return needed
