"""Holding a project: one run at a time changes it. The system lets go of the lock when its process ends, however."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from filelock import FileLock, Timeout

from claudepack.apply import primitives
from claudepack.apply.refused import explain
from claudepack.apply.signals import signals_held, termination_raised
from claudepack.apply.site import FOLDER, Site, choose_site
from claudepack.errors import BusyError, ClaudepackError
from claudepack.hashing import read_plain

SECONDS = 10.0
_QUIET_SECONDS = 0.5
_STEP = 0.05


@contextlib.contextmanager
def hold_project(
    root: str, git_root: str, tell: Callable[[str], None], *, is_throwaway: bool = False
) -> Iterator[Site]:
    """Hold a project while it is changed; ten seconds are waited for another run to end.

    Args:
        root: The absolute path of the project; made if it is not there.
        git_root: The top of the git checkout, empty where there is none.
        tell: Is told, once, whom it waits for.
        is_throwaway: Whether nobody will look at the project after a power cut.

    Raises:
        BusyError: The other run did not end.
        ClaudepackError: The system refuses.
    """
    hold = _Hold(root, git_root)
    with termination_raised():
        try:
            yield _wait(hold, tell)._replace(is_throwaway=is_throwaway)
        finally:
            hold.release()


class _Hold:
    """The hold on a project, taken or not. No signal comes between what is made and the note that it is."""

    def __init__(self, root: str, git_root: str) -> None:
        self.root = root
        self.git_root = git_root
        self.missing = _find_missing(root)
        self.site: Site | None = None
        self.lock: FileLock | None = None

    def take(self) -> Site | None:
        """Try once; None where another run holds the project."""
        try:
            return self._take()
        except OSError as error:
            raise explain(self.site or Site(self.root, ""), error, "nothing was changed") from error

    def _take(self) -> Site | None:
        with signals_held():
            os.makedirs(self.root, exist_ok=True)
            site = self.site = choose_site(self.root, self.git_root)
            lock = FileLock(os.path.join(site.state, "lock"))
            try:
                os.makedirs(site.state, exist_ok=True)  # a run that ends removes it, perhaps right now
                lock.acquire(timeout=0)
            except (Timeout, FileNotFoundError, FileExistsError):
                return None
            self.lock = lock
            _write_holder(site)
            return site

    def release(self) -> None:
        """What is written is written before the lock goes; afterwards only what is empty may be removed."""
        with signals_held():
            if self.site and self.lock:
                if not os.path.lexists(self.site.journal) and not os.path.lexists(self.site.stage):
                    primitives.remove(self.site.holder)  # else the next run has to look for what was left
                _tidy(self.site)
                if self.site.is_inside:
                    with contextlib.suppress(PermissionError):  # Windows: releasing removes it
                        primitives.remove(self.lock.lock_file)
                self.lock.release()
            if self.site and self.site.is_inside:
                primitives.remove_directory(self.site.state)
            primitives.remove_directory(os.path.join(self.root, FOLDER))
            for folder in self.missing:  # one that this run made, and that stayed empty
                primitives.remove_directory(folder)


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


def _wait(hold: _Hold, tell: Callable[[str], None]) -> Site:
    begin = time.monotonic()
    told = False
    while (site := hold.take()) is None:
        waited = time.monotonic() - begin
        holder = _read_holder(hold.site)
        if waited > SECONDS:
            raise BusyError(
                f"another run{holder} holds {hold.root}",
                code="busy",
                hint="wait until it has ended, then run this again",
            )
        if waited > _QUIET_SECONDS and not told:
            told = True
            tell(f"waiting for another run{holder}, which holds this project")
        time.sleep(_STEP)
    return site


def _write_holder(site: Site) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | primitives.CAREFUL
    number = os.open(site.holder, flags, 0o666)  # one step: without it nobody would look for what a killed run left
    with open(number, "w", encoding="ascii") as stream:
        stream.write(str(os.getpid()))


def _read_holder(site: Site | None) -> str:
    if site is None:
        return ""
    try:
        text = read_plain(site.holder, site.holder).decode("ascii", "replace")
    except (OSError, ClaudepackError):
        return ""
    return f" (process {text})" if text.isdigit() else ""


def _find_missing(root: str) -> list[str]:
    missing = []
    while not os.path.lexists(root):
        missing.append(root)
        root = os.path.dirname(root)
    return missing
