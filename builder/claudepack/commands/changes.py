"""What the new versions of a run bring, told before what happens to each file."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from claudepack.commands.gathering import Gathered
from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.components import Component
from claudepack.pack.tree import Pack
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import read_requested

if TYPE_CHECKING:
    from claudepack.commands.bases import Bases
    from claudepack.pack.difference import Difference

_MOST = 30


def describe_changes(opened: Opened, gathered: Gathered, bases: "Bases") -> tuple[list[str], list[dict[str, object]]]:
    """The packs of a run that change their version, as lines for people and as data.

    Args:
        opened: The project.
        gathered: The packs of the run.
        bases: Has the packs as they were.

    Raises:
        ClaudepackError: The changelog of what is new cannot be read.
    """
    lines: list[str] = []
    rows: list[dict[str, object]] = []
    changed = [
        (name, locked, found)
        for name, found in gathered.read.items()
        if (locked := opened.lock.packs.get(name)) and locked.version != found.pack.version
    ]
    if not changed:
        return lines, rows
    for name, locked, found in changed:
        difference = _compare(locked, found.pack, gathered.components[name], bases)
        head: dict[str, object] = {"name": name, "version": found.pack.version, "previous": locked.version}
        if isinstance(difference, str):
            lines.append(f"{name} {locked.version} {difference}, so what is new cannot be told")
            rows.append(head)
            continue
        lines += _describe(found.pack, locked.version, difference)
        rows.append({**head, **difference._asdict()})
    return lines, rows


def _compare(locked: LockedPack, new: Pack, news: Sequence[Component], bases: "Bases") -> "Difference | str":
    """What a pack brings, or why that cannot be told."""
    from claudepack.pack.difference import compare_packs
    from claudepack.pack.parts import leave_out

    old = bases.find_pack(new.name)
    if old is None:
        return "is nowhere to be had"
    try:
        left_out = read_requested(new.name, locked.requested).exclude if locked.requested else ()
        return compare_packs(leave_out(old, left_out), new, news)
    except ClaudepackError:  # the cache has lost bytes of it, or another claudepack let it pass
        return "can no longer be read"


def _describe(pack: Pack, previous: str, difference: "Difference") -> Iterator[str]:
    from claudepack.pack.difference import read_changelog

    yield f"{pack.name} {previous} -> {pack.version}"
    said = difference.changelog.split("\n") if difference.changelog else []
    yield from (f"  {line}".rstrip() for line in said[:_MOST])
    if len(said) > _MOST:
        yield f"  … and {len(said) - _MOST} more lines in its CHANGELOG.md"
    if not said and read_changelog(pack):
        yield "  (its changelog says nothing of this version)"
    for label in difference.added:
        yield f"  + {label}"
    for label in difference.removed:
        yield f"  - {label}"
    for label, old_path, new_path in difference.renamed:
        yield f"  {label}: {old_path} -> {new_path}"
    if difference.has_new_context:
        yield "  a new context for CLAUDE.md"
    if difference.tokens:
        yield f"  about {difference.tokens:+d} tokens in every session"
