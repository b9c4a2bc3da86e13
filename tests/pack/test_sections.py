"""Sections of a CLAUDE.md are found by their headings and taken as they stand."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.sections import take_sections

TEXT = """\
# Shop

About.

## Style ##

Tabs.

### Names

Short.

```
## Not a heading
```

## Tests

Fast.
<!-- claudepack:begin backend -->
## Backend
Theirs.
<!-- claudepack:end backend -->
"""


@pytest.mark.parametrize(
    ("headings", "taken"),
    [
        (["Style"], TEXT[TEXT.index("## Style") : TEXT.index("\n## Tests")]),
        (["names"], TEXT[TEXT.index("### Names") : TEXT.index("\n## Tests")]),
        (["Tests"], "## Tests\n\nFast.\n"),
        (["Tests", "Names"], TEXT[TEXT.index("### Names") : TEXT.index("<!--")]),
        (["Style", "Names"], TEXT[TEXT.index("## Style") : TEXT.index("\n## Tests")]),
        (["Shop"], TEXT[: TEXT.index("<!--")]),
    ],
)
def test_a_section_goes_to_the_next_heading_of_its_level(headings: list[str], taken: str) -> None:
    assert take_sections(TEXT, headings, "CLAUDE.md") == taken


def test_line_ends_stay() -> None:
    assert take_sections("# A\r\n\r\nx\r\n# B\r\n", ["A"], "CLAUDE.md").startswith("# A\r\n\r\nx")


@pytest.mark.parametrize("heading", ["Not a heading", "Backend", "Stile"])
def test_what_is_no_heading_of_its_own_is_refused(heading: str) -> None:
    with pytest.raises(ClaudepackError, match="no heading") as caught:
        take_sections(TEXT, [heading], "CLAUDE.md")
    assert caught.value.hint
