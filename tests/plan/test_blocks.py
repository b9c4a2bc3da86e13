"""Blocks go into a CLAUDE.md and out of it again, and nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.plan.blocks import append_block, remove_block, replace_body
from claudepack.project.claude_md import parse_claude_md


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"\xef\xbb\xbf", b"\xef\xbb\xbf<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"a", b"a\n\n<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"a\n", b"a\n\n<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"a\n\n", b"a\n\n<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"a\r\nb\nc\n", b"a\r\nb\nc\n\n<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"),
        (b"a\r\n", b"a\r\n\r\n<!-- claudepack:begin x -->\r\nbody\r\n<!-- claudepack:end x -->\r\n"),
    ],
)
def test_a_block_is_appended_after_a_blank_line(before: bytes, after: bytes) -> None:
    assert append_block(parse_claude_md(before), "x", b"body\n")[0] == after


def test_an_edited_body_is_replaced_where_it_stands() -> None:
    data = b"top\r\n<!-- claudepack:begin x -->\r\nold\r\n<!-- claudepack:end x -->\r\nbottom"
    document = parse_claude_md(data)

    changed = replace_body(document, document.blocks["x"][0], b"new\nlines\n")

    assert changed == data.replace(b"old\r\n", b"new\r\nlines\r\n")


def test_text_written_after_the_block_stays_a_paragraph_of_its_own() -> None:
    data, glue = append_block(parse_claude_md(b"top"), "x", b"body\n")
    grown = data + b"\nmine\n"

    assert remove_block(parse_claude_md(grown), "x", {"x": glue})[0] == b"top\n\nmine\n"


TEXTS = st.lists(
    st.sampled_from(
        [b"a", b"# b", b"\n", b"\r\n", b"\r", b"```\nx\n```\n", b"\xff", b" ", b"\xe2\x80\xa8", b"~~~\n~~~\n"]
    )
).map(b"".join)


@given(text=TEXTS, order=st.permutations(["one", "two", "three"]))
def test_removing_all_blocks_in_any_order_gives_the_old_bytes_back(text: bytes, order: list[str]) -> None:
    if parse_claude_md(text).fault:
        return
    data, glues = text, {}
    for name in ("one", "two", "three"):
        data, glues[name] = append_block(parse_claude_md(data), name, b"body\n")
    for name in order:
        document = parse_claude_md(data)
        assert name in document.blocks
        data, glues = remove_block(document, name, glues)
    assert data == text
