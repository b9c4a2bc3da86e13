"""The rules by their codes. A module of `rules` declares them; `load_rules` imports all of these.

A rule is a function with a page for a docstring: a first line that says what it finds, then `Why:` with what the client
does, then `Bad:` and `Good:` with examples. The pages in `docs/rules/` are made from it, and a test runs the examples.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple

from claudepack.lint.fault import Fault
from claudepack.lint.subject import Facts, Subject, Text
from claudepack.report.finding import Severity

TextCheck = Callable[[Text], Iterable[Fault]]
TreeCheck = Callable[[Subject, Mapping[str, Facts]], Iterable[Fault]]


class Rule(NamedTuple):
    """A rule.

    Attributes:
        code: The group's letters and a number; never reused.
        slug: Its name in words.
        severity: How bad it is.
        page: The docstring.
        check_text: Finds faults in one file; None for a rule about the whole.
        check_tree: Finds faults in the whole, by the facts about its files; None for a rule about one file.
        usual: Whether it counts unless told; else it has to be selected by its whole code.
    """

    code: str
    slug: str
    severity: Severity
    page: str
    check_text: TextCheck | None = None
    check_tree: TreeCheck | None = None
    usual: bool = True


_RULES: dict[str, Rule] = {}
GROUPS: Mapping[str, str] = {
    "FM": "frontmatter",
    "NM": "names",
    "VL": "values",
    "EN": "encoding",
    "RF": "references",
    "CM": "CLAUDE.md",
    "SZ": "size",
    "SF": "safety",
    "FL": "files",
    "ST": "settings and MCP servers",
    "PK": "packs",
    "CL": "what the real client says",
}


def text_rule(code: str, slug: str, severity: Severity, *, usual: bool = True) -> Callable[[TextCheck], TextCheck]:
    """Declare a rule about one file."""

    def declare(check: TextCheck) -> TextCheck:
        _add(Rule(code, slug, severity, check.__doc__ or "", check_text=check, usual=usual))
        return check

    return declare


def tree_rule(code: str, slug: str, severity: Severity, *, usual: bool = True) -> Callable[[TreeCheck], TreeCheck]:
    """Declare a rule about the whole of what is checked."""

    def declare(check: TreeCheck) -> TreeCheck:
        _add(Rule(code, slug, severity, check.__doc__ or "", check_tree=check, usual=usual))
        return check

    return declare


def _add(rule: Rule) -> None:
    if rule.code in _RULES:
        raise ValueError(f"{rule.code} is there twice")
    _RULES[rule.code] = rule


@cache
def load_rules() -> Mapping[str, Rule]:
    """All rules by their codes, in the order of these."""
    from claudepack.lint import rules

    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")
    return dict(sorted(_RULES.items()))
