"""What a rule's docstring says: its page in the docs, and the examples on it, which a test runs."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from claudepack.lint.registry import Rule

_HEADINGS = ("Why", "Bad", "Good")


@dataclass(frozen=True)
class Page:
    """A rule in words.

    Attributes:
        summary: What it finds, in a sentence.
        why: What the client does, and what it costs.
        bad: Files that have the fault, by their paths in the layout of `.claude`.
        good: The same without it: near misses belong there.
    """

    summary: str
    why: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


def read_page(rule: Rule) -> Page:
    """The page of a rule."""
    summary, _, rest = rule.page.partition("\n")
    sections: dict[str, list[str]] = {heading: [] for heading in _HEADINGS}
    rows = sections[_HEADINGS[0]]
    for line in textwrap.dedent(rest).split("\n"):
        heading = line.removesuffix(":")
        if line.endswith(":") and heading in sections:
            rows = sections[heading]
        else:
            rows.append(line)
    parts = {heading: textwrap.dedent("\n".join(rows)).strip("\n") for heading, rows in sections.items()}
    return Page(summary.strip(), parts["Why"].strip(), _read_files(parts["Bad"]), _read_files(parts["Good"]))


def _read_files(section: str) -> dict[str, str]:
    """The files of an example: a path with a colon at the margin, then its lines, indented."""
    files: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in section.split("\n"):
        if line.endswith(":") and not line.startswith(" "):
            rows = files.setdefault(line.removesuffix(":"), [])
        else:
            rows.append(line)
    return {path: textwrap.dedent("\n".join(rows)).rstrip("\n") + "\n" for path, rows in files.items()}
