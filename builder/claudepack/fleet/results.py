"""The results of a run: a file of JSON lines, each written as soon as it is there."""

import json
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from claudepack.errors import BusyError, ClaudepackError
from claudepack.fleet.spec import RepositoryReport, dump_report, load_report

_BEGIN = b'{"url": "'  # of each line


def refuse_foreign(path: Path) -> None:
    """Refuse a file that is none of results: they would be written over it.

    Raises:
        ClaudepackError: Something else is there.
    """
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise ClaudepackError(f"{path}: results are kept in a plain file", code="usage", hint="name one, or a new one")
    with path.open("rb") as stream:
        begin = stream.read(len(_BEGIN))
    if not _BEGIN.startswith(begin):
        raise ClaudepackError(
            f"{path} holds something else than the results of a fleet", code="usage", hint="name another file"
        )


class Results:
    """The file of a run's results, held while it goes on: two runs would write over each other's.

    Attributes:
        before: The exit code that each spec came to in the run that this one goes on from, by its key.

    Raises:
        BusyError: Another run holds it.
        ClaudepackError: There are no results to go on from.
    """

    def __init__(self, path: Path, *, goes_on: bool) -> None:
        if goes_on and not path.exists():
            raise _absent(path)
        self.before: dict[str, int] = {}
        self.stream = path.open("a+b")
        try:
            _take(self.stream, path)
            if goes_on:
                self._go_on()
            else:
                self.stream.truncate(0)
        except BaseException:
            self.stream.close()
            raise

    def _go_on(self) -> None:
        """Read what is there by the handle that holds it: on Windows no other one may."""
        self.stream.seek(0)
        self.before = list_last(_parse(self.stream))
        if _is_torn(self.stream):  # a run was killed in the middle of a line: it is no line of anybody's
            self.stream.write(b"\n")

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self.stream.close()

    def add(self, report: RepositoryReport) -> None:
        """Write one down."""
        self.stream.write(json.dumps(dump_report(report)).encode() + b"\n")
        self.stream.flush()


def _take(stream: BinaryIO, path: Path) -> None:
    """Hold a file until it is closed; the system lets go of it when the process ends, however."""
    from filelock import lock_descriptor

    try:
        is_ours = lock_descriptor(stream.fileno(), blocking=False)
    except OSError:  # a file system without locks: nobody can hold it, and the run goes on as there
        return
    if not is_ours:
        raise BusyError(
            f"another run{_name_holder(stream)} writes its results to {path}",
            code="busy",
            hint="wait until it has ended, or name another file with --results",
        )


def _name_holder(stream: BinaryIO) -> str:
    """The process that holds a file, where the system tells: Linux does."""
    inode = str(os.fstat(stream.fileno()).st_ino)
    try:
        rows = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
    except OSError:
        return ""
    found = {row[4] for row in rows if row[1] == "FLOCK" and row[5].rpartition(":")[2] == inode}
    return f" (process {found.pop()})" if len(found) == 1 else ""


def _is_torn(stream: BinaryIO) -> bool:
    """Whether a file does not end with the end of a line."""
    if not stream.seek(0, os.SEEK_END):
        return False
    stream.seek(-1, os.SEEK_END)
    return stream.read() != b"\n"


def read_results(path: Path) -> Iterator[RepositoryReport]:
    """The results of a file; a line that a killed run has left in its middle is none.

    Raises:
        ClaudepackError: There is no such file.
    """
    try:
        with path.open("rb") as stream:
            yield from _parse(stream)
    except FileNotFoundError as error:
        raise _absent(path) from error


def _parse(lines: Iterable[bytes]) -> Iterator[RepositoryReport]:
    for line in lines:
        try:
            yield load_report(json.loads(line))
        except (ValueError, TypeError, KeyError):
            continue


def _absent(path: Path) -> ClaudepackError:
    return ClaudepackError(
        f"{path}: there are no results of an earlier run", code="not-found", hint="run it without --resume, --failed"
    )


def list_last(reports: Iterable[RepositoryReport]) -> dict[str, int]:
    """The exit code that each spec came to last, by its key."""
    return {report.key: report.exit for report in reports}


def read_last(path: Path, keys: Collection[str]) -> Iterator[RepositoryReport]:
    """The last result of each of some specs, in the order of the file."""
    last = {report.key: number for number, report in enumerate(read_results(path))}
    for number, report in enumerate(read_results(path)):
        if report.key in keys and last[report.key] == number:
            yield report
