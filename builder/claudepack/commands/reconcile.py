"""Making a project what its manifest says: the job behind install, uninstall, sync and exclude."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from claudepack.apply.operations import Changes, Delete, Write
from claudepack.apply.transaction import apply
from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.check import refuse_broken
from claudepack.pack.components import find_components
from claudepack.pack.consent import find_needed
from claudepack.pack.frontmatter import read_document
from claudepack.pack.tree import FRAGMENTS, Pack
from claudepack.plan.clashes import refuse_shared_agents, refuse_shared_paths, refuse_unmet
from claudepack.plan.context import Place
from claudepack.plan.project import Outside, Plan, make_plan, write_bytes
from claudepack.plan.wanted import Wanted, is_excluded, want_locked, want_pack
from claudepack.project.disk import list_folder, observe, walk_files
from claudepack.project.location import LOCK, MANIFEST, Project, check_target, is_inside
from claudepack.project.lock import Lock, LockedPack, dump_lock
from claudepack.project.manifest import Entry, Manifest
from claudepack.project.state import DRIFT, examine, is_stale, read_claude_md
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import count_actions, draw_tree
from claudepack.source.places import Found, find_locked, find_named, find_path


@dataclass(frozen=True)
class Gathered:
    """The packs of a run: what each delivers, and those that had to be read for it."""

    wanted: Mapping[str, Wanted]
    read: Mapping[str, Found]


def reconcile(command: str, opened: Opened, manifest: Manifest, *, found: Mapping[str, Found], dry_run: bool) -> Result:
    """Bring the project to what a manifest says, and say what was done.

    Args:
        command: The verb, for the report.
        opened: The project as it is.
        manifest: What it is to be.
        found: Packs that were already read, by name.
        dry_run: Only show.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    gathered = _gather(opened, manifest, found)
    for want in gathered.wanted.values():
        for path in want.files:
            check_target(opened.project, path)
    _refuse_clashes(opened, manifest, gathered)
    notices = _warn_of_client(gathered)
    place = choose_place(opened.project, manifest, opened.lock)
    plan = make_plan(gathered.wanted, opened.lock, place, opened.project.prefix, look_outside(opened.project))
    _refuse_collisions(opened, plan)
    changes = _with_own_files(opened, manifest, plan)
    if changes and not dry_run:
        apply(opened.project.root, changes)
    return _report(command, opened, plan, gathered, notices, changed=bool(changes), dry_run=dry_run)


def look_outside(project: Project) -> Outside:
    """The disk of a project, as a plan asks for it."""

    def look(path: str, expected: object) -> object:
        check_target(project, path)
        return observe(project, path, expected)  # type: ignore[arg-type]

    return Outside(look, partial(_read, project), partial(list_folder, project))  # type: ignore[arg-type]


def choose_place(project: Project, manifest: Manifest, lock: Lock) -> Place:
    """Where contexts go: what the manifest says, else where they are, else what harms nobody.

    A CLAUDE.md with content switches an AGENTS.md off, in sub-directories too; a rule does not.
    """
    root_file, inner = "CLAUDE.md", f"{project.prefix}CLAUDE.md"
    file = inner if not _exists(project, root_file) and _exists(project, inner) else root_file
    if manifest.context or any(pack.context for pack in lock.packs.values()):
        return Place(manifest.context, file)
    document = read_claude_md(project, file) if _exists(project, file) else None
    blank = document is None or document.is_blank
    return Place("rules" if blank and _has_agents_md(project) else "", file)


def _has_agents_md(project: Project) -> bool:
    folder = project.root
    while True:
        if os.path.isfile(os.path.join(folder, "AGENTS.md")):
            return True
        if folder == project.git_root or not project.git_root or os.path.dirname(folder) == folder:
            return False
        folder = os.path.dirname(folder)


def _exists(project: Project, path: str) -> bool:
    return os.path.lexists(project.locate(path))


def _read(project: Project, path: str) -> bytes | None:
    target = project.locate(path)
    if os.path.islink(target) and not is_inside(project, target):
        raise ClaudepackError(
            f"{path} is a link to {os.path.realpath(target)}, which is outside the project",
            code="path",
            hint="replace it by a file",
        )
    if os.path.islink(target) and not os.path.exists(target):
        raise ClaudepackError(f"{path} is a link to nothing", code="path", hint="remove it, or make what it leads to")
    if os.path.isdir(target):
        raise ClaudepackError(f"{path} is a directory", code="path", hint="move it away, then run this again")
    try:
        return Path(target).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _gather(opened: Opened, manifest: Manifest, found: Mapping[str, Found]) -> Gathered:
    drifting = {state.pack for state in examine(opened.project, opened.lock) if state.state in DRIFT}
    wanted: dict[str, Wanted] = {}
    read: dict[str, Found] = {}
    for name, entry in manifest.packs.items():
        locked = opened.lock.packs.get(name)
        stale = is_stale(manifest, locked, name)
        if locked and not stale and name not in drifting and not entry.path and name not in found:
            wanted[name] = want_locked(locked)
            continue
        read[name] = found.get(name) or _find(opened, name, entry, locked)
        wanted[name] = _want(opened, name, read[name], entry, manifest)
    return Gathered(wanted, read)


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
            from claudepack.paths import nearest

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


def _refuse_clashes(opened: Opened, manifest: Manifest, gathered: Gathered) -> None:
    refuse_shared_paths(gathered.wanted)
    refuse_unmet(gathered.wanted)
    if not gathered.read:
        return
    managed = {path for pack in opened.lock.packs.values() for path in pack.files}
    managed |= {path for want in gathered.wanted.values() for path in want.files}
    prefix = opened.project.prefix
    delivered = {}
    for name, found in gathered.read.items():
        agents = [item for item in find_components(found.pack) if item.kind == "agent"]
        kept = [item for item in agents if not is_excluded(item.path, manifest.packs[name].exclude)]
        delivered[name] = {item.name: prefix + item.path for item in kept}
    for name, want in gathered.wanted.items():
        if name not in delivered:
            delivered[name] = _read_agents(opened.project, list(want.files))
    own = [path for path in walk_files(opened.project, f"{prefix}agents") if path not in managed]
    refuse_shared_agents(delivered, _read_agents(opened.project, own))


def _read_agents(project: Project, paths: list[str]) -> dict[str, str]:
    """The path of each agent name among files on the disk; one that cannot be read the client skips too."""
    agents: dict[str, str] = {}
    for path in paths:
        if path.startswith(f"{project.prefix}agents/") and path.endswith(".md"):
            try:
                name = read_document(Path(project.locate(path)).read_bytes(), path).metadata.get("name")
            except (ClaudepackError, OSError):
                continue
            if isinstance(name, str):
                agents.setdefault(name, path)
    return agents


def _warn_of_client(gathered: Gathered) -> tuple[str, ...]:
    needs = {name: found.pack.settings.requires_claude_code for name, found in gathered.read.items()}
    if not any(needs.values()):
        return ()
    from packaging.specifiers import SpecifierSet

    from claudepack.commands.client import find_client_version

    version = find_client_version()
    return tuple(
        f"{name} asks for Claude Code {text}, and here is {version}"
        for name, text in needs.items()
        if version and text and not SpecifierSet(text).contains(version, prereleases=True)
    )


def _refuse_collisions(opened: Opened, plan: Plan) -> None:
    steps = [step for step in plan.steps if step.action == "collision"]
    if steps:
        listed = "\n  ".join(step.path for step in steps)
        way_out = (
            'move these away, or leave them out: exclude = ["…"] in claudepack.toml'
            if opened.has_lock or not opened.has_manifest
            else f"if the lock was deleted: git show HEAD:{LOCK} > {LOCK}; else move these away, or exclude them"
        )
        raise ClaudepackError(
            f"files to install are there already, and differ ({len(steps)}):\n  {listed}",
            code="collision",
            hint=way_out,
        )


def _with_own_files(opened: Opened, manifest: Manifest, plan: Plan) -> Changes:
    """The operations on the project's files, then on the manifest and the lock themselves."""
    own: list[Write | Delete] = []
    empty = not plan.lock.packs and not plan.lock.directories
    lock = "" if empty and not manifest.packs else dump_lock(plan.lock)
    for path, text in ((MANIFEST, manifest.text), (LOCK, lock)):
        before = _read(opened.project, path)
        if (before or b"") == text.encode():
            continue
        look = observe(opened.project, path, ())
        if text:
            own.append(write_bytes(path, text.encode(), look.sha256 if look else None, executable=None))
        elif look:
            own.append(Delete(path, look.sha256))
    return Changes((*plan.changes.operations, *own), plan.changes.remove_directories)


def _report(  # noqa: PLR0913 - what a report is made of
    command: str,
    opened: Opened,
    plan: Plan,
    gathered: Gathered,
    notices: tuple[str, ...],
    *,
    changed: bool,
    dry_run: bool,
) -> Result:
    changes = tuple(Change(*step) for step in _as_tuples(plan))
    before, after = opened.lock.packs, plan.lock.packs
    packs = tuple(
        PackChange(name, after[name].version if name in after else "", before[name].version if name in before else "")
        for name in dict.fromkeys([*after, *before])
    )
    conflicts = tuple(dict.fromkeys(plan.paths("conflict")))
    lines = [_name_project(opened.project)]
    lines += [f"{name} {found.pack.version} from {found.where}" for name, found in gathered.read.items()]
    lines += draw_tree(changes)
    lines += [f"note: {notice}" for notice in notices]
    verb = "would be: " if dry_run else ""
    if changed:
        lines.append(f"{verb}{count_actions(changes)}; {MANIFEST} and {LOCK} kept in step")
    else:
        lines.append("up to date: nothing to change")
    if conflicts:
        lines.append(f"conflicts in {', '.join(conflicts)}: your text stays; the pack's lies in .claudepack/conflicts/")
    return Result(command, 3 if conflicts else 0, packs, changes, conflicts, notices, tuple(lines))


def _as_tuples(plan: Plan) -> list[tuple[str, str, str, str]]:
    return [(step.path, step.action, step.pack, step.detail) for step in plan.steps]


def _name_project(project: Project) -> str:
    away = project.git_root and project.git_root != project.root
    return f"project {project.root}" + (f" (git root {project.git_root})" if away else "")
