"""Doing the operations of a plan: all of them, or none, whatever happens meanwhile.

The stage is filled and brought to the disk; writing the journal commits; then each file is exchanged with
what the stage holds and what came out is looked at; the project's lock is the last, and tells what really
happened. An error takes all of it back, and a run that was killed is finished by the next.
"""

import hashlib
import os
from collections.abc import Sequence

from claudepack.apply import primitives
from claudepack.apply.exchange import Exchange
from claudepack.apply.journal import Entry, Journal, drop_journal, locate_area, read_journal, write_journal
from claudepack.apply.operations import Amend, Changes, Outcome
from claudepack.apply.refused import explain
from claudepack.apply.rescue import rescue
from claudepack.apply.signals import signals_held
from claudepack.apply.site import FOLDER, Site
from claudepack.apply.stage import empty_stage, fill_stage, list_areas
from claudepack.errors import ClaudepackError
from claudepack.tasks import Task

_AMENDED = "lock"  # the slot of a lock that tells of conflicts; those of the plan are numbers
_UNCHANGED = "nothing was changed"


def apply(site: Site, changes: Changes, lock: str, amend: Amend) -> Outcome:
    """Do all that a plan says, or leave the project as it was. The caller holds the project.

    Args:
        site: The project.
        changes: What to do.
        lock: The path of the project's lock, which is written last.
        amend: Makes the lock's text where something came between.

    Raises:
        ClaudepackError: The system refuses; nothing was changed.
        IntegrityError: A content does not have the hash that it should have; nothing was changed.
        KeyboardInterrupt: Ctrl-C before the commit: nothing was changed; after: all was done.
        SystemExit: The same for SIGTERM.
    """
    try:
        try:
            staged = fill_stage(site, changes, lock)
            with signals_held():
                _commit(site, staged.journal)
                return _carry_out(Exchange(site, staged.journal, staged.links), amend, _UNCHANGED)
        except BaseException:
            if not os.path.exists(site.journal):
                empty_stage(site, list_areas(site))
            raise
    except OSError as error:
        raise explain(site, error, _UNCHANGED) from error


def recover(site: Site, amend: Amend) -> Outcome | None:
    """Finish what a run that was killed had committed; drop what it had not. The caller holds the project.

    Returns:
        What came of it; None where there was nothing to finish.

    Raises:
        ClaudepackError: The system refuses; what was committed was taken back.
    """
    journal = read_journal(site)
    with signals_held():
        if journal is None:
            drop_journal(site)
            empty_stage(site, list_areas(site))
            return None
        _refuse_missing(site, journal)
        exchange = Exchange(site, journal)
        exchange.settle()
        return _carry_out(exchange, amend, "a run that was cut short could only be taken back")


def _refuse_missing(site: Site, journal: Journal) -> None:
    """A stage goes after its journal: one that is missing is on a mount that is not there now, or was removed.

    Each of its files would read as done.
    """
    for number in sorted({entry.area for entry in journal.entries}):
        folder = locate_area(site, journal.areas[number])
        if not os.path.isdir(folder):
            raise ClaudepackError(
                f"{os.path.relpath(folder, site.root)} is not there, and a run that was cut short needs it",
                code="journal",
                hint=f"mount it or move it back (if it is gone for good, remove {site.journal}), then run this again",
            )


def _commit(site: Site, journal: Journal) -> None:
    try:
        write_journal(site, journal)
    except OSError:
        drop_journal(site)  # it may be there already, and not be on the disk
        raise


def _carry_out(exchange: Exchange, amend: Amend, failure: str) -> Outcome:
    site = exchange.site
    conflicts: list[str] = []
    try:
        journal = exchange.journal
        with Task("placing files", len(journal.entries)) as task:
            conflicts += _place(exchange, journal.going, task)
            exchange.make_directories()
            conflicts += _place(exchange, journal.coming, task)
        if conflicts and journal.lock:
            journal = exchange.journal = _amend_lock(exchange, frozenset(conflicts), amend)
        conflicts += [entry.path for entry in journal.entries if entry.path == journal.lock and not exchange.do(entry)]
        exchange.remove_directories()
    except (OSError, ClaudepackError) as error:
        raise _take_back(exchange, error, failure) from error
    try:
        return Outcome(tuple(conflicts), _finish(exchange))
    except OSError as error:
        raise explain(site, error, "all was done, and the next run tidies up") from error


def _place(exchange: Exchange, entries: Sequence[Entry], task: Task) -> list[str]:
    """Do the entries of files; the paths where somebody else's bytes stay. The lock's waits for what comes of them."""
    conflicts = []
    for entry in entries:
        if entry.path != exchange.journal.lock and not exchange.do(entry):
            conflicts.append(entry.path)
        task.done += 1
    return conflicts


def _take_back(exchange: Exchange, error: OSError | ClaudepackError, failure: str) -> ClaudepackError:
    """Undo what was done, and give the error to raise: with where the bytes lie that could not go back."""
    try:
        exchange.undo()
        rescued = _finish(exchange)
    except OSError as second:
        return explain(exchange.site, second, "this run could be neither finished nor taken back, so the next is to")
    told = error if isinstance(error, ClaudepackError) else explain(exchange.site, error, failure)
    if rescued:
        told.message += f"; what was written meanwhile lies in {', '.join(rescued)}"
    return told


def _finish(exchange: Exchange) -> tuple[str, ...]:
    """Bring all to the disk, rescue what somebody wrote meanwhile, and only then forget the run.

    The journal goes before the stage: half a stage would read as if the other half had been done.
    """
    site, areas = exchange.site, exchange.journal.areas
    with Task("bringing all to the disk"):
        for area in areas:
            if os.path.isdir(folder := locate_area(site, area)) and not site.is_throwaway:
                primitives.sync_file_system(folder)
    rescued = rescue(exchange)
    if rescued and not site.is_throwaway:
        primitives.sync_file_system(os.path.join(site.root, FOLDER))
    drop_journal(site)
    empty_stage(site, areas)
    return rescued


def _amend_lock(exchange: Exchange, conflicts: frozenset[str], amend: Amend) -> Journal:
    """Let the lock say what really happened: its new text goes into the stage, and the journal names it."""
    journal = exchange.journal
    target = exchange.targets.resolve(journal.lock)
    entry = next((item for item in journal.entries if item.path == journal.lock), None)
    if entry and entry.slot == _AMENDED:
        return journal  # before a crash
    old = new = _read(target)
    if entry:
        staged = _read(exchange.slot(entry))
        is_done = hashlib.sha256(staged or b"").hexdigest() != entry.post if entry.post else staged is not None
        old, new = (staged, old) if is_done else (old, staged)
    data = amend(old, new, conflicts)
    pre = primitives.hash_file(target)
    fresh = Entry(journal.lock, _AMENDED, 0, pre, None)
    if data is not None:
        fresh = Entry(journal.lock, _AMENDED, 0, pre, hashlib.sha256(data).hexdigest())
        primitives.write_durably(exchange.slot(fresh), data, is_throwaway=exchange.site.is_throwaway)
    amended = journal.with_lock(fresh)
    write_journal(exchange.site, amended)
    return amended


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
