"""Runs of the tool that are killed at a chosen step: a process of its own, a real SIGKILL.

A step is a call that changes a disk. Python tells of its own through audit events before each; the calls into
the C library are wrapped.
"""

import contextlib
import functools
import io
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from trees import write_pack

STEPS = frozenset(["open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "os.truncate"])
_READ_ONLY = os.O_ACCMODE


class Steps:
    """Counts the steps below a directory, and sends the process a signal at one of them; 0 sends it never."""

    def __init__(self, root: Path, kill_at: int, number: int) -> None:
        self.root = str(root)
        self.kill_at = kill_at
        self.number = number
        self.count = 0

    def hear(self, event: str, details: tuple[object, ...]) -> None:
        if event in STEPS and details and _locate(event, details).startswith(self.root):
            writes = event != "open" or (isinstance(details[2], int) and details[2] & _READ_ONLY != os.O_RDONLY)
            if writes:
                self.take()

    def take(self) -> None:
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), self.number)


def _locate(event: str, details: tuple[object, ...]) -> str:
    """The path of a step; one that is relative to an open directory (so is a tree removed) made absolute."""
    path, folder = str(details[0]), details[1] if event in ("os.remove", "os.rmdir") else -1
    if not isinstance(folder, int) or folder < 0:
        return path
    return str(Path(f"/proc/self/fd/{folder}").readlink() / path)


class Kills:
    """How many there were: printed at the end, so that nobody has to believe it."""

    count = 0
    power_cuts = 0
    saves = 0

    @classmethod
    def tell(cls) -> list[int]:
        """The numbers, as another process may take them over."""
        return [cls.count, cls.power_cuts, cls.saves]

    @classmethod
    def add(cls, told: Sequence[int]) -> None:
        """Take over the numbers of another process; it may have none."""
        count, power_cuts, saves = told or (0, 0, 0)
        cls.count, cls.power_cuts, cls.saves = cls.count + count, cls.power_cuts + power_cuts, cls.saves + saves


def run_killed(
    words: Sequence[str],
    project: Path,
    kill_at: int,
    *,
    portable: bool = False,
    below: Path | None = None,
    number: int = signal.SIGKILL,
) -> tuple[int, int]:
    """Run the tool in a fork, killed before its n-th step.

    Args:
        words: Its command line.
        project: The directory that it runs in.
        kill_at: The step, from 1; 0 for none.
        portable: Whether the system is to know neither renameat2 nor syncfs.
        below: The directory whose steps count; the project unless told.
        number: Another signal than SIGKILL.

    Returns:
        The exit code (negative: the signal), and how many steps were taken if it came to its end.
    """
    from claudepack import cli

    return _fork(lambda: cli.main(list(words)), Steps(below or project, kill_at, number), project, portable=portable)


def recover_killed(project: Path, kill_at: int = 0, *, portable: bool = False) -> tuple[int, int]:
    """Only finish or drop what a killed run left, as every run does first: a plan would mend what that got wrong."""

    def recover() -> int:
        from claudepack.apply import transaction
        from claudepack.apply.hold import hold_project
        from claudepack.project.location import find_project
        from claudepack.project.lock import amend_lock

        found = find_project(str(project), user=False)
        with hold_project(found.root, found.git_root, print) as site:
            transaction.recover(site, amend_lock)
        return 0

    return _fork(recover, Steps(project, kill_at, signal.SIGKILL), project, portable=portable)


def _fork(job: Callable[[], int], steps: Steps, project: Path, *, portable: bool) -> tuple[int, int]:
    _warm_up()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 70
        try:
            code = _run(job, project, steps, portable, writer)
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as stream:
        told = stream.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    Kills.count += code == -signal.SIGKILL
    return code, int(told or 0)


@functools.cache
def _warm_up() -> None:
    """Import in this process what a run imports: a fork then takes a tenth of the time."""
    from claudepack import cli

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        pack = write_pack(Path(folder) / "mine", {"CLAUDE.md": "context\n"})
        for words in (["install", str(pack)], ["sync"], ["uninstall", "mine"]):
            assert cli.main([*words, "-C", folder]) == 0


def _run(job: Callable[[], int], project: Path, steps: Steps, portable: bool, writer: int) -> int:  # noqa: FBT001
    from claudepack.apply import primitives

    os.chdir(project)
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it ends with the process
    real: Callable[[str], Callable[..., int] | None] = primitives._find  # noqa: SLF001 - where the C library is entered

    def find(name: str) -> Callable[..., int] | None:
        call = None if portable else real(name)
        if call is None:
            return None

        def counted(*arguments: object) -> int:
            steps.take()
            return call(*arguments)

        return counted

    primitives._find = find  # type: ignore[assignment]  # noqa: SLF001  # in this process, which ends with the run
    sys.addaudithook(steps.hear)
    try:
        code = job()
    except SystemExit as end:  # so SIGTERM ends a run
        code = int(end.code or 0)
    os.write(writer, str(steps.count).encode())
    return code
