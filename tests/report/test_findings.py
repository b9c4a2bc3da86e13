"""A finding shows its line with a caret under what is meant, and nothing in it drives a terminal or a CI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.report.finding import Edit, Finding
from claudepack.report.findings import count_findings, describe_findings

SOUND = Finding("FM001", "unreadable", "error", "a.md", 12, 4, 7, "It is odd", "mend it", "ab cde fg")
MENDED = SOUND._replace(edits=(Edit(0, 1, b""),))


@pytest.mark.parametrize(
    ("finding", "lines"),
    [
        (SOUND, ["a.md:12:4  error  FM001 It is odd", "    12 | ab cde fg", "       |    ^^^", "    = mend it"]),
        (
            MENDED._replace(severity="note", column=0, end=0),
            ["a.md:12  note  FM001 It is odd", "    12 | ab cde fg", "    = mend it  [--fix does it]"],
        ),
        (SOUND._replace(line=0, column=0, source="", hint=""), ["a.md  error  FM001 It is odd"]),
        (SOUND._replace(end=0), [..., ..., "       |    ^", ...]),
        (SOUND._replace(end=99), [..., ..., "       |    ^^^^^^", ...]),
        (SOUND._replace(column=10, end=11), [..., ..., "       |          ^", ...]),
        (SOUND._replace(source=" \t"), [..., "    = mend it"]),
        (SOUND._replace(source="\x1b[0m", column=2, end=5), [..., "    12 | \\x1b[0m", "       |     ^^^", ...]),
        (SOUND._replace(path="a\n::error::b"), ["a\\n::error::b:12:4  error  FM001 It is odd", ..., ..., ...]),
    ],
)
def test_a_finding_is_shown_in_its_place(finding: Finding, lines: list[object]) -> None:
    shown = list(describe_findings([finding]))
    assert len(shown) == len(lines)
    assert [line for line, wanted in zip(shown, lines, strict=True) if wanted not in (..., line)] == []


def test_of_a_very_long_line_what_is_around_the_place_is_shown() -> None:
    source = "x" * 5000 + "here" + "y" * 5000

    _, shown, caret, _ = describe_findings([SOUND._replace(column=5001, end=5005, source=source)])

    assert len(shown) < 120
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "here"


@given(source=st.text(max_size=150), column=st.integers(0, 160), end=st.integers(0, 160))
def test_the_caret_is_under_what_is_meant_wherever_that_is(source: str, column: int, end: int) -> None:
    _, *shown, _ = describe_findings([SOUND._replace(source=source.replace("\n", ""), column=column, end=end)])

    assert all(line.isprintable() for line in shown)
    if len(shown) == 2 and column <= len(source.replace("\n", "")):
        first = source.replace("\n", "")[column - 1]
        assert shown[0][shown[1].index("^")] == (first if first.isprintable() else "\\")


@pytest.mark.parametrize(
    ("findings", "files", "sentence"),
    [
        ([], 1, "1 file: nothing wrong"),
        ([SOUND, SOUND], 3, "3 files: 2 errors"),
        (
            [SOUND._replace(severity="note"), SOUND._replace(severity="warning"), SOUND],
            2,
            "2 files: 1 error, 1 warning, 1 note",
        ),
        ([MENDED, SOUND], 2, "2 files: 2 errors; 1 that --fix mends"),
    ],
)
def test_they_are_counted_by_severity(findings: list[Finding], files: int, sentence: str) -> None:
    assert count_findings(findings, files) == sentence
