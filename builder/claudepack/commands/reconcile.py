"""Making a project what its manifest says: the job behind install, uninstall, sync and exclude."""

from collections.abc import Mapping
from pathlib import Path

from claudepack.apply.operations import Changes, Delete, Write
from claudepack.apply.transaction import apply
from claudepack.commands.gathering import Gathered, gather_packs
from claudepack.commands.options import Mode, Opened
from claudepack.commands.surroundings import choose_place, look_outside, read_bytes
from claudepack.errors import ClaudepackError
from claudepack.pack.components import find_components
from claudepack.pack.frontmatter import read_document
from claudepack.plan.clashes import refuse_shared_agents, refuse_shared_paths, refuse_unmet
from claudepack.plan.project import Plan, make_plan, write_bytes
from claudepack.plan.wanted import is_excluded
from claudepack.project.disk import observe, walk_files
from claudepack.project.location import LOCK, MANIFEST, Project, check_target
from claudepack.project.lock import dump_lock
from claudepack.project.manifest import Manifest
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import count_actions, draw_tree
from claudepack.source.places import Found


def reconcile(command: str, opened: Opened, manifest: Manifest, found: Mapping[str, Found], mode: Mode) -> Result:
    """Bring the project to what a manifest says, and say what was done.

    Args:
        command: The verb, for the report.
        opened: The project as it is.
        manifest: What it is to be.
        found: Packs that were already read, by name.
        mode: How.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    gathered = gather_packs(opened, manifest, found)
    for want in gathered.wanted.values():
        for path in want.files:
            check_target(opened.project, path)
    _refuse_clashes(opened, manifest, gathered)
    notices = _warn_of_client(gathered)
    if mode.strict and notices:
        raise ClaudepackError("; ".join(notices), code="client", hint="upgrade Claude Code, or leave out --strict")
    place = choose_place(opened.project, manifest, opened.lock)
    plan = make_plan(gathered.wanted, opened.lock, place, opened.project.prefix, look_outside(opened.project))
    _refuse_collisions(opened, plan)
    changes = _with_own_files(opened, manifest, plan)
    if changes and not mode.dry_run:
        apply(opened.project.root, changes)
    return _report(command, opened, plan, gathered, notices, changed=bool(changes), dry_run=mode.dry_run)


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
    lock = dump_lock(plan.lock) if plan.lock.packs else ""
    for path, text in ((MANIFEST, manifest.text), (LOCK, lock)):
        before = read_bytes(opened.project, path)
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
        beside = any(step.action == "conflict" and not step.detail for step in plan.steps)
        where = (
            "; the pack's lies in .claudepack/conflicts/"
            if beside
            else "; mend what is named above, then run this again"
        )
        lines.append(f"conflicts in {', '.join(conflicts)}: your text stays{where}")
    return Result(command, 3 if conflicts else 0, packs, changes, conflicts, notices, tuple(lines))


def _as_tuples(plan: Plan) -> list[tuple[str, str, str, str]]:
    return [(step.path, step.action, step.pack, step.detail) for step in plan.steps]


def _name_project(project: Project) -> str:
    away = project.git_root and project.git_root != project.root
    return f"project {project.root}" + (f" (git root {project.git_root})" if away else "")
