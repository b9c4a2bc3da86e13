"""Running the rules: each file by itself, so that processes can share them, then the whole by the facts about them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain

from claudepack.lint.facts import find_facts
from claudepack.lint.fault import Fault
from claudepack.lint.registry import Rule, load_rules
from claudepack.lint.selection import Selection, Silences, read_silences
from claudepack.lint.subject import Facts, File, Subject, Text
from claudepack.report.finding import Finding

_MANY = 400  # fewer files are read before a second process has started
_CHUNK = 50
_LONGEST = 1000  # of a line, what is shown at most


@dataclass(frozen=True)
class Report:
    """What one file has: its findings, the facts about it, and what its comments silence."""

    findings: tuple[Finding, ...]
    facts: Facts
    silences: Silences


def check_subject(subject: Subject, selection: Selection | None = None, jobs: int = 1) -> list[Finding]:
    """All that is wrong, in the order of paths, lines and codes.

    Args:
        subject: What is checked.
        selection: Which rules count; all of them unless told.
        jobs: In how many processes; more than one only pays for many files that lie on a disk.
    """
    selection = selection or Selection()
    codes = tuple(code for code in load_rules() if selection.takes(code))
    reports = dict(zip(subject.files, _read_files(list(subject.files.values()), codes, jobs), strict=True))
    found = [*chain.from_iterable(report.findings for report in reports.values())]
    facts = {path: report.facts for path, report in reports.items()}
    for code in codes:
        rule = load_rules()[code]
        for fault in rule.check_tree(subject, facts) if rule.check_tree else ():
            report = reports.get(fault.path)
            if report is None or not report.silences.silence(code, fault.line):
                found.append(_place(rule, fault, subject))
    kept = [finding for finding in found if not selection.exempts(finding.path, finding.code)]
    return sorted(dict.fromkeys(kept), key=_order)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return (finding.path, finding.line, finding.column, finding.code, finding.message)


def _read_files(files: Sequence[File], codes: Sequence[str], jobs: int) -> Iterable[Report]:
    check = partial(check_file, codes=codes)
    workers = min(jobs, len(files) // _CHUNK)
    if workers < 2 or len(files) < _MANY:  # noqa: PLR2004 - one process is this one
        return map(check, files)
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(check, files, chunksize=_CHUNK))


def count_jobs() -> int:
    """How many processes may run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_file(file: File, codes: Sequence[str]) -> Report:
    """Run the rules about one file on it.

    Args:
        file: The file.
        codes: The codes of the rules that count.
    """
    text = Text(file)
    silences = read_silences(text.content)
    found = [finding for code in codes for finding in _apply(load_rules()[code], text, silences)]
    return Report(tuple(found), find_facts(text), silences)


def _apply(rule: Rule, text: Text, silences: Silences) -> Iterator[Finding]:
    for fault in rule.check_text(text) if rule.check_text else ():
        if not silences.silence(rule.code, fault.line):
            source = text.lines[fault.line - 1] if 0 < fault.line <= len(text.lines) else ""
            yield _name(rule, fault, text.file.shown, source)


def _place(rule: Rule, fault: Fault, subject: Subject) -> Finding:
    """A finding about the whole: in a file, where it is about one, else in the place itself."""
    file = subject.files.get(fault.path)
    source = ""
    if file and fault.line:
        lines = Text(file).lines
        source = lines[fault.line - 1] if fault.line <= len(lines) else ""
    return _name(rule, fault, file.shown if file else fault.path or subject.shown, source)


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
        source[:_LONGEST],
        fault.edits,
    )
