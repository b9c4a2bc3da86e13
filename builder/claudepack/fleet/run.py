"""A run over a fleet: its repositories mapped over an executor, their results written down, and told at the end."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from math import inf
from pathlib import Path

from claudepack.apply.signals import termination_raised
from claudepack.errors import ClaudepackError
from claudepack.fleet.job import sync_repository
from claudepack.fleet.mapping import map_window
from claudepack.fleet.progress import shown_progress
from claudepack.fleet.results import Results, read_last, refuse_foreign
from claudepack.fleet.spec import CONFLICTS, RepositoryReport, RepositorySpec, dump_report, report_error
from claudepack.report.result import Result
from claudepack.report.text import count_things

_SHOWN = 40
_STATES = {
    "pushed": "pushed",
    "ready": "ready, and not pushed",
    "proposed": "proposed before",
    "held": "left to who works on the branch",
    "unchanged": "up to date",
    "conflict": "with conflicts",
    "failed": "failed",
}


@dataclass(frozen=True)
class Course:
    """How a run is done.

    Attributes:
        results: The file of its results.
        window: How many repositories are under way at once.
        per_minute: How many are begun in a minute at most; 0 for as many as can be.
        max_failures: After how many no more are begun; 0 for never.
        limit: How many are pushed at most; 0 for all.
        max_open: How many branches of ours may be open at most, of those that a run meets; 0 for any number.
        resume: Those that have a result are left out.
        failed: Only those are done that came to nothing, or to conflicts.
        quiet: Nobody is told how far it is.
        as_json: Every report is told, for programs.
    """

    results: Path
    window: int
    per_minute: float = 0
    max_failures: int = 0
    limit: int = 0
    max_open: int = 0
    resume: bool = False
    failed: bool = False
    quiet: bool = False
    as_json: bool = False


def run_fleet(command: str, specs: Iterable[RepositorySpec], executor: Executor, course: Course) -> Result:
    """Do a run, and say what came of it.

    Raises:
        BusyError: Another run writes its results there.
        ClaudepackError: There are no results to go on from, or something else is where they are to go.
    """
    refuse_foreign(course.results)
    goes_on = course.failed or (course.resume and course.results.exists())
    keys: set[str] = set()
    counts: Counter[str] = Counter()
    with (
        termination_raised(),
        Results(course.results, goes_on=goes_on) as results,
        shown_progress(quiet=course.quiet) as tell,
    ):
        wanted = _choose(specs, results.before, course, keys)
        for report in map_window(
            executor,
            sync_repository,
            wanted,
            window=course.window,
            per_minute=course.per_minute,
            explain=_explain_death,
            room=lambda: min(_list_room(course, counts).values()),
        ):
            counts[report.state] += 1
            results.add(report)
            tell(report.state, report.name)
        why = "" if next(wanted, None) is None else _explain_rest(course, counts)
    return _conclude(command, course, keys, why)


def _choose(
    specs: Iterable[RepositorySpec], before: Mapping[str, int], course: Course, keys: set[str]
) -> Iterator[RepositorySpec]:
    """What is to be done of what is asked; all keys of that are noted, for an earlier run may have had others."""
    for spec in specs:
        keys.add(spec.key)
        if _is_wanted(before.get(spec.key), course):
            yield spec


def _explain_death(spec: RepositorySpec, error: Exception) -> RepositoryReport:
    told = ClaudepackError(
        f"{spec.name}: {type(error).__name__}: {error}", code="worker", hint="--failed does it again"
    )
    return report_error(spec, told)


def _list_room(course: Course, counts: Mapping[str, int]) -> dict[str, float]:
    """How many more may be begun, by what forbids it."""
    pushed = counts["pushed"] + counts["ready"]
    is_open = pushed + counts["proposed"] + counts["held"]
    return {
        "too many failed": course.max_failures - counts["failed"] if course.max_failures else inf,
        "as many were pushed as were to be": course.limit - pushed if course.limit else inf,
        "as many branches of ours are open as may be": course.max_open - is_open if course.max_open else inf,
    }


def _explain_rest(course: Course, counts: Mapping[str, int]) -> str:
    room = _list_room(course, counts)
    return f"{min(room, key=lambda why: room[why])}: the rest was not begun"


def _is_wanted(exit_before: int | None, course: Course) -> bool:
    if course.failed:
        return bool(exit_before)
    return exit_before is None


def _conclude(command: str, course: Course, keys: Collection[str], why_left_out: str) -> Result:
    """What is told of a run; the table is as long as what went wrong, and the whole is in the file."""
    path = course.results
    counts: Counter[str] = Counter()
    rows: dict[bool, list[str]] = {True: [], False: []}  # what somebody has to look at goes first
    is_failed = has_conflicts = False
    for report in read_last(path, keys):
        counts[report.state] += 1
        is_failed, has_conflicts = is_failed or report.is_failed, has_conflicts or report.exit == CONFLICTS
        group = rows[report.state in ("failed", "conflict", "held")]
        if len(group) <= _SHOWN:
            group += _describe(report)
    shown = [*rows[True], *rows[False]]
    if len(shown) > _SHOWN:
        shown = [*shown[:_SHOWN], f"… and more: {path} has them all"]
    told = ", ".join(f"{count} {_STATES[state]}" for state, count in sorted(counts.items()))
    notices = (why_left_out,) if why_left_out else ()
    all_told = count_things(sum(counts.values()), "repository", "repositories")
    lines = (*shown, f"{all_told}: {told}" if told else "no repository to do")
    code = 1 if is_failed else CONFLICTS if has_conflicts else 0
    extra = {"repositories": [dump_report(report) for report in read_last(path, keys)]} if course.as_json else {}
    lines = (*lines, *(f"note: {notice}" for notice in notices))
    return Result(command, code, notices=notices, lines=lines, extra=extra)


def _describe(report: RepositoryReport) -> Iterator[str]:
    """What somebody has to know of a repository; nothing of one that is at rest."""
    if report.state in ("unchanged", "proposed"):
        return
    moved = [f"{pack.name} {pack.version or 'taken out'}" for pack in report.packs if pack.version != pack.previous]
    parts = [f"{report.state:<9} {report.name}", report.pull_request or report.branch, ", ".join(moved)]
    yield "  ".join(part for part in parts if part)
    yield from (f"          {path}" for path in report.conflicts)
    if report.error:
        message = report.error["message"].removeprefix(f"{report.url}: ")  # the name stands above it
        yield from (f"          {line}" for line in message.split("\n")[:1])
        yield from (f"            {line}" for line in report.error["hint"].split("\n")[:1] if line)
