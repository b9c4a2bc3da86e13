"""What packs add to a project's JSON files: three ways, entry by entry, as the table of files has it.

What the user has stays. An entry that a pack added goes with the pack; one that the user changed or took out
since is an edit, and one that was there before stays after.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from claudepack.apply.operations import Delete, Operation
from claudepack.errors import ClaudepackError
from claudepack.plan.beside import keep_replaced, lay_beside
from claudepack.plan.choices import Choices
from claudepack.plan.decision import Action
from claudepack.plan.json_changes import JsonChanges, carry_out, nest
from claudepack.plan.outside import Outside, write_bytes
from claudepack.project.fragments import Entry, LockedFragment, canonical, find_value, holds, is_server, take_apart
from claudepack.project.json_text import JSON, dump_json, parse_json

_NOTHING = LockedFragment((), (), (), created=False)


class FragmentPlan:
    """What comes of one file.

    Attributes:
        steps: What happens, as (action, pack, detail).
        operations: What is to be done.
        locked: The lock's entry of each pack that has something in it.
        pending: The packs with an open conflict, and the hash of what each delivers.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[Action, str, str]] = []
        self.operations: list[Operation] = []
        self.locked: dict[str, LockedFragment] = {}
        self.pending: dict[str, str] = {}


class Parts(NamedTuple):
    """What packs have in one file.

    Attributes:
        path: The file.
        olds: By pack, what it has in it by the lock.
        news: By pack, what it delivers to it.
        is_pending: Whether there is a conflict to end.
        edited: The entries that go here from another file, where the user has changed or removed them: that stays so.
    """

    path: str
    olds: Mapping[str, LockedFragment]
    news: Mapping[str, tuple[Entry, ...]]
    is_pending: bool
    edited: tuple[Entry, ...] = ()


class _Sides:
    """The three sides of one file: base, disk, and what is new; of a file that is gone nothing is known."""

    def __init__(self, parts: Parts, data: bytes | None) -> None:
        self.path, self.olds, self.news, self.is_pending = parts.path, parts.olds, parts.news, parts.is_pending
        self.data = data
        self.text = "{}\n"
        self.document: JSON = {}
        self.is_there = data is not None
        if data is not None:
            self.text, node = parse_json(data, parts.path)
            self.document = node.value
        olds = list(parts.olds.values()) if self.is_there else []
        self.known = dict.fromkeys([*parts.edited, *(entry for old in olds for entry in old.entries)])
        self.adopted = {entry for old in olds for entry in old.adopted}
        self.made = {at for old in olds for at in old.made}
        self.created = not self.is_there or any(old.created for old in olds)
        self.wanted = dict.fromkeys(entry for entries in parts.news.values() for entry in entries)


def plan_fragment(parts: Parts, outside: Outside, choices: Choices) -> FragmentPlan:
    """Decide about one JSON file of a project.

    Args:
        parts: What packs have in it.
        outside: The disk.
        choices: What the user decided beforehand.

    Raises:
        ClaudepackError: It is no strict JSON, or two packs want one key to be different things.
    """
    sides = _Sides(parts, outside.read(parts.path))
    _refuse_rivals(sides)
    verdict = _decide(sides, choices)
    result = carry_out(sides.text, sides.path, verdict.changes, sides.made)
    plan = FragmentPlan()
    is_gone = not sides.news and sides.created and result.is_empty
    after = None if is_gone else result.text.encode()
    _operate(plan, sides.path, sides.data, after)
    for name, entries in sides.news.items():
        kept = tuple(verdict.bases.get(entry, entry) for entry in entries)
        adopted = tuple(entry for entry in kept if entry in verdict.adopted)
        plan.locked[name] = LockedFragment(kept, adopted, tuple(sorted(result.made)), sides.created)
    _report(plan, sides, verdict, after)
    _settle(plan, sides, verdict, outside)
    return plan


class _Verdict:
    """What is decided about all entries.

    Attributes:
        changes: To the text.
        adopted: The entries that are the user's, too.
        bases: For an entry with a conflict: the base that stays in force.
        conflicts: The entries that both changed.
        rivals: The entries in whose place something of the user's is.
        replaced: Whether something of the user's was written over.
        kept: The entries that the user changed or took out.
        cleared: Whether a conflict has been ended.
    """

    def __init__(self, adopted: set[Entry]) -> None:
        self.changes = JsonChanges([], [])
        self.adopted = adopted
        self.bases: dict[Entry, Entry] = {}
        self.conflicts: list[Entry] = []
        self.rivals: list[Entry] = []
        self.replaced = False
        self.kept: list[Entry] = []


def _decide(sides: _Sides, choices: Choices) -> _Verdict:
    verdict = _Verdict(sides.adopted)
    bases = {entry.at: entry for entry in sides.known if not entry.is_item}
    for entry in sides.wanted:
        base = None if entry.is_item else bases.get(entry.at)
        if holds(sides.document, entry):
            is_users = base in sides.adopted if base else entry not in sides.known
            verdict.adopted |= {entry} if is_users else set()
        elif entry.is_item:
            _decide_item(sides, entry, verdict)
        else:
            _decide_value(sides, entry, base, choices, verdict)
    kept_keys = {entry.at for entry in sides.wanted if not entry.is_item}
    for entry in sides.known:
        if entry in sides.wanted or (not entry.is_item and entry.at in kept_keys):
            continue
        if entry in verdict.adopted or not holds(sides.document, entry):
            verdict.kept.append(entry)
        else:
            verdict.changes.remove.append(entry)
    return verdict


def _decide_item(sides: _Sides, entry: Entry, verdict: _Verdict) -> None:
    if entry in sides.known:
        verdict.kept.append(entry)  # its user took it out
    else:
        verdict.changes.add.append(entry)


def _decide_value(sides: _Sides, entry: Entry, base: Entry | None, choices: Choices, verdict: _Verdict) -> None:
    is_there, value = find_value(sides.document, entry.at)
    if base is None and (not is_there or _is_packs_own(sides, entry.at, value)):
        verdict.changes.add.append(entry)
    elif is_there and (base is None or base in sides.adopted):
        _decide_rival(sides, entry, base, choices, verdict)
    elif base is None or (is_there and canonical(value) == base.text):
        verdict.changes.add.append(entry)
    elif base.text == entry.text:
        verdict.kept.append(entry)
    elif resolution := choices.resolve.get(sides.path):
        if resolution.side == "theirs":
            verdict.changes.add.append(entry)
            verdict.replaced = True
        else:
            verdict.kept.append(entry)
    else:
        verdict.conflicts.append(entry)
        verdict.bases[entry] = base


def _is_packs_own(sides: _Sides, at: tuple[str, ...], value: JSON) -> bool:
    """Whether an object or a list was made for packs, and nothing but theirs is in it."""
    return at in sides.made and all(entry in sides.known for entry in take_apart(value, at) if entry.at != at or value)


def _decide_rival(sides: _Sides, entry: Entry, base: Entry | None, choices: Choices, verdict: _Verdict) -> None:
    """Something of the user's is in an entry's place: a setting stays, another server of the name is in the way.

    It is not where the pack has said the same before: its user has decided about that.
    """
    action = choices.choose_collision(sides.path)
    if action == "replace":
        verdict.changes.add.append(entry)
        verdict.adopted.discard(entry)  # it may have been kept until now: from here on it goes with the pack
        verdict.replaced = True
    elif is_server(entry.at) and action == "collision" and entry != base:
        verdict.rivals.append(entry)
    else:
        verdict.kept.append(entry)
        verdict.adopted.add(entry)


def _refuse_rivals(sides: _Sides) -> None:
    if not isinstance(sides.document, dict):
        raise ClaudepackError(
            f"{sides.path}:1: it is no object, and the client would drop it",
            code="json",
            hint="write { … }, then run this again",
        )
    owners: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, entries in sides.news.items():
        for at, shape in _list_shapes(entries):
            other, first = owners.setdefault(at, (name, shape))
            if first != shape:
                raise ClaudepackError(
                    f"{sides.path}: {'.'.join(at)} is one thing in {other} and another in {name}",
                    code="clash",
                    hint=f'leave one out: exclude = ["…"] for {other} or {name} in claudepack.toml',
                )


def _list_shapes(entries: Iterable[Entry]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What has to stand where for entries: an object, a list, or just one value."""
    for entry in entries:
        yield from ((entry.at[:depth], "object") for depth in range(1, len(entry.at)))
        yield entry.at, "list" if entry.is_item else entry.text


def _operate(plan: FragmentPlan, path: str, before: bytes | None, after: bytes | None) -> None:
    if after == before:
        return
    pre = write_bytes(path, before, None, executable=None).post if before is not None else None
    if after is not None:
        plan.operations.append(write_bytes(path, after, pre, executable=None))
    elif pre is not None:
        plan.operations.append(Delete(path, pre))


def _report(plan: FragmentPlan, sides: _Sides, verdict: _Verdict, after: bytes | None) -> None:
    """One step a pack: what happens to what it has, or had, in the file."""
    for name in dict.fromkeys([*sides.news, *sides.olds]):
        mine = {*sides.news.get(name, ()), *sides.olds.get(name, _NOTHING).entries}
        added, removed = _pick(verdict.changes.add, mine), _pick(verdict.changes.remove, mine)
        kept = _pick(verdict.kept, mine)
        if conflicts := _pick(verdict.conflicts, mine):
            plan.steps.append(("conflict", name, f"{_name(conflicts)}: both changed it"))
        elif rivals := _pick(verdict.rivals, mine):
            plan.steps.append(("collision", name, f"{_name(rivals)} is there already, and is another"))
        elif added or removed:
            plan.steps.append((_choose_action(sides, name, after), name, _count(added, removed, kept)))
        elif kept and name in sides.news:
            plan.steps.append(("keep", name, f"{_name(kept)}: yours stays"))
        elif kept:
            plan.steps.append(("orphan", name, f"{_name(kept)}: yours stays"))
        elif name not in sides.olds:
            plan.steps.append(("adopt", name, ""))


def _choose_action(sides: _Sides, name: str, after: bytes | None) -> Action:
    if after is None:
        return "delete"
    if sides.is_there:
        return "merge"
    return "restore" if name in sides.olds else "create"


def _count(added: list[Entry], removed: list[Entry], kept: list[Entry]) -> str:
    counts = [f"{sign}{len(entries)}" for sign, entries in (("+", added), ("-", removed)) if entries]
    return " ".join(counts) + (f", {_name(kept)}: yours stays" if kept else "")


def _pick(entries: Iterable[Entry], mine: set[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry in mine]


def _name(entries: Iterable[Entry]) -> str:
    return ", ".join(dict.fromkeys(".".join(entry.at) for entry in entries))


def _settle(plan: FragmentPlan, sides: _Sides, verdict: _Verdict, outside: Outside) -> None:
    """Lay the pack's side of a conflict beside it, and keep what was written over."""
    theirs = {"theirs": (dump_json(nest(verdict.conflicts), "  ") + "\n").encode()} if verdict.conflicts else {}
    if theirs or sides.is_pending:
        plan.operations += lay_beside(sides.path, theirs, outside)
    for name, entries in sides.news.items():
        if _pick(verdict.conflicts, set(entries)):
            whole = (dump_json(nest(entries)) + "\n").encode()
            plan.pending[name] = write_bytes(sides.path, whole, None, executable=None).post
    if verdict.replaced and sides.data is not None:
        kept, operations = keep_replaced(sides.path, sides.data, outside)
        plan.operations += operations
        plan.steps = [(action, name, f"{detail}; yours lies in {kept}") for action, name, detail in plan.steps]
