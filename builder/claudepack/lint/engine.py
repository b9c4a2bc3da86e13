"""Running the rules: each file by itself, so that processes can share them, then the whole by the facts about them."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import chain, islice
from typing import NamedTuple

from claudepack.lint.facts import find_facts
from claudepack.lint.fault import Fault
from claudepack.lint.registry import Rule, TextCheck, load_rules
from claudepack.lint.selection import NONE_SILENCED, Selection, Silences, read_silences
from claudepack.lint.subject import Facts, File, Subject, Text
from claudepack.report.finding import Finding

_MANY = 400  # fewer files are read before a second process has started
_CHUNK = 50
_LONGEST = 1000  # of a line, what is shown at most
_MOST = 1000  # of one kind, what is told of a file at most: nobody reads more, and a file may be made for it


class Report(NamedTuple):
    """What one file has: its findings, the facts about it, and what its comments silence."""

    findings: tuple[Finding, ...]
    facts: Facts
    silences: Silences


def check_subject(
    subject: Subject, selection: Selection | None = None, jobs: int = 1, *, heeds_comments: bool = True
) -> list[Finding]:
    """All that is wrong, in the order of paths, lines and codes.

    Args:
        subject: What is checked.
        selection: Which rules count; all of them unless told.
        jobs: In how many processes; more than one only pays for many files that lie on a disk.
        heeds_comments: Whether a file may silence rules: not where it may come from anybody.
    """
    selection = selection or Selection()
    codes = tuple(code for code in load_rules() if selection.takes(code))
    check = partial(check_file, codes=codes, heeds_comments=heeds_comments)
    files = {path: file for path, file in subject.files.items() if not file.is_clean or file.head}
    reports = dict(zip(files, _read_files(list(files.values()), check, jobs), strict=True))
    found = [*chain.from_iterable(report.findings for report in reports.values())]
    facts = {path: report.facts for path, report in reports.items()}
    for code in codes:
        rule = load_rules()[code]
        counts = Counter[str]()
        for fault in rule.check_tree(subject, facts) if rule.check_tree else ():
            report = reports.get(fault.path)
            if report is None or not report.silences.silence(code, fault.line):
                counts[fault.path] += 1
                if counts[fault.path] <= _MOST:
                    found.append(_place(rule, fault, subject))
    kept = [finding for finding in found if not selection.exempts(finding.path, finding.code)]
    return sorted(dict.fromkeys(kept), key=_order)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return (finding.path, finding.line, finding.column, finding.code, finding.message)


def _read_files(files: Sequence[File], check: Callable[[File], Report], jobs: int) -> Iterable[Report]:
    workers = min(jobs, len(files) // _CHUNK)
    if workers < 2 or len(files) < _MANY:  # noqa: PLR2004 - one process is this one
        return map(check, files)
    from concurrent.futures import ProcessPoolExecutor

    try:
        with ProcessPoolExecutor(workers) as pool:
            return list(pool.map(check, files, chunksize=_CHUNK))
    except OSError:  # the system has no semaphores or no processes for it
        return map(check, files)


def count_jobs() -> int:
    """How many processes may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_file(file: File, codes: Sequence[str], *, heeds_comments: bool = True) -> Report:
    """Run the rules about one file on it.

    Args:
        file: The file.
        codes: The codes of the rules that count.
        heeds_comments: Whether it may silence rules.
    """
    text = Text(file)
    if file.is_clean:  # others may have its name
        return Report((), find_facts(text), NONE_SILENCED)
    silences = read_silences(text.content) if heeds_comments else NONE_SILENCED
    found = []
    for rule, check in _find_checks(tuple(codes)):
        for fault in islice(check(text), _MOST):
            if not silences.silence(rule.code, fault.line):
                source = text.lines[fault.line - 1] if 0 < fault.line <= len(text.lines) else ""
                found.append(_name(rule, fault, file.shown, source))
    return Report(tuple(found), find_facts(text), silences)


@cache
def _find_checks(codes: tuple[str, ...]) -> list[tuple[Rule, TextCheck]]:
    """The rules about one file with what each does, which is called for every file."""
    rules = [load_rules()[code] for code in codes]
    return [(rule, rule.check_text) for rule in rules if rule.check_text]


def _place(rule: Rule, fault: Fault, subject: Subject) -> Finding:
    """A finding about the whole: in a file, where it is about one, else in the place itself."""
    file = subject.files.get(fault.path)
    source = ""
    if file and fault.line:
        lines = subject.read(fault.path).lines
        source = lines[fault.line - 1] if fault.line <= len(lines) else ""
    return _name(rule, fault, file.shown if file else _show_folder(subject, fault.path), source)


def _show_folder(subject: Subject, path: str) -> str:
    """A folder as its files are shown."""
    inside = next((file for name, file in subject.files.items() if name.startswith(f"{path}/")), None)
    return (
        inside.shown.removesuffix(inside.path.removeprefix(f"{path}/")).rstrip("/") if inside else path or subject.shown
    )


def _name(rule: Rule, fault: Fault, shown: str, source: str) -> Finding:
    return Finding(
        rule.code,
        rule.slug,
        rule.severity,
        shown,
        fault.line,
        fault.column,
        fault.end,
        fault.message,
        fault.hint,
        "" if fault.is_secret else source[:_LONGEST],
        fault.edits,
    )
