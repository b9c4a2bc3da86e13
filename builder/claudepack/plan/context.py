"""The contexts of all packs: what happens to each block of CLAUDE.md, to each rule, to each imported file."""

from collections.abc import Mapping
from typing import NamedTuple

from claudepack.apply.operations import Operation
from claudepack.plan.beside import block_key, conflict_path, keep_replaced, lay_beside
from claudepack.plan.choices import Choices, Resolution
from claudepack.plan.context_files import ContextFiles
from claudepack.plan.decision import Action, decide
from claudepack.plan.merge import has_markers, match_newlines, merge_texts
from claudepack.plan.outside import Outside
from claudepack.plan.spots import Place, Spot, choose_spot, find_spot
from claudepack.plan.wanted import Wanted
from claudepack.project.claude_md import hash_body
from claudepack.project.disk import DiskFile
from claudepack.project.lock import LockedContext, LockedPack

__all__ = ["ContextPlan", "Place", "plan_contexts"]


class ContextPlan:
    """What came of it, by pack and by file.

    Attributes:
        files: The files, as they are and as they are to be.
        contexts: The lock's entry of each pack.
        actions: What happens, as (path, action, pack, detail).
        pending: By pack: path and the hash of what it delivers.
        beside: The operations on what lies beside.
    """

    def __init__(self, files: ContextFiles) -> None:
        self.files = files
        self.contexts: dict[str, LockedContext] = {}
        self.actions: list[tuple[str, Action, str, str]] = []
        self.pending: dict[str, dict[str, str]] = {}
        self.beside: list[Operation] = []


class _Treatment(NamedTuple):
    """What happens to one text: `pending` is the hash of what the pack delivers, where a conflict is open."""

    action: Action
    text: bytes
    base: str
    detail: str = ""
    pending: str = ""
    beside: tuple[Operation, ...] = ()


def plan_contexts(  # noqa: PLR0913, PLR0917 - what is wanted, what was, what is, and what was chosen
    wanted: Mapping[str, Wanted],
    locked: Mapping[str, LockedPack],
    place: Place,
    prefix: str,
    outside: Outside,
    choices: Choices,
) -> ContextPlan:
    """Decide about every context.

    Args:
        wanted: The packs as the project is to have them, in manifest order.
        locked: The packs as installed.
        place: Where new contexts go.
        prefix: What stands before the path of a component.
        outside: The disk, and the bases.
        choices: What the user decided beforehand.

    Raises:
        ClaudepackError: A CLAUDE.md is UTF-16.
    """
    planner = _Planner(locked, outside, choices)
    for name in [*(name for name in locked if name not in wanted), *wanted]:
        want = wanted.get(name)
        old = planner.locked.get(name)
        here = find_spot(name, old, prefix) if old else None
        goal = choose_spot(name, place, prefix, old) if want and want.context else None
        planner.move(name, here, goal, want)
    return planner.finish()


class _Planner:
    """Decides about one pack after the other; a class because their blocks share a file."""

    def __init__(self, locked: Mapping[str, LockedPack], outside: Outside, choices: Choices) -> None:
        self.locked = {name: pack.context for name, pack in locked.items() if pack.context}
        self.was_pending = {name: pack.pending for name, pack in locked.items()}
        self.outside = outside
        self.choices = choices
        self.files = ContextFiles(outside.read, self.locked)
        self.plan = ContextPlan(self.files)

    def move(self, name: str, here: Spot | None, goal: Spot | None, want: Wanted | None) -> None:
        """Decide about one pack's context, and carry it out on the files in hand."""
        spot = here or goal
        if spot is None:
            return
        old = self.locked.get(name)
        for place in (here, goal):
            if place and place.has_block and (fault := self.files.document(place.file).fault):
                self._leave_faulty(name, place.file, fault, want)
                return
        text = self.files.text(name, spot)
        disk = None if text is None else DiskFile(hash_body(text))
        action = decide(old.sha256 if old else None, disk, want.context if want and want.context else None)
        if goal is None or want is None:
            self._take_out(name, spot, action, text)
            return
        treatment = self._treat(name, spot, self._key(name, goal), want, text, action)
        self._settle(name, spot, goal, treatment, text)

    def _leave_faulty(self, name: str, path: str, why: str, want: Wanted | None) -> None:
        old = self.locked.get(name)
        self.plan.actions.append((path, "conflict", name, why))
        if old or (want and want.context):
            self.plan.pending.setdefault(name, {})[path] = want.context if want else ""
        if old:
            self.plan.contexts[name] = old

    def _take_out(self, name: str, spot: Spot, action: Action, text: bytes | None) -> None:
        old = self.locked.get(name)
        if action == "delete" and spot.mode == "rules" and old and not old.created:
            action = "orphan"  # it was there before the pack, with the same text
        if action != "orphan":
            if spot.own and spot.has_block and self.files.has_block(name, spot):  # the block that imports the text
                self.plan.actions.append((spot.file, "delete", name, ""))
            self.files.remove(name, spot)
        if action != "gone":
            self.plan.actions.append((spot.text, action, name, ""))
        self._clear_beside(name, spot, text)

    def _treat(  # noqa: PLR0913, PLR0917 - the three sides of a decision, where, and under which key
        self, name: str, spot: Spot, key: str, want: Wanted, text: bytes | None, action: Action
    ) -> _Treatment:
        if text is None or action == "replace":
            return _Treatment(action, want.body or b"", want.context)
        pending = self.was_pending.get(name, {}).get(spot.text)
        if pending is not None and (resolution := self.choices.resolve.get(key)):
            return self._resolve(key, resolution, text, want)
        if pending is not None and pending == self.locked[name].sha256 and has_markers(text):
            return self._leave_marked(spot, key, text, pending)
        if action == "collision":
            return self._make_room(key, spot, text, want)
        if action == "merge":
            return self._merge(name, spot, key, text, want)
        return _Treatment(action, text, want.context)

    def _leave_marked(self, spot: Spot, key: str, text: bytes, pending: str) -> _Treatment:
        """The conflict stays that was written into a file of its own; the text from before goes where that goes."""
        ours = self.outside.read(conflict_path(spot.own, "ours"))
        beside = [] if key == spot.own or ours is None else lay_beside(key, {"ours": ours}, self.outside)
        return _Treatment("conflict", text, pending, "its markers stand in it", pending, tuple(beside))

    def _make_room(self, key: str, spot: Spot, text: bytes, want: Wanted) -> _Treatment:
        action = self.choices.choose_collision(spot.text)
        if action != "replace":
            detail = "yours, as an edit" if action == "adopt" else ""
            return _Treatment(action, text, want.context, detail)
        kept, beside = keep_replaced(key, text, self.outside)
        return _Treatment(action, want.body or b"", want.context, f"yours lies in {kept}", beside=tuple(beside))

    def _resolve(self, key: str, resolution: Resolution, text: bytes, want: Wanted) -> _Treatment:
        if resolution.side == "ours":
            return _Treatment("keep", text, want.context, "resolved: yours")
        chosen = (want.body or b"") if resolution.side == "theirs" else resolution.text
        kept, beside = keep_replaced(key, text, self.outside)
        action: Action = "replace" if resolution.side == "theirs" else "merge"
        detail = f"resolved; what stood there lies in {kept}"
        return _Treatment(action, chosen, want.context, detail, beside=tuple(beside))

    def _merge(self, name: str, spot: Spot, key: str, text: bytes, want: Wanted) -> _Treatment:
        old, theirs = self.locked[name].sha256, want.body or b""
        base = self.outside.base_of(name, spot.text, old)
        ours = text if key == self._key(name, spot) else match_newlines(text, b"\n")  # as it will stand elsewhere
        verdict = merge_texts(base, ours, theirs, self.outside.merge3)
        if verdict.action != "conflict":
            return _Treatment(verdict.action, text if verdict.text is None else verdict.text, want.context)
        if self.choices.markers and spot.own and verdict.text is not None:  # in a CLAUDE.md they would stop all packs
            beside = lay_beside(key, {"ours": text}, self.outside, [text])
            return _Treatment("conflict", verdict.text, want.context, "with markers", want.context, tuple(beside))
        sides = {"base": verdict.base, "theirs": theirs, "merged": verdict.text}
        beside = lay_beside(key, {side: data for side, data in sides.items() if data is not None}, self.outside, [text])
        return _Treatment("conflict", text, old, verdict.detail, want.context, tuple(beside))

    def _settle(self, name: str, spot: Spot, goal: Spot, treatment: _Treatment, text: bytes | None) -> None:
        action, detail = treatment.action, treatment.detail
        is_whole = self.files.has_block(name, spot)
        if goal.own and goal.has_block and not self.files.has_block(name, goal):
            self.plan.actions.append(
                (goal.file, "restore" if spot == goal and name in self.locked else "create", name, "")
            )
        if spot != goal:
            self.files.leave(name, spot, goal)
            detail = f"moved from {spot.text}" + (f"; {detail}" if detail else "")
            action = "keep" if action == "unchanged" else action
            left = sorted({spot.text, spot.file} - {goal.text})
            self.plan.actions += [(path, "replace" if path == goal.file else "delete", name, "") for path in left]
        if spot != goal or treatment.text != text or not is_whole:
            self.files.write(name, goal, treatment.text, spot if spot != goal else None)
        self.files.unite_twins(name, goal)
        if action != "unchanged":
            self.plan.actions.append((goal.text, action, name, detail))
        if treatment.pending:
            self.plan.pending.setdefault(name, {})[goal.text] = treatment.pending
        if not treatment.pending or spot != goal:
            self._clear_beside(name, spot, text, treatment.text)
        self.plan.beside += treatment.beside
        self.plan.contexts[name] = LockedContext(goal.mode, goal.file, treatment.base, created=False, before="")

    def _clear_beside(self, name: str, spot: Spot, *known: bytes | None) -> None:
        if spot.text in self.was_pending.get(name, {}):
            self.plan.beside += lay_beside(self._key(name, spot), {}, self.outside, known)

    @staticmethod
    def _key(name: str, spot: Spot) -> str:
        return spot.own or block_key(spot.file, name)

    def finish(self) -> ContextPlan:
        """The plan, once every pack has had its turn."""
        files, old = self.files, self.locked
        for name, context in self.plan.contexts.items():  # the markers of one hold up every block of the file
            if context.mode != "rules" and files.document(context.file).fault:
                self.plan.pending.setdefault(name, {}).setdefault(context.file, context.sha256)
        self.plan.contexts = {
            name: context._replace(
                created=context.file in files.made,
                before=files.glues.get(name, old[name].before if name in old else "")
                if context.mode != "rules"
                else "",
            )
            for name, context in self.plan.contexts.items()
        }
        return self.plan
