"""The plan of a run: wanted x base x disk gives operations, and the lock that they lead to.

Pure: what is outside is known through the functions in `Outside`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from claudepack.apply.operations import Changes, Delete, Operation, Write
from claudepack.paths import list_parents
from claudepack.plan.cases import Base, Case, Treatment
from claudepack.plan.choices import NONE, Choices
from claudepack.plan.context import ContextPlan, Place, plan_contexts
from claudepack.plan.decision import Action
from claudepack.plan.files import treat_file
from claudepack.plan.fragments import Parts, plan_fragment
from claudepack.plan.outside import Outside, write_bytes
from claudepack.plan.renames import find_renames
from claudepack.plan.wanted import Wanted, WantedFile
from claudepack.project.fragments import MCP_FILE, Entry, holds
from claudepack.project.json_text import parse_json
from claudepack.project.location import STATE
from claudepack.project.lock import Lock, LockedPack


class Step(NamedTuple):
    """What happens to one path, for people and programs to read."""

    path: str
    action: Action
    pack: str
    detail: str = ""


class Plan(NamedTuple):
    """All that a run will do. `lock` is what the project's lock says afterwards."""

    steps: tuple[Step, ...]
    changes: Changes
    lock: Lock

    def paths(self, action: Action) -> list[str]:
        """The paths to which something happens."""
        return [step.path for step in self.steps if step.action == action]


class _Draft:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.operations: list[Operation] = []
        self.packs: dict[str, LockedPack] = {}


class _View(NamedTuple):
    outside: Outside
    choices: Choices


def make_plan(  # noqa: PLR0913, PLR0917 - what is wanted, what was, what is, and what was chosen
    wanted: Mapping[str, Wanted],
    lock: Lock,
    place: Place,
    prefix: str,
    outside: Outside,
    choices: Choices = NONE,
) -> Plan:
    """Decide what happens to every file.

    Args:
        wanted: The packs as the project is to have them, in manifest order; one that is not there leaves.
        lock: The packs as installed.
        place: Where new contexts go.
        prefix: What stands before the path of a component.
        outside: The disk, and the bases.
        choices: What the user decided beforehand.

    Raises:
        ClaudepackError: A CLAUDE.md is UTF-16.
    """
    draft = _Draft()
    answers = _assign(wanted, lock)
    for name in [*(name for name in lock.packs if name not in wanted), *wanted]:
        _plan_files(draft, name, wanted.get(name), answers.get(name, {}), _View(outside, choices))
    held = [*(want.fragments for want in wanted.values()), *(pack.fragments for pack in lock.packs.values())]
    for path in sorted({path for fragments in held for path in fragments}):
        _plan_fragment(draft, path, wanted, lock, _View(outside, choices))
    _plan_contexts(draft, plan_contexts(wanted, lock.packs, place, prefix, outside, choices), lock.packs)
    directories, removed = _plan_directories(draft.operations, lock, outside)
    order = [*wanted, *(name for name in draft.packs if name not in wanted)]
    packs = {name: draft.packs[name] for name in order}
    steps = tuple(sorted(draft.steps, key=lambda step: (step.path, step.pack)))
    return Plan(steps, Changes(tuple(draft.operations), removed), Lock(packs, directories))


def _assign(wanted: Mapping[str, Wanted], lock: Lock) -> dict[str, dict[str, Base]]:
    """By the pack that answers for it: what the lock says of each file.

    That is the pack that delivers the file now, else the one that did: a file may go from one to another.
    """
    takers = {path: name for name, want in wanted.items() for path in want.files}
    answers: dict[str, dict[str, Base]] = {}
    for name, pack in lock.packs.items():
        executable, adopted = frozenset(pack.executable), frozenset(pack.adopted)
        for path, sha256 in pack.files.items():
            base = Base(sha256, path in executable, path in adopted, pack.pending.get(path))
            answers.setdefault(takers.get(path, name), {})[path] = base
    return answers


def _plan_files(draft: _Draft, name: str, want: Wanted | None, olds: Mapping[str, Base], view: _View) -> None:
    news: Mapping[str, WantedFile] = want.files if want else {}
    files: dict[str, str] = {}
    adopted: list[str] = []
    pending: dict[str, str] = {}
    bases = {path: old.sha256 for path, old in olds.items()}
    origins = find_renames(name, bases, want, view.outside) if want else {}
    for path in sorted({*olds, *news} - {*origins.values()}):
        treatment = _treat(draft, name, path, origins.get(path, path), news.get(path), olds, view)
        if treatment.base is not None:
            files[path] = treatment.base
            adopted += [path] if treatment.is_adopted else []
        if treatment.pending:
            pending[path] = treatment.pending
    if want:
        draft.packs[name] = want.entry._replace(
            files=files, adopted=tuple(adopted), context=None, pending=pending, fragments={}
        )


def _treat(  # noqa: PLR0913, PLR0917 - a file, where it is and was, and all that is known around it
    draft: _Draft,
    name: str,
    path: str,
    origin: str,
    new: WantedFile | None,
    olds: Mapping[str, Base],
    view: _View,
) -> Treatment:
    old = olds.get(origin)
    disk = view.outside.look(origin, (old.sha256 if old else None, new.sha256 if new else None))
    treatment = treat_file(Case(name, path, origin, new, disk, old), view.choices, view.outside)
    if treatment.action not in ("unchanged", "gone"):
        draft.steps.append(Step(path, treatment.action, name, treatment.detail))
    draft.operations += treatment.operations
    return treatment


def _plan_fragment(draft: _Draft, path: str, wanted: Mapping[str, Wanted], lock: Lock, view: _View) -> None:
    olds = {name: pack.fragments[path] for name, pack in lock.packs.items() if path in pack.fragments}
    news = {name: want.fragments[path] for name, want in wanted.items() if path in want.fragments}
    is_pending = any(path in pack.pending for pack in lock.packs.values())
    edited = [entry for name in news for entry in _find_edited(path, lock.packs.get(name), view)]
    plan = plan_fragment(Parts(path, olds, news, is_pending, tuple(edited)), view.outside, view.choices)
    draft.steps += [Step(path, action, name, detail) for action, name, detail in plan.steps]
    draft.operations += plan.operations
    for name, fragment in plan.locked.items():
        pack = draft.packs[name]
        pending = {path: plan.pending[name]} if name in plan.pending else {}
        draft.packs[name] = pack._replace(
            fragments={**pack.fragments, path: fragment}, pending={**pack.pending, **pending}
        )


def _find_edited(path: str, old: LockedPack | None, view: _View) -> list[Entry]:
    """Of settings that go from one file to another, the entries that their user has changed or removed in the one."""
    others = [other for other in (old.fragments if old else ()) if other != MCP_FILE]
    if old is None or path == MCP_FILE or path in others:
        return []
    edited: list[Entry] = []
    for other in others:
        data = view.outside.read(other)
        if data is not None:
            document = parse_json(data, other)[1].value
            edited += [entry for entry in old.fragments[other].entries if not holds(document, entry)]
    return edited


def _plan_contexts(draft: _Draft, contexts: ContextPlan, old: Mapping[str, LockedPack]) -> None:
    for path, action, name, detail in contexts.actions:
        draft.steps.append(Step(path, action, name, detail))
    for path, content in contexts.files.contents.items():
        original = contexts.files.originals[path]
        if content == original:
            continue
        pre = None if original is None else hashlib.sha256(original).hexdigest()
        if content is not None:
            draft.operations.append(write_bytes(path, content, pre, executable=None))
        elif pre is not None:
            draft.operations.append(Delete(path, pre))
    for name, context in contexts.contexts.items():
        if name not in draft.packs:  # it leaves, but for a block that could not be taken out
            draft.packs[name] = old[name]._replace(files={}, executable=(), adopted=(), pending={}, fragments={})
        draft.packs[name] = draft.packs[name]._replace(context=context)
    for name, pending in contexts.pending.items():
        draft.packs[name] = draft.packs[name]._replace(pending={**draft.packs[name].pending, **pending})
    draft.operations += contexts.beside


def _plan_directories(
    operations: Sequence[Operation], lock: Lock, outside: Outside
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which directories this tool has made when all is done, and which of them it removes again."""
    written = {operation.path.rpartition("/")[0] for operation in operations if isinstance(operation, Write)}
    deleted = {operation.path for operation in operations if isinstance(operation, Delete)}
    needed = {folder for parent in written for folder in list_parents(f"{parent}/") if parent}
    missing = {folder for folder in needed if folder in deleted or outside.look(folder, ()) is None}
    made = {folder for folder in missing if not folder.startswith(STATE)}
    # One in whose place a file comes is there for as long as it has something in it.
    there = {path for path in lock.directories if outside.look(path, ()) is not None or outside.list_folder(path)}
    known = there | made
    gone: list[str] = []
    candidates = known | {folder for path in deleted for folder in list_parents(path) if folder.startswith(f"{STATE}/")}
    for folder in sorted(candidates, key=lambda path: -path.count("/")):
        left = {f"{folder}/{entry}" for entry in outside.list_folder(folder)} - deleted - set(gone)
        if not left and folder not in needed:
            gone.append(folder)
    return tuple(sorted(known - set(gone))), tuple(gone)
