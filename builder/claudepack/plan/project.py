"""The plan of a run: wanted x base x disk gives operations, and the lock that they lead to.

Pure: what is outside is known through the functions in `Outside`.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from claudepack.apply.operations import Changes, Delete, Operation, Write
from claudepack.plan.context import ContextPlan, Place, plan_contexts
from claudepack.plan.decision import Action, decide
from claudepack.plan.wanted import Wanted, WantedFile
from claudepack.project.disk import DiskFile
from claudepack.project.location import STATE
from claudepack.project.lock import Lock, LockedPack


@dataclass(frozen=True)
class Outside:
    """What a plan may ask.

    Attributes:
        look: What is at a path, given the hashes that it may have.
        read: The bytes at a path, None if nothing is there.
        list_folder: The names in a folder.
    """

    look: Callable[[str, Collection[str | None]], DiskFile | None]
    read: Callable[[str], bytes | None]
    list_folder: Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Step:
    """What happens to one path, for people and programs to read."""

    path: str
    action: Action
    pack: str
    detail: str = ""


@dataclass(frozen=True)
class Plan:
    """All that a run will do. `lock` is what the project's lock says afterwards."""

    steps: tuple[Step, ...]
    changes: Changes
    lock: Lock

    def paths(self, action: Action) -> list[str]:
        """The paths to which something happens."""
        return [step.path for step in self.steps if step.action == action]


@dataclass
class _Draft:
    steps: list[Step] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    packs: dict[str, LockedPack] = field(default_factory=dict)


def make_plan(wanted: Mapping[str, Wanted], lock: Lock, place: Place, prefix: str, outside: Outside) -> Plan:
    """Decide what happens to every file.

    Args:
        wanted: The packs as the project is to have them, in manifest order; one that is not there leaves.
        lock: The packs as installed.
        place: Where new contexts go.
        prefix: What stands before the path of a component.
        outside: The disk.

    Raises:
        ClaudepackError: A CLAUDE.md is UTF-16.
    """
    draft = _Draft()
    answers = _assign(wanted, lock)
    for name in [*(name for name in lock.packs if name not in wanted), *wanted]:
        _plan_files(draft, name, wanted.get(name), answers.get(name, {}), outside)
    contexts = plan_contexts(wanted, lock.packs, place, prefix, outside.read)
    _plan_contexts(draft, contexts, lock.packs, outside)
    directories, removed = _plan_directories(draft.operations, lock, outside)
    order = [*wanted, *(name for name in draft.packs if name not in wanted)]
    packs = {name: draft.packs[name] for name in order}
    steps = tuple(sorted(draft.steps, key=lambda step: (step.path, step.pack)))
    return Plan(steps, Changes(tuple(draft.operations), removed), Lock(packs, directories))


def _assign(wanted: Mapping[str, Wanted], lock: Lock) -> dict[str, dict[str, LockedPack]]:
    """By the pack that answers for it: each file in the lock, with the entry that holds its base.

    That is the pack that delivers the file now, else the one that did: a file may go from one to another.
    """
    takers = {path: name for name, want in wanted.items() for path in want.files}
    answers: dict[str, dict[str, LockedPack]] = {}
    for name, pack in lock.packs.items():
        for path in pack.files:
            answers.setdefault(takers.get(path, name), {})[path] = pack
    return answers


def _plan_files(
    draft: _Draft, name: str, want: Wanted | None, olds: Mapping[str, LockedPack], outside: Outside
) -> None:
    news: Mapping[str, WantedFile] = want.files if want else {}
    files: dict[str, str] = {}
    adopted: list[str] = []
    pending: dict[str, str] = {}
    for path in sorted({*olds, *news}):
        new, old = news.get(path), olds.get(path)
        base = old.files[path] if old else None
        disk = outside.look(path, (base, new.sha256 if new else None))
        action = decide(base, disk, new.sha256 if new else None)
        was_adopted = bool(old and path in old.adopted)
        if action == "delete" and was_adopted:
            action = "orphan"
        if action == "unchanged" and new and disk and _mode_differs(path, new, disk, old):
            action = "replace"
        if action not in ("unchanged", "gone"):
            draft.steps.append(Step(path, action, name))
        draft.operations += _operate(path, action, disk, new)
        if new is not None and action != "collision":
            files[path] = base if action == "conflict" and base else new.sha256
            adopted += [path] if action == "adopt" or was_adopted else []
        if action == "conflict" and new:
            pending[path] = new.sha256
        draft.operations += _plan_theirs(
            path, new.open if action == "conflict" and new else None, pending.get(path, ""), old, outside
        )
    if want:
        draft.packs[name] = want.entry._replace(files=files, adopted=tuple(adopted), context=None, pending=pending)


def _mode_differs(path: str, new: WantedFile, disk: DiskFile, old: LockedPack | None) -> bool:
    """Whether the pack changed the exec bit, and nobody else did."""
    if new.open is None or old is None or path not in old.files:
        return False
    return disk.executable == (path in old.executable) != new.executable


def _operate(path: str, action: Action, disk: DiskFile | None, new: WantedFile | None) -> list[Operation]:
    pre = disk.sha256 if disk else None
    if action == "delete" and disk:
        return [Delete(path, disk.sha256)]
    if action not in ("create", "restore", "replace") or new is None or new.open is None:
        return []
    if disk is not None and disk.as_lf:
        data = new.open().read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return [write_bytes(path, data, pre, executable=new.executable)]
    return [Write(path, new.open, new.sha256, pre, new.executable)]


def write_bytes(path: str, data: bytes, pre: str | None, *, executable: bool | None) -> Write:
    """The operation that puts these bytes at a path."""
    return Write(path, partial(_open_bytes, data), hashlib.sha256(data).hexdigest(), pre, executable)


def _open_bytes(data: bytes) -> BinaryIO:
    return io.BytesIO(data)


def _plan_theirs(
    path: str, source: Callable[[], BinaryIO] | None, sha256: str, old: LockedPack | None, outside: Outside
) -> list[Operation]:
    """Lay what the pack delivers beside a conflict; take it away once the conflict is over."""
    if not sha256 and not (old and path in old.pending):
        return []
    theirs = f"{STATE}/conflicts/{path}.theirs"
    there = outside.look(theirs, (sha256,))
    if source is None:
        return [Delete(theirs, there.sha256)] if there and there.is_file and not sha256 else []
    if there and there.sha256 == sha256:
        return []
    return [Write(theirs, source, sha256, there.sha256 if there else None, executable=False)]


def _plan_contexts(draft: _Draft, contexts: ContextPlan, old: Mapping[str, LockedPack], outside: Outside) -> None:
    for path, action, name, detail in contexts.actions:
        draft.steps.append(Step(path, action, name, detail))
    for path, content in contexts.contents.items():
        original = contexts.originals[path]
        if content == original:
            continue
        pre = None if original is None else hashlib.sha256(original).hexdigest()
        if content is not None:
            draft.operations.append(write_bytes(path, content, pre, executable=None))
        elif pre is not None:
            draft.operations.append(Delete(path, pre))
    for name, context in contexts.contexts.items():
        if name not in draft.packs:  # it leaves, but for a block that could not be taken out
            draft.packs[name] = old[name]._replace(files={}, executable=(), adopted=(), pending={})
        draft.packs[name] = draft.packs[name]._replace(context=context)
    for name, pending in contexts.pending.items():
        draft.packs[name] = draft.packs[name]._replace(pending={**draft.packs[name].pending, **pending})
    draft.operations += _plan_context_theirs(contexts, outside)


def _plan_context_theirs(contexts: ContextPlan, outside: Outside) -> list[Operation]:
    operations: list[Operation] = []
    for (name, path), text in contexts.theirs.items():
        theirs = f"{STATE}/conflicts/{path}.{name}.theirs"
        there = outside.look(theirs, ())
        if there is None or there.sha256 != hashlib.sha256(text).hexdigest():
            operations.append(write_bytes(theirs, text, there.sha256 if there else None, executable=False))
    return operations


def _plan_directories(
    operations: Sequence[Operation], lock: Lock, outside: Outside
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which directories this tool has made when all is done, and which of them it removes again."""
    written = {operation.path.rpartition("/")[0] for operation in operations if isinstance(operation, Write)}
    deleted = {operation.path for operation in operations if isinstance(operation, Delete)}
    needed = {folder for parent in written for folder in _parents(f"{parent}/") if parent}
    made = {folder for folder in needed if not folder.startswith(STATE) and outside.look(folder, ()) is None}
    known = {folder for folder in lock.directories if outside.look(folder, ()) is not None} | made
    gone: list[str] = []
    candidates = known | {folder for path in deleted for folder in _parents(path) if folder.startswith(f"{STATE}/")}
    for folder in sorted(candidates, key=lambda path: -path.count("/")):
        left = {f"{folder}/{entry}" for entry in outside.list_folder(folder)} - deleted - set(gone)
        if not left and folder not in needed:
            gone.append(folder)
    return tuple(sorted(known - set(gone))), tuple(gone)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
