"""A difference between two texts is a unified diff; what is no text, or too long, is told in a line."""

import pytest

from claudepack.report.diffs import count_lines, diff_texts


def test_a_change_is_shown_with_the_lines_around_it() -> None:
    old = b"".join(b"%d\n" % number for number in range(20))
    diff = diff_texts(old, old.replace(b"10\n", b"ten\n"), "a", "b", context=1)
    assert diff == ["--- a", "+++ b", "@@ -10,3 +10,3 @@", " 9", "-10", "+ten", " 11"]


@pytest.mark.parametrize(
    ("old", "new", "diff"),
    [
        (b"a\n", b"a\n", []),
        (b"", b"", []),
        (b"a\n", b"a", ["-a", "+a  (no newline at the end)"]),
        (b"", b"a\n", ["+a"]),
        (b"a\r\n", b"a\n", ["-a\r", "+a"]),
        (b"\xff\n", b"b\n", ["-\ufffd", "+b"]),
    ],
)
def test_a_difference_is_seen(old: bytes, new: bytes, diff: list[str]) -> None:
    assert diff_texts(old, new, "a", "b")[3:] == diff


@pytest.mark.parametrize(("old", "new"), [(b"a\0", b"b"), (b"a", b"b\0c"), (b"x" * (1 << 20) + b"y", b"x")])
def test_what_is_no_text_to_compare_is_told_by_its_size(old: bytes, new: bytes) -> None:
    assert diff_texts(old, new, "a", "b") == [f"a and b differ ({len(old)} and {len(new)} bytes)"]


def test_lines_are_counted_whatever_they_begin_with() -> None:
    diff = diff_texts(b"-- a\nb\n", b"++ c\nb\nd\n", "a", "b")
    assert count_lines(diff) == (1, 2)
