"""The contexts of all packs: what happens to each block of CLAUDE.md, or to each rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from claudepack.plan.blocks import append_block, drop_twins, remove_block, replace_body
from claudepack.plan.decision import Action, decide
from claudepack.plan.wanted import Wanted
from claudepack.project.claude_md import ClaudeMd, hash_body, parse_claude_md
from claudepack.project.disk import DiskFile
from claudepack.project.lock import LockedContext, LockedPack


@dataclass(frozen=True)
class Place:
    """Where contexts go in this project: the mode, and the CLAUDE.md for `inline`."""

    mode: str
    file: str


@dataclass
class ContextPlan:
    """What came of it, by pack and by file.

    Attributes:
        contents: The files as they are to be; None for one to delete.
        originals: The same files as they are; None for one that is not there.
        contexts: The lock's entry of each pack.
        actions: What happens, as (path, action, pack, detail).
        pending: By pack: path and the hash of what it delivers.
        theirs: By (pack, path): the text that a conflict leaves to be looked at.
        made: The files that this tool made.
    """

    contents: dict[str, bytes | None] = field(default_factory=dict)
    originals: dict[str, bytes | None] = field(default_factory=dict)
    contexts: dict[str, LockedContext] = field(default_factory=dict)
    actions: list[tuple[str, Action, str, str]] = field(default_factory=list)
    pending: dict[str, dict[str, str]] = field(default_factory=dict)
    theirs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)


def plan_contexts(
    wanted: Mapping[str, Wanted],
    locked: Mapping[str, LockedPack],
    place: Place,
    prefix: str,
    read: Callable[[str], bytes | None],
) -> ContextPlan:
    """Decide about every context.

    Args:
        wanted: The packs as the project is to have them, in manifest order.
        locked: The packs as installed.
        place: Where new contexts go.
        prefix: What stands before the path of a component.
        read: Gives the bytes of a file of the project, None if it is not there.

    Raises:
        ClaudepackError: A CLAUDE.md is UTF-16.
    """
    editor = _Editor(read, {name: pack.context for name, pack in locked.items() if pack.context})
    for name in [*(name for name in locked if name not in wanted), *wanted]:
        want = wanted.get(name)
        old = editor.locked.get(name)
        spot = _choose_spot(name, place, prefix, old) if want and want.context else None
        editor.move(name, old, spot, want)
    return editor.finish()


def _choose_spot(name: str, place: Place, prefix: str, old: LockedContext | None) -> Place:
    mode = place.mode or (old.mode if old else "inline")
    if mode == "rules":
        return Place(mode, f"{prefix}rules/claudepack-{name}.md")
    return Place(mode, old.file if old and old.mode == mode else place.file)


class _Editor:
    """The files while they are being edited: one CLAUDE.md holds the blocks of several packs."""

    def __init__(self, read: Callable[[str], bytes | None], locked: Mapping[str, LockedContext]) -> None:
        self.read = read
        self.locked = locked
        self.plan = ContextPlan()
        self.glues = {name: context.before for name, context in locked.items()}
        self.plan.made = {context.file for context in locked.values() if context.created}

    def load(self, path: str) -> bytes | None:
        if path not in self.plan.contents:
            self.plan.contents[path] = self.plan.originals[path] = self.read(path)
        return self.plan.contents[path]

    def document(self, path: str) -> ClaudeMd:
        return parse_claude_md(self.load(path) or b"", path)

    def body(self, name: str, spot: Place | LockedContext) -> bytes | None:
        if spot.mode == "rules":
            return self.load(spot.file)
        document = self.document(spot.file)
        blocks = document.blocks.get(name)
        return document.body(blocks[0]) if blocks else None

    def move(self, name: str, old: LockedContext | None, spot: Place | None, want: Wanted | None) -> None:
        """Decide about one pack's context, and carry it out on the files in hand."""
        here = old or spot
        if here is None:
            return
        for fault in self._faults(old, spot):
            self._leave(name, old, fault, want)
            return
        body = self.body(name, here)
        disk = None if body is None else DiskFile(hash_body(body))
        new = want.context if want and want.context else None
        action = decide(old.sha256 if old else None, disk, new)
        if spot is None or new is None:
            self._act_on_leaving(name, here, action)
            return
        self._act(name, old, spot, action, body, want)

    def _faults(self, old: LockedContext | None, spot: Place | None) -> Iterable[tuple[str, str]]:
        for place in (old, spot):
            if place and place.mode == "inline" and (fault := self.document(place.file).fault):
                yield place.file, fault

    def _leave(self, name: str, old: LockedContext | None, fault: tuple[str, str], want: Wanted | None) -> None:
        path, why = fault
        self.plan.actions.append((path, "conflict", name, why))
        if old or (want and want.context):
            self.plan.pending.setdefault(name, {})[path] = want.context if want else ""
        if old:
            self.plan.contexts[name] = old

    def _act_on_leaving(self, name: str, here: Place | LockedContext, action: Action) -> None:
        if action != "gone":
            self.plan.actions.append((here.file, action, name, ""))
        if action == "delete":
            self._remove(name, here)

    def _act(  # noqa: PLR0913, PLR0917 - the three sides of a decision, and where
        self,
        name: str,
        old: LockedContext | None,
        spot: Place,
        action: Action,
        body: bytes | None,
        want: Wanted | None,
    ) -> None:
        new, text = (want.context, want.body) if want else ("", None)
        moved = old is not None and (old.mode, old.file) != (spot.mode, spot.file)
        writes = action in ("create", "restore", "replace")
        content = (text if writes else body) or b""
        if moved and old:
            if body is not None:
                self._remove(name, old)
            self._write(name, spot, content)
            self.plan.actions.append((spot.file, "replace" if writes else "keep", name, f"moved from {old.file}"))
        elif writes:
            self._write(name, spot, content)
        elif spot.mode == "inline" and len(self.document(spot.file).blocks.get(name, [])) > 1:
            self.plan.contents[spot.file] = drop_twins(self.document(spot.file), name)
        if not moved and action != "unchanged":
            self.plan.actions.append((spot.file, action, name, ""))
        base = new
        if action == "conflict" and old:
            base = old.sha256
            self.plan.pending.setdefault(name, {})[spot.file] = new
            self.plan.theirs[name, spot.file] = text or b""
        before = self.glues.get(name, "") if spot.mode == "inline" else ""
        self.plan.contexts[name] = LockedContext(spot.mode, spot.file, base, created=False, before=before)

    def _write(self, name: str, spot: Place, content: bytes) -> None:
        data = self.load(spot.file)
        if data is None:
            self.plan.made.add(spot.file)
        if spot.mode == "rules":
            self.plan.contents[spot.file] = content
            return
        document = self.document(spot.file)
        if name in document.blocks:
            if len(document.blocks[name]) > 1:
                document = parse_claude_md(drop_twins(document, name), spot.file)
            self.plan.contents[spot.file] = replace_body(document, document.blocks[name][0], content)
        else:
            self.plan.contents[spot.file], self.glues[name] = append_block(document, name, content)

    def _remove(self, name: str, here: Place | LockedContext) -> None:
        if here.mode == "rules":
            self.plan.contents[here.file] = None
            return
        document = self.document(here.file)
        if len(document.blocks[name]) > 1:
            document = parse_claude_md(drop_twins(document, name), here.file)
        same_file = {other: self.glues[other] for other in self.glues if other in document.blocks}
        data, rest = remove_block(document, name, same_file)
        self.glues.update(rest)
        self.glues.pop(name, None)
        blank = parse_claude_md(data, here.file).is_blank
        self.plan.contents[here.file] = None if blank and here.file in self.plan.made else data

    def finish(self) -> ContextPlan:
        plan = self.plan
        plan.contexts = {
            name: context._replace(
                created=context.file in plan.made,
                before=self.glues.get(name, context.before) if context.mode == "inline" else "",
            )
            for name, context in plan.contexts.items()
        }
        return plan
