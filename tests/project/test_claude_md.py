"""Markers are found where they are markers, and what is wrong is named with its line."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.project.claude_md import parse_claude_md

BLOCK = "<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BLOCK, 1),
        ("\ufeff" + BLOCK, 1),
        (BLOCK.replace("\n", "\r\n"), 1),
        (BLOCK.replace("<!--", "   <!--").replace("-->", "-->  "), 1),
        (BLOCK.replace("<!--", "    <!--"), 0),
        ("```\n" + BLOCK + "```\n", 0),
        ("~~~~\n```\n" + BLOCK + "~~~~\n", 0),
        ("text <!-- claudepack:begin x -->\n", 0),
        (BLOCK + BLOCK, 2),
    ],
)
def test_blocks_are_found(text: str, found: int) -> None:
    document = parse_claude_md(text.encode())
    assert (len(document.blocks.get("x", [])), document.fault) == (found, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BLOCK + BLOCK.replace("body", "other"), "lines 1, 4"),
        ("a\n<!-- claudepack:begin x -->\n", "line 2: the block of 'x' has no end"),
        ("<!-- claudepack:end x -->\n", "line 1: the end of 'x' has no begin"),
        (BLOCK.replace("body", "<!-- claudepack:begin y -->"), "line 2: a block begins inside"),
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n", "line 1 is a conflict marker"),
        ("a\n```\nb\n", "line 2: a code fence opens"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, fault: str) -> None:
    assert fault in parse_claude_md(text.encode()).fault


def test_a_heading_underlined_with_equals_signs_is_no_conflict() -> None:
    assert parse_claude_md(b"Title\n=======\n").fault == ""


def test_utf_16_is_refused() -> None:
    with pytest.raises(ClaudepackError, match="UTF-16"):
        parse_claude_md("a".encode("utf-16"))
