"""What becomes of three texts: with whose line endings they are merged, and why they sometimes are not."""

import pytest

from claudepack.plan.merge import MAX_BYTES, Merged, has_markers, is_binary, match_newlines, merge_texts

BASE, OURS, THEIRS = b"a\nb\n", b"A\nb\n", b"a\nB\n"


def _join(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """A merge that shows what it was given."""
    return Merged(b"|".join((base, ours, theirs)), is_clean=True)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merge3", "action", "detail", "text"),
    [
        (BASE, OURS, THEIRS, _join, "merge", "", b"a\nb\n|A\nb\n|a\nB\n"),
        (BASE, b"A\r\nb\r\n", THEIRS, _join, "merge", "", b"a\r\nb\r\n|A\r\nb\r\n|a\r\nB\r\n"),
        (b"a\r\nb\r\n", OURS, b"a\r\nB\r\n", _join, "merge", "", b"a\nb\n|A\nb\n|a\nB\n"),
        (BASE, OURS, THEIRS, lambda _base, ours, _theirs: Merged(ours, is_clean=True), "keep", "", OURS),
        (BASE, OURS, THEIRS, lambda *_: Merged(b"<<<<<<< ", is_clean=False), "conflict", "", b"<<<<<<< "),
        (BASE, OURS, THEIRS, lambda *_: None, "conflict", "git is not here", None),
        (None, OURS, THEIRS, _join, "conflict", "nowhere to be had", None),
        (b"a\0", OURS, THEIRS, _join, "conflict", "not text", None),
        (BASE, b"a\0", THEIRS, _join, "conflict", "not text", None),
        (BASE, OURS, b"a\0", _join, "conflict", "not text", None),
    ],
)
def test_texts_are_merged_with_the_line_endings_of_the_disk(
    base: bytes | None, ours: bytes, theirs: bytes, merge3: object, action: str, detail: str, text: bytes | None
) -> None:
    assert callable(merge3)
    verdict = merge_texts(base, ours, theirs, merge3)
    assert (verdict.action, verdict.text) == (action, text)
    assert detail in verdict.detail
    assert bool(verdict.detail) == bool(detail)


@pytest.mark.parametrize(
    ("text", "model", "matched"),
    [
        (b"a\nb\n", b"x\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb\n", b"x\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb\r\n", b"x\n", b"a\nb\n"),
        (b"a\r\nb\r\n", b"x\r\ny\n", b"a\nb\n"),
        (b"a\r\n", b"x", b"a\n"),
        (b"", b"x\r\n", b""),
    ],
)
def test_line_endings_follow_a_text_that_has_one_kind(text: bytes, model: bytes, matched: bytes) -> None:
    assert match_newlines(text, model) == matched


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        (b"<<<<<<< yours\na\n=======\nb\n>>>>>>> theirs\n", True),
        (b"a\n<<<<<<< yours\n>>>>>>> theirs", True),
        (b">>>>>>> theirs\n<<<<<<< yours\n", False),
        (b"<<<<<<< yours\n", False),
        (b" <<<<<<< yours\n >>>>>>> theirs\n", False),
        (b"<<<<<<<\n>>>>>>>\n", False),
    ],
)
def test_markers_are_one_that_opens_and_one_that_closes(text: bytes, *, marked: bool) -> None:
    assert has_markers(text) == marked


@pytest.mark.parametrize(("data", "binary"), [(b"", False), (b"a" * MAX_BYTES, False), (b"a" * (MAX_BYTES + 1), True)])
def test_a_text_has_a_bound(data: bytes, *, binary: bool) -> None:
    assert is_binary(data) == binary
