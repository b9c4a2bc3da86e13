"""`claudepack check`: what would fail silently, or do harm, in packs and in what a project has."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_output, is_set
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.report.finding import Finding

EXAMPLES = """examples:
  claudepack check                    the pack or the project here
  claudepack check packs/backend .claude/agents
  claudepack check --select FM,NM     of two groups of rules only
  claudepack check --strict           warnings count, too
  claudepack check --client           ask Claude Code itself what it loads"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="a pack, a project, a plugin, a .claude, agents (default: here)"
    )
    for option, about in (("--select", "look for these only"), ("--ignore", "do not look for these")):
        parser.add_argument(
            option, action="append", default=[], metavar="CODE[,CODE]", help=f"{about}: codes, or beginnings of codes"
        )
    parser.add_argument(
        "--client",
        action="store_true",
        default=is_set("CLIENT"),
        help="ask the Claude Code that is here, without a network, what of it all it does not load",
    )
    parser.add_argument("--strict", action="store_true", default=is_set("STRICT"), help="exit 1 on warnings, too")
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Check what lies at the paths.

    Raises:
        ClaudepackError: A path leads to nothing, or a code to no rule.
    """
    from claudepack.lint.engine import check_subject, count_jobs
    from claudepack.lint.reading import read_subjects
    from claudepack.lint.selection import Selection, refuse_unknown_codes
    from claudepack.report.findings import count_findings, describe_findings

    select, ignore = _split(arguments.select), _split(arguments.ignore)
    refuse_unknown_codes((*select, *ignore), "check")
    selection = Selection(select, ignore)
    subjects = [
        subject
        for word in arguments.paths or ["."]
        for subject in read_subjects(Path(word), "" if word == "." else word)
    ]
    if arguments.client:
        from claudepack.commands.client import ask_about

        subjects = [replace(subject, loaded=ask_about(subject)) for subject in subjects]
    findings = [finding for subject in subjects for finding in check_subject(subject, selection, count_jobs())]
    files = sum(len(subject.files) for subject in subjects)
    fails = any(item.severity == "error" or (arguments.strict and item.severity == "warning") for item in findings)
    return Result(
        "check",
        exit=int(fails),
        lines=(*describe_findings(findings), count_findings(findings, files)),
        extra={"findings": [_as_row(finding) for finding in findings]},
    )


def _split(words: list[str]) -> tuple[str, ...]:
    return tuple(code.strip() for word in words for code in word.split(","))


def _as_row(finding: "Finding") -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "name": finding.slug,
        "column": finding.column,
        "hint": finding.hint,
        "fixable": bool(finding.edits),
    }
