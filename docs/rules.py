"""Writes `rules/`, a page for each rule of `claudepack check` and an index, from the rules: `python docs/rules.py`."""

from collections.abc import Iterator
from pathlib import Path

from claudepack.lint.page import read_page
from claudepack.lint.registry import GROUPS, Rule, load_rules
from claudepack.report.text import escape_controls

TARGET = Path(__file__).parent / "rules"
_INDEX = "index.md"
_HEAD = """# Rules

What `claudepack check` looks for. An error ends it with exit code 1, a warning with `--strict` only, a note never.
`claudepack check --explain FM001` prints a page in the terminal. Codes stay what they are; see
[how to use them](../how-to/check.md).
"""
_SAYS = {"error": "exit code 1", "warning": "exit code 1 with `--strict`", "note": "no exit code of its own"}
_UNUSUAL = "\nIt is looked for only where it is selected by its whole code: `--select {code}`.\n"


def render() -> dict[str, str]:
    """The pages by their names."""
    rules = list(load_rules().values())
    pages = {f"{rule.code}.md": "\n".join(_render_rule(rule)) for rule in rules}
    return {_INDEX: "\n".join(_render_index(rules)), **pages}


def _render_index(rules: list[Rule]) -> Iterator[str]:
    yield _HEAD
    for group, about in GROUPS.items():
        yield f"## {group}: {about}\n"
        yield "| Code | Name | | Finds |"
        yield "|---|---|---|---|"
        for rule in rules:
            if rule.code.startswith(group):
                summary = read_page(rule).summary.replace("|", "\\|")
                yield f"| [{rule.code}]({rule.code}.md) | `{rule.slug}` | {rule.severity} | {summary} |"
        yield ""


def _render_rule(rule: Rule) -> Iterator[str]:
    page = read_page(rule)
    yield f"# {rule.code}: {rule.slug}\n"
    yield f"{page.summary}\n"
    yield f"Group: {GROUPS[rule.code[:2]]}. Severity: {rule.severity}, {_SAYS[rule.severity]}."
    yield _UNUSUAL.format(code=rule.code) if not rule.usual else ""
    yield f"## Why\n\n{page.why}\n"
    for heading, files in (("Bad", page.bad), ("Good", page.good)):
        yield f"## {heading}\n"
        for path, text in files.items():
            yield f"`{path}`\n"
            yield from (f"    {_show(line)}".rstrip() for line in text.removesuffix("\n").split("\n"))
            yield ""


def _show(line: str) -> str:
    """A line as one can see it: also what is printable, but nowhere to be seen."""
    return "".join(ascii(char)[1:-1] if "\ufe00" <= char <= "\ufe0f" else char for char in escape_controls(line))


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for old in TARGET.glob("*.md"):
        old.unlink()
    for name, text in render().items():
        (TARGET / name).write_text(text, encoding="utf-8")
