"""What a run that changes a project says of it: the plan as a tree, what came of it, and what is left to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from claudepack.apply.operations import Changes, Delete, Outcome, Write
from claudepack.commands.gathering import Gathered
from claudepack.commands.options import Opened
from claudepack.plan.beside import REPLACED
from claudepack.plan.project import Plan, Step
from claudepack.project.disk import read_bytes
from claudepack.project.location import LOCK, MANIFEST, STATE, Project
from claudepack.report.diffs import diff_texts
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import MANY, count_actions, draw_tree, list_notes


class Draft(NamedTuple):
    """What a run will do, and what it was made from.

    Attributes:
        gathered: The packs.
        notices: What else is to be told.
        plan: What happens to each file, and why.
        changes: All that is to be written, with the manifest and the lock.
        lines: What new versions bring, for people.
        updates: The same as data.
    """

    gathered: Gathered
    notices: tuple[str, ...]
    plan: Plan
    changes: Changes
    lines: Sequence[str] = ()
    updates: Sequence[Mapping[str, object]] = ()


def summarise(command: str, opened: Opened, draft: Draft, outcome: Outcome, *, dry_run: bool) -> Result:
    """Say what a run did, or would do."""
    plan = draft.plan
    changes = tuple(_as_change(step, outcome) for step in plan.steps)
    before, after = opened.lock.packs, plan.lock.packs
    packs = tuple(
        PackChange(name, after[name].version if name in after else "", before[name].version if name in before else "")
        for name in dict.fromkeys([*after, *before])
    )
    conflicts = tuple(dict.fromkeys([*plan.paths("conflict"), *outcome.conflicts]))
    notices = (*draft.notices, *_find_kept(draft))
    notices += tuple(f"what was written meanwhile lies in {path}" for path in outcome.rescued)
    lines = [_name_project(opened.project)]
    lines += [f"{name} {found.pack.version} from {found.where}" for name, found in draft.gathered.read.items()]
    lines += _describe_executed(draft.gathered, in_full=dry_run)
    lines += [*draft.lines, *draw_tree(changes)]
    lines += list_notes(notices, in_full=dry_run)
    if dry_run:
        lines += _diff(opened.project, draft)
    if draft.changes:
        verb = "would be: " if dry_run else ""
        lines.append(f"{verb}{count_actions(changes)}; {_tell_own(draft.changes)}")
    else:
        lines.append("up to date: nothing to change")
    if conflicts:
        lines += [f"conflicts in {', '.join(conflicts)}: your text stays", f"  {_advise(command, plan, outcome)}"]
    extra = {"updates": draft.updates} if draft.updates else {}
    # People read it beside the path; the JSON object has no other place for it.
    kept = (f"{step.path}: {step.detail}" for step in plan.steps if REPLACED in step.detail)
    return Result(command, 3 if conflicts else 0, packs, changes, conflicts, (*notices, *kept), tuple(lines), extra)


def _tell_own(changes: Changes) -> str:
    """What becomes of manifest and lock: with the last pack goes the lock, and a manifest that says no more."""
    deleted = {step.path for step in changes.operations if isinstance(step, Delete)}
    gone = [path for path in (MANIFEST, LOCK) if path in deleted]
    if not gone:
        return f"{MANIFEST} and {LOCK} kept in step"
    return f"{' and '.join(gone)} taken out, too" + ("" if MANIFEST in gone else f"; {MANIFEST} stays")


def _describe_executed(gathered: Gathered, *, in_full: bool) -> Iterator[str]:
    """What is executed of the packs that were read; of many programs only where they lie, once that is consented to."""
    for name, executed in gathered.executed.items():
        for kind, texts in executed.items():
            programs = [text for text in texts if kind == "executables" and ": " not in text]
            is_long = len(programs) > MANY and not in_full
            shown = texts if not is_long else [text for text in texts if ": " in text]
            yield from (f"{name} runs {kind}: {text}" for text in shown)
            if is_long:
                folders = ", ".join(dict.fromkeys(path.partition("/")[0] + "/" for path in programs))
                yield f"{name} runs {kind}: {len(programs)} programs in {folders}"


def _find_kept(draft: Draft) -> Iterator[str]:
    """What makes room without a step that tells of it: work on a merge that came to nothing."""
    told = {step.detail.rpartition(" lies in ")[2] for step in draft.plan.steps}
    for operation in draft.changes.operations:
        if operation.path.startswith(REPLACED) and operation.path not in told:
            yield f"your work on a merge that is over lies in {operation.path}"


def _diff(project: Project, draft: Draft) -> Iterator[str]:
    """How each text that is there would change, for a run that only shows."""
    details = {step.path: step for step in draft.plan.steps}
    for operation in draft.changes.operations:
        step = details.get(operation.path)
        if step is None or not isinstance(operation, Write) or operation.path.startswith(f"{STATE}/"):
            continue
        origin = _find_origin(step) or step.path
        if (before := read_bytes(project, origin)) is not None:
            with operation.open() as stream:
                yield from diff_texts(before, stream.read(), origin, step.path)


def _as_change(step: Step, outcome: Outcome) -> Change:
    """What happened to a path, rather than what was planned."""
    if step.path in outcome.conflicts:
        return Change(step.path, "conflict", step.pack, "changed while this ran")
    return Change(step.path, step.action, step.pack, step.detail, _find_origin(step))


def _find_origin(step: Step) -> str:
    """Where a file was before its pack renamed it, with a conflict or without."""
    return step.detail.removeprefix("from ").partition(": ")[0] if step.detail.startswith("from ") else ""


def _advise(command: str, plan: Plan, outcome: Outcome) -> str:
    if outcome.conflicts:
        return "run this again"
    if command != "uninstall" and any(step.action == "conflict" for step in plan.steps):
        return "claudepack resolve PATH --ours, --theirs, --merged or --edit (the sides lie in .claudepack/conflicts/)"
    return "mend what is named above, then run this again"


def _name_project(project: Project) -> str:
    away = project.git_root and project.git_root != project.root
    return f"project {project.root}" + (f" (git root {project.git_root})" if away else "")
