"""The results of a run: a file of JSON lines, each written as soon as it is there."""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from claudepack.errors import ClaudepackError
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
    """The file of a run's results, held open while it goes on."""

    def __init__(self, path: Path, *, goes_on: bool) -> None:
        self.path = path
        self.has_torn = goes_on and _is_torn(path)
        self.stream = path.open("a" if goes_on else "w", encoding="utf-8")

    def __enter__(self) -> Self:
        """Begin."""
        if self.has_torn:  # a run was killed in the middle of a line: it is no line of anybody's
            self.stream.write("\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self.stream.close()

    def add(self, report: RepositoryReport) -> None:
        """Write one down."""
        self.stream.write(json.dumps(dump_report(report)) + "\n")
        self.stream.flush()


def _is_torn(path: Path) -> bool:
    """Whether a file does not end with the end of a line."""
    with path.open("rb") as stream:
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
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                try:
                    yield load_report(json.loads(line))
                except (ValueError, TypeError, KeyError):
                    continue
    except FileNotFoundError as error:
        raise ClaudepackError(
            f"{path}: there are no results of an earlier run",
            code="not-found",
            hint="run it without --resume, --failed",
        ) from error


def list_last(path: Path) -> dict[str, int]:
    """The exit code that each spec of a file came to last, by its key."""
    return {report.key: report.exit for report in read_results(path)}


def read_last(path: Path, keys: Collection[str]) -> Iterator[RepositoryReport]:
    """The last result of each of some specs, in the order of the file."""
    last = {report.key: number for number, report in enumerate(read_results(path))}
    for number, report in enumerate(read_results(path)):
        if report.key in keys and last[report.key] == number:
            yield report
