"""Holding a project: one run at a time changes it. The system lets go of the lock when its process ends, however."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from filelock import FileLock, Timeout

from claudepack.apply import primitives
from claudepack.apply.signals import termination_raised
from claudepack.apply.site import FOLDER, Site, choose_site
from claudepack.errors import BusyError, ClaudepackError

SECONDS = 10.0
_QUIET_SECONDS = 0.5
_STEP = 0.05


@contextlib.contextmanager
def hold_project(root: str, git_root: str, tell: Callable[[str], None]) -> Iterator[Site]:
    """Hold a project while it is changed; ten seconds are waited for another run to end.

    Args:
        root: The absolute path of the project; made if it is not there.
        git_root: The top of the git checkout, empty where there is none.
        tell: Is told, once, whom it waits for.

    Raises:
        BusyError: The other run did not end.
        ClaudepackError: The system refuses.
    """
    missing = _find_missing(root)
    with termination_raised():
        try:
            os.makedirs(root, exist_ok=True)
            site = choose_site(root, git_root)
            lock = _acquire(site, tell)
        except OSError as error:
            _remove_made(missing)
            raise ClaudepackError(
                f"{error.filename or root}: {error.strerror or error}; nothing was changed",
                code="os",
                hint="make it writable, or free some space, then run this again",
            ) from error
        try:
            _write_holder(site)
            yield site
        finally:
            _let_go(site, lock)
            _remove_made(missing)


def _let_go(site: Site, lock: FileLock) -> None:
    """What is written is written before the lock goes; afterwards only what is empty may be removed."""
    primitives.remove(site.holder)
    _tidy(site)
    if site.is_inside:
        with contextlib.suppress(PermissionError):  # Windows: releasing removes it
            primitives.remove(lock.lock_file)
    lock.release()
    if site.is_inside:
        primitives.remove_directory(site.state)
    primitives.remove_directory(os.path.join(site.root, FOLDER))


def _tidy(site: Site) -> None:
    """Let `.claudepack` ignore itself in git while there is something in it."""
    folder = os.path.join(site.root, FOLDER)
    if os.path.islink(folder) or not os.path.isdir(folder):
        return
    ignore = os.path.join(folder, ".gitignore")
    going = {".gitignore", os.path.basename(site.state)} if site.is_inside else {".gitignore"}
    names = set(os.listdir(folder))
    if not names - going:
        primitives.remove(ignore)
    elif ".gitignore" not in names:
        with open(ignore, "w", encoding="utf-8") as stream:
            stream.write("*\n")


def _acquire(site: Site, tell: Callable[[str], None]) -> FileLock:
    begin = time.monotonic()
    told = False
    while True:
        lock = FileLock(os.path.join(site.state, "lock"))
        try:
            os.makedirs(site.state, exist_ok=True)  # a run that ends removes it, perhaps right now
            lock.acquire(timeout=0)
        except (Timeout, FileNotFoundError):
            waited = time.monotonic() - begin
            holder = _read_holder(site)
            if waited > SECONDS:
                raise BusyError(
                    f"another run{holder} holds {site.root}",
                    code="busy",
                    hint="wait until it has ended, then run this again",
                ) from None
            if waited > _QUIET_SECONDS and not told:
                told = True
                tell(f"waiting for another run{holder}, which holds this project")
            time.sleep(_STEP)
        else:
            return lock


def _write_holder(site: Site) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    number = os.open(site.holder, flags, 0o666)  # one step: without it nobody would look for what a killed run left
    with open(number, "w", encoding="ascii") as stream:
        stream.write(str(os.getpid()))


def _read_holder(site: Site) -> str:
    try:
        with open(site.holder, encoding="ascii", errors="replace") as stream:
            text = stream.read(20)
    except OSError:
        return ""
    return f" (process {text})" if text.isdigit() else ""


def _find_missing(root: str) -> list[str]:
    missing = []
    while not os.path.lexists(root):
        missing.append(root)
        root = os.path.dirname(root)
    return missing


def _remove_made(missing: list[str]) -> None:
    """A root that this run made and that stayed empty goes again."""
    for folder in missing:
        primitives.remove_directory(folder)
