"""What a rule's docstring says: its page in the docs, and the examples on it, which a test runs."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from claudepack.lint.registry import GROUPS, Rule
from claudepack.report.text import escape_controls

_HEADINGS = ("Why", "Bad", "Good")
_BYTE = re.compile(r"\\u(dc[0-9a-f]{2})")  # one that is no text; Python 3.13 takes none in a docstring
_REPEATED = re.compile(r'\{(\d+) x "([^"]*)"\}')  # what is too long to be shown: `{300 x "word "}`


@dataclass(frozen=True)
class Page:
    """A rule in words.

    Attributes:
        summary: What it finds, in a sentence.
        why: What the client does, and what it costs.
        bad: Files that have the fault, by their paths in the layout of `.claude`; `unfold` gives their whole text.
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


def unfold(example: str) -> str:
    """An example with its repetitions written out, and with bytes that are no text as Python reads them."""
    text = _REPEATED.sub(lambda match: int(match[1]) * match[2].replace("\\n", "\n"), example)
    return _BYTE.sub(lambda match: chr(int(match[1], 16)), text)


def describe_page(rule: Rule) -> Iterator[str]:
    """A page for a terminal, a string a line."""
    page = read_page(rule)
    yield f"{rule.code} {rule.slug}  {rule.severity}  ({GROUPS[rule.code[:2]]})"
    yield from ("", page.summary, "")
    yield from page.why.split("\n")
    for heading, files in (("Bad", page.bad), ("Good", page.good)):
        yield from ("", f"{heading}:")
        for path, text in files.items():
            yield f"  {path}"
            yield from (f"    {escape_controls(line)}".rstrip() for line in text.removesuffix("\n").split("\n"))
