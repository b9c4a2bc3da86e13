"""Fences open and close where CommonMark says, line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.fences import find_open_fence, next_fence


@pytest.mark.parametrize(
    ("line", "before", "after"),
    [
        ("text", "", ""),
        ("``", "", ""),
        ("```", "", "```"),
        ("```python", "", "```"),
        ("   ```", "", "```"),
        ("    ```", "", ""),
        ("\t```", "", ""),
        ("``` a`b", "", ""),
        ("~~~ a`b ~", "", "~~~"),
        ("~~~~~", "", "~~~~~"),
        ("text", "```", "```"),
        ("```", "```", ""),
        ("````  \t", "```", ""),
        ("``", "```", "```"),
        ("~~~", "```", "```"),
        ("``` x", "```", "```"),
        ("   ```", "```", ""),
        ("    ```", "```", "```"),
        ("```\u00a0", "```", "```"),
        ("```", "````", "````"),
    ],
)
def test_the_fence_after_a_line(line: str, before: str, after: str) -> None:
    assert next_fence(line, before) == after


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("a\n```\nb\n```\n", 0),
        ("a\n```\nb\n", 2),
        ("```\na\n```\n\n~~~\nb\n```\n", 5),
        ("a\r\n```\r\nb\r\n```\r\n", 0),
        ("a\r```", 2),
        ("```\na\u2028```\n", 1),
        ("a\x0c```\nb\n", 0),
    ],
)
def test_the_line_of_a_fence_that_nothing_closes(text: str, line: int) -> None:
    assert find_open_fence(text) == line


@st.composite
def _blocks(draw: st.DrawFn) -> str:
    """A fenced block that ends: within it, shorter runs and the other mark."""
    mark, other = draw(st.permutations(["`", "~"]))
    length = draw(st.integers(3, 6))
    inside = st.sampled_from(
        ["text", mark * (length - 1), other * 3, other * 9, f"{mark * 9} x", "", f"    {mark * 9}"]
    )
    indents = st.sampled_from(["", " ", "   "])
    first = draw(indents) + mark * length + draw(st.sampled_from(["", "python", " a b"]))
    last = draw(indents) + mark * (length + draw(st.integers(0, 3))) + draw(st.sampled_from(["", " ", "\t"]))
    return "\n".join([first, *draw(st.lists(inside, max_size=4)), last])


@given(blocks=st.lists(st.one_of(_blocks(), st.just("text"))), tail=st.booleans())
def test_blocks_that_all_end_leave_none_open(blocks: list[str], *, tail: bool) -> None:
    text = "\n".join(blocks)
    assert find_open_fence(text) == 0
    if tail:
        assert find_open_fence(text + "\n~~~") == text.count("\n") + 2
