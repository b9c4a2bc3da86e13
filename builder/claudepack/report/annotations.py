"""Findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from collections.abc import Iterator, Mapping, Sequence

from claudepack.report.finding import Finding, Severity

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def annotate(findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding in a line."""
    for finding in findings:
        title = f"{finding.code} {finding.slug}"
        given: dict[str, str | int] = {"file": finding.path, "line": finding.line, "col": finding.column}
        given |= {"endColumn": finding.end if finding.end > finding.column else 0, "title": title}
        told = ",".join(f"{key}={_escape(str(value), ':,')}" for key, value in given.items() if value)
        text = f"{finding.message}\n{finding.hint}" if finding.hint else finding.message
        yield f"::{_COMMANDS[finding.severity]} {told}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    """As GitHub's runner reads it; in a property, a colon and a comma end something, too."""
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
