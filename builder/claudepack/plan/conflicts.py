"""What is done where a project and a pack both changed a file: merged, left open, resolved, or taken to a new path."""

from claudepack.apply.operations import Delete, Operation, Write
from claudepack.plan.beside import Content, conflict_path, keep_replaced, lay_beside
from claudepack.plan.cases import Case, Treatment, clear_beside, write_new
from claudepack.plan.choices import Choices, Resolution
from claudepack.plan.decision import Action
from claudepack.plan.merge import Verdict, has_markers, merge_texts, refuse_broken_head
from claudepack.plan.outside import Outside, write_bytes
from claudepack.plan.wanted import WantedFile
from claudepack.project.disk import DiskFile


def merge(case: Case, new: WantedFile, disk: DiskFile, choices: Choices, outside: Outside) -> Treatment:
    """Merge both changes, or leave the conflict open."""
    verdict = _find_verdict(case, new, disk, outside)
    if verdict.action == "conflict":
        return _leave_open(case, new, disk, verdict, choices, outside)
    operations = clear_beside(case, outside)
    if verdict.action == "merge" and verdict.text is not None:
        executable = new.executable if case.changes_mode else None
        operations.append(write_bytes(case.path, verdict.text, disk.sha256, executable=executable))
    return Treatment(verdict.action, "", operations, new.sha256, case.was_adopted)


def _find_verdict(case: Case, new: WantedFile, disk: DiskFile, outside: Outside) -> Verdict:
    if not disk.is_file:
        return Verdict("conflict", "it is no plain file any more", None, b"", None)
    base = outside.base_of(case.pack, case.origin, case.base or "")
    ours = outside.read(case.origin) or b""
    verdict = merge_texts(base, ours, new.read(), outside.merge3)
    if verdict.action == "merge" and case.path.endswith(".md"):
        return refuse_broken_head(verdict, ours)
    return verdict


def _leave_open(  # noqa: PLR0913, PLR0917 - the file, its three sides, and what was chosen
    case: Case, new: WantedFile, disk: DiskFile, verdict: Verdict, choices: Choices, outside: Outside
) -> Treatment:
    """The disk's text stays, and the sides lie beside it; with markers, where the user asked for these."""
    if choices.markers and verdict.text is not None:
        ours = lay_beside(case.path, {"ours": outside.read(case.path) or b""}, outside)
        write = write_bytes(case.path, verdict.text, disk.sha256, executable=None)
        return Treatment("conflict", "with markers", [write, *ours], new.sha256, case.was_adopted, new.sha256)
    sides: dict[str, bytes | Content] = {"theirs": Content(new.sha256, new.reader)}
    sides |= {} if verdict.base is None else {"base": verdict.base}
    sides |= {} if verdict.text is None else {"merged": verdict.text}
    beside = lay_beside(case.path, sides, outside)
    return Treatment("conflict", verdict.detail, beside, case.base, case.was_adopted, new.sha256)


def resolve(case: Case, new: WantedFile, disk: DiskFile, resolution: Resolution, outside: Outside) -> Treatment:
    """End a conflict as the user says; a text that is written over is kept."""
    cleared = clear_beside(case, outside, resolution.text)
    if resolution.side == "ours":
        return Treatment("keep", "resolved: yours", cleared, new.sha256, case.was_adopted)
    if resolution.side == "theirs":
        action: Action = "replace"
        writes = write_new(case.path, new, disk, disk.sha256)
    else:
        action = "merge"
        writes = [write_bytes(case.path, resolution.text, disk.sha256, executable=None)]
    if all(isinstance(write, Write) and write.post == disk.sha256 for write in writes):
        return Treatment("keep", "resolved", cleared, new.sha256, case.was_adopted)
    kept, operations = keep_replaced(case.path, outside.read(case.path) or b"", outside)
    detail = f"resolved; what stood there lies in {kept}"
    return Treatment(action, detail, [*operations, *writes, *cleared], new.sha256, case.was_adopted)


def holds_markers(case: Case, outside: Outside) -> bool:
    """Whether a conflict was written into the file, and is still there."""
    asked = case.old is not None and case.old.pending == case.base
    return asked and has_markers(outside.read(case.origin) or b"")


def rename(case: Case, new: WantedFile, disk: DiskFile, action: Action, outside: Outside) -> Treatment:
    """Take a file to its new path, with the user's edits."""
    if case.is_pending and holds_markers(case, outside):
        return _rename_marked(case, disk, outside)
    verdict = _find_verdict(case, new, disk, outside) if action == "merge" else None
    data = outside.read(case.origin) or b""
    if verdict and verdict.action == "merge" and verdict.text is not None:
        data = verdict.text
    executable = new.executable if case.changes_mode else disk.executable
    moved: list[Operation] = [write_bytes(case.path, data, None, executable=executable)]
    if action == "replace":
        moved = write_new(case.path, new, disk, None)
    gone = [Delete(case.origin, disk.sha256), *clear_beside(case, outside)]
    treatment = Treatment("rename", "", [], new.sha256, case.was_adopted)
    if verdict and verdict.action == "conflict":
        treatment = _leave_open(case, new, disk, verdict, Choices(), outside)
    detail = f"from {case.origin}" + (f": {treatment.detail}" if treatment.detail else "")
    return treatment._replace(detail=detail, operations=[*moved, *gone, *treatment.operations])


def _rename_marked(case: Case, disk: DiskFile, outside: Outside) -> Treatment:
    """Take a file to its new path with the conflict that was written into it, and with its own text from before."""
    moved = write_bytes(case.path, outside.read(case.origin) or b"", None, executable=disk.executable)
    ours = lay_beside(case.path, {"ours": outside.read(conflict_path(case.origin, "ours")) or b""}, outside)
    operations = [moved, *ours, Delete(case.origin, disk.sha256), *clear_beside(case, outside)]
    detail = f"from {case.origin}: its markers stand in it"
    return Treatment("conflict", detail, operations, case.base, case.was_adopted, case.base or "")
