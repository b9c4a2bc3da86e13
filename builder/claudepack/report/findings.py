"""Findings for people: the line as it stands, a caret under what is meant, what to do."""

from collections.abc import Iterator, Sequence

from claudepack.report.finding import Finding
from claudepack.report.text import count_things, escape_controls

_WIDTH = 100


def describe_findings(findings: Sequence[Finding]) -> Iterator[str]:
    """Each finding in its lines."""
    for finding in findings:
        yield f"{_place(finding)}  {finding.severity}  {finding.code} {finding.message}"
        yield from _show_source(finding)
        if finding.hint:
            yield f"    = {finding.hint}" + ("  [--fix does it]" if finding.edits else "")


def _place(finding: Finding) -> str:
    line = f":{finding.line}" if finding.line else ""
    path = finding.path.replace("\n", "\\n")  # a name must not make lines of its own, which a CI would obey
    return path + line + (f":{finding.column}" if finding.line and finding.column else "")


def _show_source(finding: Finding) -> Iterator[str]:
    if not finding.source.strip():
        return
    start = max(finding.column - 1, 0)
    cut = max(start - _WIDTH // 2, 0)  # of a very long line, what is around the place
    shown = escape_controls(finding.source[cut : cut + _WIDTH])
    number = str(finding.line)
    yield f"    {number} | {shown}"
    if finding.column:
        before = len(escape_controls(finding.source[cut:start]))
        length = max((finding.end or finding.column + 1) - finding.column, 1)
        marks = "^" * max(min(length, len(shown) - before), 1)
        yield f"    {' ' * len(number)} | {' ' * before}{marks}"


def count_findings(findings: Sequence[Finding], files: int) -> str:
    """How many of each severity, in a sentence."""
    counts = {
        severity: sum(item.severity == severity for item in findings) for severity in ("error", "warning", "note")
    }
    told = [count_things(count, severity) for severity, count in counts.items() if count]
    fixable = sum(bool(finding.edits) for finding in findings)
    more = f"; {fixable} that --fix mends" if fixable else ""
    return f"{count_things(files, 'file')}: {', '.join(told) or 'nothing wrong'}{more}"
