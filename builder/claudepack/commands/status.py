"""`claudepack status` and `verify`: what is installed, edited, pending; and the same as a gate."""

import argparse

from claudepack.commands.options import Opened, add_output, add_project, list_notices, open_project, require_manifest
from claudepack.project.state import DRIFT, EDITED, PENDING, UNCHANGED, FileState, examine, find_stale
from claudepack.report.result import PackChange, Result
from claudepack.report.text import count_things

EXAMPLES = """examples:
  claudepack status          packs, edits, drift
  claudepack status --json   the state of every file"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Show the state of the project.

    Raises:
        ClaudepackError: The manifest or the lock cannot be read.
    """
    return _answer("status", open_project(arguments), gate=False, no_edits=False)


def run_verify(arguments: argparse.Namespace) -> Result:
    """The state of the project as an exit code: 1 on drift.

    Raises:
        ClaudepackError: There is no manifest, or one of the files cannot be read.
    """
    opened = open_project(arguments)
    require_manifest(opened)
    return _answer("verify", opened, gate=True, no_edits=arguments.no_edits)


def _answer(command: str, opened: Opened, *, gate: bool, no_edits: bool) -> Result:
    states = examine(opened.project, opened.lock)
    pending = list_notices(opened.project)
    stale = find_stale(opened.manifest, opened.lock)
    ahead = [name for name, pack in opened.lock.packs.items() if pack.ahead]
    failing = (*DRIFT, EDITED) if no_edits else DRIFT
    drifted = bool(pending or stale or ahead) or any(state.state in failing for state in states)
    notices = tuple(f"{name}: the lock does not answer the manifest: claudepack sync" for name in stale)
    notices += tuple(f"{name}: the lock is ahead of what is installed: claudepack sync" for name in ahead)
    notices += pending
    return Result(
        command,
        exit=1 if gate and drifted else 0,
        packs=tuple(PackChange(name, pack.version, pack.version) for name, pack in opened.lock.packs.items()),
        conflicts=tuple(path for pack in opened.lock.packs.values() for path in pack.pending),
        notices=notices,
        lines=tuple(_describe(opened, states, notices, failing, gate=gate)),
        extra={"files": [state._asdict() for state in states]},
    )


def advise(states: list[FileState]) -> str:
    """What mends the drift of a project: a conflict wants a decision, all else a sync."""
    pending = [state.path for state in states if state.state == PENDING]
    others = [state for state in states if state.state in DRIFT and state.state != PENDING]
    return "claudepack sync" if others or not pending else f"claudepack resolve {pending[0]}"


def _describe(
    opened: Opened, states: list[FileState], notices: tuple[str, ...], failing: tuple[str, ...], *, gate: bool
) -> list[str]:
    lines = [f"project {opened.project.root}"]
    for name, pack in opened.lock.packs.items():
        mine = [state for state in states if state.pack == name]
        edits = sum(state.state == EDITED for state in mine)
        count = count_things(len(mine), "file")
        lines.append(f"{name} {pack.version}: {count}" + (f", {edits} with your edits" if edits else ""))
    shown = [state for state in states if state.state != UNCHANGED]
    shared = {state.path for state in shown if sum(other.path == state.path for other in shown) > 1}
    lines += [f"  {state.path}  {state.state}" + f" ({state.pack})" * (state.path in shared) for state in shown]
    lines += [f"note: {notice}" for notice in notices]
    if not opened.lock.packs and not notices:
        lines.append("nothing is installed here: claudepack install backend")
    elif gate:
        drift = sum(state.state in DRIFT for state in states) + len(notices)
        edits = sum(state.state == EDITED for state in states if EDITED in failing)
        lines += [f"{drift} to mend: {advise(states)}"] if drift else []
        lines += [f"{edits} with your edits: claudepack diff"] if edits else []  # a sync would leave them
        lines += [] if drift or edits else ["verified: everything is as the lock says"]
    elif any(state.state == PENDING for state in states):
        lines.append(f"to mend: {advise(states)}")
    return lines
