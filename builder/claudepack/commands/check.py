"""`claudepack check`: what would fail silently, or do harm, in packs and in what a project has."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_output, add_project, add_sources, is_set
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.report.result import Change, Result

if TYPE_CHECKING:
    from claudepack.lint.loaded import Loaded
    from claudepack.lint.mending import Mended
    from claudepack.lint.selection import Selection
    from claudepack.lint.subject import Subject
    from claudepack.report.finding import Finding

EXAMPLES = """examples:
  claudepack check                    the pack or the project here
  claudepack check packs/backend .claude/agents
  claudepack check ../marketplace#tools x.whl 'backend>=1'
  claudepack check --fix              mend what can be; --diff only shows it
  claudepack check --select FM,NM     of two groups of rules only
  claudepack check --strict           warnings count, too
  claudepack check --client           ask Claude Code itself what it loads
  claudepack check --explain FM001    what a rule looks for, and why"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a pack, a project, a plugin, a marketplace, a .claude, agents, a file, or what `install` takes "
        "(default: here)",
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
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--fix", action="store_true", help="mend what can be mended without changing what it says")
    ways.add_argument("--diff", action="store_true", help="show what --fix would do, and write nothing")
    ways.add_argument("--explain", metavar="CODE", default="", help="the page of a rule")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--sarif", action="store_true", help="print a SARIF 2.1.0 log")
    forms.add_argument("--github", action="store_true", help="print annotations for GitHub Actions")
    add_project(parser)
    add_sources(parser)
    add_output(parser)


@dataclass(frozen=True)
class _Part:
    """One subject with the rules that count for it, and what they found; `root` is the directory that was named."""

    root: Path
    subject: "Subject"
    selection: "Selection"
    findings: "Sequence[Finding]"


def run(arguments: argparse.Namespace) -> Result:
    """Check what lies at the paths.

    Raises:
        ClaudepackError: A path leads to nothing, a code to no rule, the configuration cannot be read, or two forms of
            output are wanted.
    """
    for form in ("sarif", "github"):
        if arguments.json and getattr(arguments, form):
            hint = "leave one of them out (CLAUDEPACK_JSON counts, too)"
            raise ClaudepackError(f"--json and --{form} are two forms of one output", code="usage", hint=hint)
    if arguments.explain:
        return _explain(arguments.explain)
    parts = _check(arguments)
    mended = _mend(parts) if arguments.fix or arguments.diff else []
    if arguments.fix and mended:
        _write(mended)
        parts = _check(arguments)
    findings = [finding for part in parts for finding in part.findings]
    fails = any(item.severity == "error" or (arguments.strict and item.severity == "warning") for item in findings)
    return Result(
        "check",
        exit=int(fails),
        changes=tuple(Change(item.file.shown, "mend", "") for _, item in mended),
        lines=tuple(_tell(arguments, parts, mended)),
        extra={"findings": [_as_row(finding) for finding in findings]},
    )


def _check(arguments: argparse.Namespace) -> list[_Part]:
    from claudepack.commands.subjects import find_subjects
    from claudepack.lint.configuration import find_configuration
    from claudepack.lint.engine import check_subject, count_jobs
    from claudepack.lint.selection import Selection, refuse_unknown_codes

    select, ignore = _split(arguments.select), _split(arguments.ignore)
    refuse_unknown_codes((*select, *ignore), "check")
    parts = []
    for word in arguments.paths or ["."]:
        place, subjects = find_subjects(word, arguments)
        asked = find_configuration(place)
        selection = Selection(select or asked.select, ignore or asked.ignore, asked.exempt, asked.folder)
        for subject in subjects:
            bounded = replace(subject, budget=asked.budget, loaded=_ask(subject) if arguments.client else None)
            root = place if place.is_dir() else place.parent
            parts.append(_Part(root, bounded, selection, check_subject(bounded, selection, count_jobs())))
    return parts


def _ask(subject: "Subject") -> "Loaded":
    from claudepack.commands.client import ask_about

    return ask_about(subject)


def _mend(parts: Sequence[_Part]) -> "list[tuple[_Part, Mended]]":
    """What becomes of the files in which something can be mended; each once, though two paths may name it."""
    from claudepack.lint.mending import mend_subject

    mended: dict[Path | None, tuple[_Part, Mended]] = {}
    for part in parts:
        for item in mend_subject(part.subject, part.findings, part.selection):
            if item.file.real and not _is_linked(part.root, item.file.real):
                mended.setdefault(item.file.real, (part, item))
    return list(mended.values())


def _is_linked(root: Path, real: Path) -> bool:
    """Whether a file is elsewhere, and only linked here: it may be many others', too."""
    return real.resolve() != root.resolve() / real.relative_to(root)


def _write(mended: "Sequence[tuple[_Part, Mended]]") -> None:
    from claudepack.apply.mended import replace_file

    for part, item in mended:
        if item.file.real:
            replace_file(str(part.root), str(item.file.real.relative_to(part.root)), item.old, item.new)


def _tell(
    arguments: argparse.Namespace, parts: Sequence[_Part], mended: "Sequence[tuple[_Part, Mended]]"
) -> Iterator[str]:
    from claudepack.report.annotations import annotate
    from claudepack.report.diffs import diff_texts
    from claudepack.report.findings import count_findings, describe_findings
    from claudepack.report.text import count_things

    findings = [finding for part in parts for finding in part.findings]
    if arguments.sarif:
        yield from _render_sarif(parts).split("\n")
    elif arguments.github:
        yield from annotate(findings)
    elif arguments.diff:
        for _, item in mended:
            yield from diff_texts(item.old, item.new, f"a/{item.file.shown}", f"b/{item.file.shown}")
        yield f"{count_things(len(mended), 'file')} that --fix would mend"
    else:
        yield from (f"{item.file.shown}  mended" for _, item in mended)
        yield from describe_findings(findings)
        yield count_findings(findings, sum(len(part.subject.files) for part in parts))


def _render_sarif(parts: Sequence[_Part]) -> str:
    from claudepack import __version__
    from claudepack.lint.page import read_page
    from claudepack.lint.registry import load_rules
    from claudepack.report.sarif import Told, render_sarif

    rules = []
    for rule in load_rules().values():
        if any(part.selection.takes(rule.code) for part in parts):
            page = read_page(rule)
            rules.append(Told(rule.code, rule.slug, rule.severity, page.summary, page.why))
    return render_sarif([finding for part in parts for finding in part.findings], rules, __version__)


def _explain(code: str) -> Result:
    from claudepack.lint.page import describe_page
    from claudepack.lint.registry import load_rules

    rules = load_rules()
    rule = rules.get(code.upper())
    if rule is None:
        why = f"check --explain: there is no rule {code!r}"
        raise ClaudepackError(why, code="usage", hint=nearest(code.upper(), rules))
    lines = tuple(describe_page(rule))
    return Result("check", lines=lines, extra={"findings": [], "rule": {"code": rule.code, "page": "\n".join(lines)}})


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
