"""`sync --frozen`: the manifest that a lock was made from, whatever it says now."""

from claudepack.commands.options import Opened
from claudepack.errors import ClaudepackError
from claudepack.project.location import LOCK
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import Manifest, Value, read_requested


def freeze(opened: Opened) -> Opened:
    """The project with what its lock was made from in place of what its manifest says; the text stays.

    Raises:
        ClaudepackError: There is no lock.
    """
    if not opened.has_lock:
        raise ClaudepackError(f"there is no {LOCK} to go by", code="lock", hint="claudepack sync makes one")
    manifest, locked = opened.manifest, opened.lock.packs
    wanted = [name for name, pack in locked.items() if pack.requested]
    order = list(manifest.packs)  # in which the blocks of CLAUDE.md were written
    names = sorted(wanted, key=lambda name: order.index(name) if name in order else len(order))
    packs = {name: read_requested(name, locked[name].requested) for name in names}
    context = next((pack.context.mode for pack in locked.values() if pack.context), manifest.context)
    variables = _restore_variables(manifest, list(locked.values()))
    return opened._replace(manifest=manifest._replace(packs=packs, variables=variables, context=context))


def _restore_variables(manifest: Manifest, packs: list[LockedPack]) -> dict[str, Value]:
    variables = dict(manifest.variables)
    for pack in packs:
        for name, value in pack.variables.items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
    return variables
