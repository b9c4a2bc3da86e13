"""What is done about one file: the table's answer, turned into operations and into what the lock says."""

from claudepack.apply.operations import Delete, Operation
from claudepack.plan.beside import keep_replaced
from claudepack.plan.cases import Case, Treatment, clear_beside, write_new
from claudepack.plan.choices import Choices
from claudepack.plan.conflicts import holds_markers, merge, rename, resolve
from claudepack.plan.decision import Action, decide
from claudepack.plan.outside import Outside, write_bytes
from claudepack.plan.wanted import WantedFile
from claudepack.project.disk import DiskFile


def treat_file(case: Case, choices: Choices, outside: Outside) -> Treatment:
    """Decide about one file, and say what that comes to."""
    new, disk = case.new, case.disk
    if new and disk and disk.is_file and case.is_pending and case.path == case.origin:
        if resolution := choices.resolve.get(case.path):
            return resolve(case, new, disk, resolution, outside)
        if holds_markers(case, outside):
            return Treatment("conflict", "its markers stand in it", [], case.base, case.was_adopted, case.base or "")
    action = decide(case.base, disk, new.sha256 if new else None)
    if new is None:
        return _leave(case, action, outside)
    return _stay(case, new, disk, action, choices, outside)


def _stay(  # noqa: PLR0913, PLR0917 - the three sides of a decision, its answer, and what was chosen
    case: Case, new: WantedFile, disk: DiskFile | None, action: Action, choices: Choices, outside: Outside
) -> Treatment:
    if disk is None:
        operations = write_new(case.path, new, None, None)
        return Treatment(action, "", operations + clear_beside(case, outside), new.sha256, case.was_adopted)
    if case.path != case.origin:
        return rename(case, new, disk, action, outside)
    if action == "collision":
        return _make_room(case, new, disk, choices, outside)
    if action in ("merge", "conflict"):
        return merge(case, new, disk, choices, outside)
    return _follow(case, new, disk, action, outside)


def _follow(case: Case, new: WantedFile, disk: DiskFile, action: Action, outside: Outside) -> Treatment:
    """What needs no merge: the disk or the pack is where it was."""
    if action == "unchanged" and case.changes_mode:
        action = "replace"
    operations = clear_beside(case, outside)
    if action == "replace":
        operations += write_new(case.path, new, disk, disk.sha256)
    elif action == "keep" and case.changes_mode:
        data = outside.read(case.path) or b""
        operations.append(write_bytes(case.path, data, disk.sha256, executable=new.executable))
    return Treatment(action, "", operations, new.sha256, case.was_adopted or action == "adopt")


def _leave(case: Case, action: Action, outside: Outside) -> Treatment:
    if action == "delete" and case.was_adopted:
        action = "orphan"
    operations: list[Operation] = clear_beside(case, outside)
    if action == "delete" and case.disk:
        operations.append(Delete(case.origin, case.disk.sha256))
    return Treatment(action, "", operations)


def _make_room(case: Case, new: WantedFile, disk: DiskFile, choices: Choices, outside: Outside) -> Treatment:
    """Somebody else's file is in the way: what the user said of it."""
    action = choices.choose_collision(case.path) if disk.is_file else "collision"
    if action == "adopt":
        return Treatment("adopt", "yours, as an edit", [], new.sha256, is_adopted=True)
    if action == "replace":
        kept, operations = keep_replaced(case.path, outside.read(case.path) or b"", outside)
        operations += write_new(case.path, new, disk, disk.sha256)
        return Treatment("replace", f"yours lies in {kept}", operations, new.sha256)
    return Treatment("collision", "" if disk.is_file else "no plain file: move it away")
