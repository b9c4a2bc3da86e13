"""Doing the operations of a plan: all of them, or none, whatever happens meanwhile.

The stage is filled and brought to the disk; writing the journal commits; then each file is exchanged with
what the stage holds and what came out is looked at; the project's lock is the last, and tells what really
happened. An error takes all of it back, and a run that was killed is finished by the next.
"""

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

from claudepack.apply import primitives
from claudepack.apply.exchange import Exchange, rescue
from claudepack.apply.journal import Entry, Journal, drop_journal, locate_area, read_journal, write_journal
from claudepack.apply.operations import Amend, Changes, Outcome
from claudepack.apply.site import FOLDER, Site
from claudepack.apply.stage import empty_stage, fill_stage
from claudepack.errors import ClaudepackError

_IGNORE_ITSELF = "*\n"


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
        with _state_folder(site):
            try:
                journal = fill_stage(site, changes, lock)
            except BaseException:
                empty_stage(site, _list_areas(site))
                raise
            with _signals_held():
                write_journal(site, journal)
                return _carry_out(site, journal, amend)
    except OSError as error:
        shown = os.path.relpath(error.filename, site.root) if isinstance(error.filename, str) else site.root
        raise ClaudepackError(
            f"{shown}: {error.strerror or error}; nothing was changed",
            code="os",
            hint="make it writable, or free some space, then run this again",
        ) from error


def recover(site: Site, amend: Amend) -> Outcome | None:
    """Finish what a run that was killed had committed; drop what it had not. The caller holds the project.

    Returns:
        What came of it; None where there was nothing to finish.

    Raises:
        ClaudepackError: The system refuses; what was committed was taken back.
    """
    journal = read_journal(site)
    try:
        with _state_folder(site):
            if journal is None:
                empty_stage(site, _list_areas(site))
                drop_journal(site)
                return None
            with _signals_held():
                return _carry_out(site, journal, amend)
    except OSError as error:
        raise ClaudepackError(
            f"{error.filename or site.root}: {error.strerror or error}; a run that was cut short could not be finished",
            code="os",
            hint="make it writable, or free some space, then run this again",
        ) from error


def _carry_out(site: Site, journal: Journal, amend: Amend) -> Outcome:
    exchange = Exchange(site, journal)
    conflicts: list[str] = []
    try:
        exchange.make_directories()
        files = [entry for entry in journal.entries if entry.path != journal.lock]
        conflicts += [entry.path for entry in files if not exchange.do(entry)]
        if conflicts:
            journal = exchange.journal = _amend_lock(site, exchange, frozenset(conflicts), amend)
        conflicts += [entry.path for entry in journal.entries if entry.path == journal.lock and not exchange.do(entry)]
        exchange.remove_directories()
    except (OSError, ClaudepackError):
        exchange.undo()
        _finish(site, exchange)
        raise
    return Outcome(tuple(conflicts), _finish(site, exchange))


def _finish(site: Site, exchange: Exchange) -> tuple[str, ...]:
    """Bring all to the disk, rescue what somebody wrote meanwhile, and only then forget the run."""
    rescued: list[str] = []
    for area in exchange.journal.areas:
        if os.path.isdir(folder := locate_area(site, area)):
            primitives.sync_file_system(folder)
    rescue(site, exchange, lambda _, where: rescued.append(where))
    empty_stage(site, exchange.journal.areas)
    drop_journal(site)
    return tuple(rescued)


def _amend_lock(site: Site, exchange: Exchange, conflicts: frozenset[str], amend: Amend) -> Journal:
    """Let the lock say what really happened: its new text goes into the stage, and the journal names it."""
    journal = exchange.journal
    target = exchange.targets.resolve(journal.lock)
    old = _read(target)
    entry = next((item for item in journal.entries if item.path == journal.lock), None)
    new = old if entry is None else _read(exchange.slot(entry)) if entry.post else None
    data = amend(old, new, conflicts)
    pre = primitives.hash_file(target)
    fresh = Entry(journal.lock, "lock", 0, pre, None)
    if data is not None:
        fresh = Entry(journal.lock, "lock", 0, pre, hashlib.sha256(data).hexdigest())
        primitives.write_durably(exchange.slot(fresh), data)
    if data == old:
        fresh = Entry(journal.lock, "lock", 0, pre, pre)
    amended = journal.with_lock(fresh)
    write_journal(site, amended)
    return amended


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _list_areas(site: Site) -> tuple[str, ...]:
    """The folders that a stage may have left: where there is no journal, nobody else knows them."""
    areas = (f"{FOLDER}/stage", f".claude/{FOLDER}/stage")
    return ("", *(area for area in areas if os.path.isdir(os.path.join(site.root, area))))


@contextlib.contextmanager
def _state_folder(site: Site) -> Iterator[None]:
    """`.claudepack` with a `.gitignore` of its own while there is something in it, and no longer."""
    folder = os.path.join(site.root, FOLDER)
    os.makedirs(site.state, exist_ok=True)
    try:
        yield
    finally:
        tidy(folder)


def tidy(folder: str) -> None:
    """Let `.claudepack` ignore itself in git; remove it where nothing else is in it."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    ignore = os.path.join(folder, ".gitignore")
    if not set(names) - {".gitignore"}:
        primitives.remove(ignore)
        primitives.remove_directory(folder)
    elif ".gitignore" not in names:
        with open(ignore, "w", encoding="utf-8") as stream:
            stream.write(_IGNORE_ITSELF)


@contextlib.contextmanager
def termination_raised() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C does, so that nothing is left behind; its exit code stays 143."""

    def terminate(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until what was committed is done."""
    arrived: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in arrived:
        signal.raise_signal(late)
