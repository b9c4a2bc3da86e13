"""Making a project what its manifest says: the job behind install, uninstall, sync and exclude."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from claudepack.apply.operations import Changes, Delete, Outcome, Write
from claudepack.apply.site import is_in_use
from claudepack.commands.gathering import Gathered, gather_packs
from claudepack.commands.options import Mode, Opened, list_notices, reopen
from claudepack.commands.surroundings import choose_place, look_outside, read_bytes
from claudepack.errors import ClaudepackError
from claudepack.pack.components import find_components
from claudepack.pack.frontmatter import read_document
from claudepack.plan.clashes import refuse_shared_agents, refuse_shared_paths, refuse_unmet
from claudepack.plan.project import Plan, Step, make_plan, write_bytes
from claudepack.plan.wanted import is_excluded
from claudepack.project.disk import observe, walk_files
from claudepack.project.location import LOCK, MANIFEST, Project, check_targets
from claudepack.project.lock import amend_lock, dump_lock
from claudepack.project.manifest import Manifest
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import count_actions, draw_tree
from claudepack.source.places import Found


class Aim(NamedTuple):
    """What a run wants: the manifest as it is to be, and the packs that had to be read to know it."""

    manifest: Manifest
    found: Mapping[str, Found]


class _Draft(NamedTuple):
    gathered: Gathered
    notices: tuple[str, ...]
    plan: Plan
    changes: Changes


def reconcile(command: str, opened: Opened, aim: Callable[[Opened], Aim], mode: Mode) -> Result:
    """Bring the project to what a manifest says, and say what was done.

    The plan is made before the project is held, so that a run with nothing to do holds nobody up; it is made again
    if anything changed until then.

    Args:
        command: The verb, for the report.
        opened: The project as it is.
        aim: Tells what it is to be, given the project; called again where that changed.
        mode: How.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    project = opened.project
    # What is there while a run goes on, or after one was killed, is nothing to plan from.
    in_use = is_in_use(project.root, project.git_root)
    draft = _draft(opened, aim(opened), mode) if mode.dry_run or not in_use else None
    if draft and (mode.dry_run or not draft.changes):
        notices = (*draft.notices, *list_notices(project))
        return _report(command, opened, draft._replace(notices=notices), Outcome(), dry_run=mode.dry_run)
    from claudepack.apply.hold import hold_project
    from claudepack.apply.transaction import apply, recover

    with hold_project(project.root, project.git_root, _tell) as site:
        recovered = recover(site, amend_lock)
        now = reopen(opened)
        if draft is None or recovered is not None or now != opened:
            draft = _draft(now, aim(now), mode)
        if recovered is not None:
            draft = draft._replace(notices=(*draft.notices, "a run that was cut short has been finished first"))
        outcome = apply(site, draft.changes, LOCK, amend_lock) if draft.changes else Outcome()
    rescued = (*(recovered.rescued if recovered else ()), *outcome.rescued)
    return _report(command, now, draft, Outcome(outcome.conflicts, rescued), dry_run=False)


def _draft(opened: Opened, aim: Aim, mode: Mode) -> _Draft:
    gathered = gather_packs(opened, aim.manifest, aim.found)
    for want in gathered.wanted.values():
        check_targets(opened.project, want.files)
    _refuse_clashes(opened, aim.manifest, gathered)
    notices = _warn_of_client(gathered)
    if mode.strict and notices:
        raise ClaudepackError("; ".join(notices), code="client", hint="upgrade Claude Code, or leave out --strict")
    place = choose_place(opened.project, aim.manifest, opened.lock)
    plan = make_plan(gathered.wanted, opened.lock, place, opened.project.prefix, look_outside(opened.project))
    _refuse_collisions(opened, plan)
    return _Draft(gathered, notices, plan, _with_own_files(opened, aim.manifest, plan))


def _tell(message: str) -> None:
    sys.stderr.write(f"note: {message}\n")


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


def _report(command: str, opened: Opened, draft: _Draft, outcome: Outcome, *, dry_run: bool) -> Result:
    plan = draft.plan
    changes = tuple(_as_change(step, outcome) for step in plan.steps)
    before, after = opened.lock.packs, plan.lock.packs
    packs = tuple(
        PackChange(name, after[name].version if name in after else "", before[name].version if name in before else "")
        for name in dict.fromkeys([*after, *before])
    )
    conflicts = tuple(dict.fromkeys([*plan.paths("conflict"), *outcome.conflicts]))
    notices = (*draft.notices, *(f"what was written meanwhile lies in {path}" for path in outcome.rescued))
    lines = [_name_project(opened.project)]
    lines += [f"{name} {found.pack.version} from {found.where}" for name, found in draft.gathered.read.items()]
    lines += draw_tree(changes)
    lines += [f"note: {notice}" for notice in notices]
    if draft.changes:
        verb = "would be: " if dry_run else ""
        lines.append(f"{verb}{count_actions(changes)}; {MANIFEST} and {LOCK} kept in step")
    else:
        lines.append("up to date: nothing to change")
    if conflicts:
        lines.append(f"conflicts in {', '.join(conflicts)}: your text stays; {_advise(plan, outcome)}")
    return Result(command, 3 if conflicts else 0, packs, changes, conflicts, notices, tuple(lines))


def _as_change(step: Step, outcome: Outcome) -> Change:
    """What happened to a path, rather than what was planned."""
    if step.path in outcome.conflicts:
        return Change(step.path, "conflict", step.pack, "changed while this ran")
    return Change(step.path, step.action, step.pack, step.detail)


def _advise(plan: Plan, outcome: Outcome) -> str:
    if outcome.conflicts:
        return "run this again"
    beside = any(step.action == "conflict" and not step.detail for step in plan.steps)
    return "the pack's lies in .claudepack/conflicts/" if beside else "mend what is named above, then run this again"


def _name_project(project: Project) -> str:
    away = project.git_root and project.git_root != project.root
    return f"project {project.root}" + (f" (git root {project.git_root})" if away else "")
