"""What a merge makes of three texts, and that nothing which must not be merged is."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claudepack.commands.merging import merge3
from claudepack.plan.merge import (
    MAX_BYTES,
    Merged,
    Verdict,
    has_markers,
    is_binary,
    match_newlines,
    merge_texts,
    refuse_broken_head,
)

BASE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n"
LONG = "".join(f"line {number}\n" for number in range(5000))
MOVED = "six\nseven\none\ntwo\nthree\nfour\nfive\n"
ABOVE, BELOW = "# Mine\n\n", "\nThe end.\n"


def _blocks(first: str, second: str) -> str:
    """A CLAUDE.md with the blocks of two packs."""
    return "".join(
        f"<!-- claudepack:begin {name} -->\n{body}<!-- claudepack:end {name} -->\n\n"
        for name, body in (("a", first), ("b", second))
    )


# What each is about: base, ours, theirs, and the text that they come to.
CLEAN: dict[str, tuple[str, str, str, str]] = {
    "far apart": (
        BASE,
        BASE.replace("one", "ONE"),
        BASE.replace("seven", "SEVEN"),
        "ONE\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n",
    ),
    "a line between": (
        BASE,
        BASE.replace("two", "TWO"),
        BASE.replace("four", "FOUR"),
        "one\nTWO\nthree\nFOUR\nfive\nsix\nseven\n",
    ),
    "both added the same": (BASE, BASE + "same\n", BASE + "same\n", BASE + "same\n"),
    "both changed the same, and one more": (
        BASE,
        BASE.replace("two", "TWO"),
        BASE.replace("two", "TWO").replace("seven", "SEVEN"),
        BASE.replace("two", "TWO").replace("seven", "SEVEN"),
    ),
    "both deleted the same": (BASE, BASE.replace("two\n", ""), BASE.replace("two\n", ""), BASE.replace("two\n", "")),
    "one deleted, one changed elsewhere": (
        BASE,
        BASE.replace("two\n", ""),
        BASE.replace("six", "SIX"),
        "one\nthree\nfour\nfive\nSIX\nseven\n",
    ),
    "added at either end": (BASE, "zero\n" + BASE, BASE + "eight\n", "zero\n" + BASE + "eight\n"),
    "a block moved, a line of the rest changed": (
        BASE,
        MOVED,
        BASE.replace("three", "THREE"),
        MOVED.replace("three", "THREE"),
    ),
    "ours lost its final newline": (BASE, BASE[:-1], BASE.replace("one", "ONE"), BASE.replace("one", "ONE")[:-1]),
    "theirs lost its final newline": (BASE, BASE.replace("one", "ONE"), BASE[:-1], BASE.replace("one", "ONE")[:-1]),
    "nobody has a final newline": (
        BASE[:-1],
        "ONE" + BASE[3:-1],
        BASE[:-1].replace("seven", "SEVEN"),
        "ONE" + BASE[3:-1].replace("seven", "SEVEN"),
    ),
    "ours has CRLF": (
        BASE,
        BASE.replace("one", "ONE").replace("\n", "\r\n"),
        BASE.replace("seven", "SEVEN"),
        BASE.replace("one", "ONE").replace("seven", "SEVEN").replace("\n", "\r\n"),
    ),
    "theirs has CRLF": (
        BASE,
        BASE.replace("one", "ONE"),
        BASE.replace("seven", "SEVEN").replace("\n", "\r\n"),
        BASE.replace("one", "ONE").replace("seven", "SEVEN"),
    ),
    "base has CRLF": (
        BASE.replace("\n", "\r\n"),
        BASE.replace("one", "ONE"),
        BASE.replace("seven", "SEVEN"),
        BASE.replace("one", "ONE").replace("seven", "SEVEN"),
    ),
    "U+2028 and its like end no line": (
        "a\u2028b\x0bc\x0cd\x85e\n\nmiddle\n\nend\n",
        "A\u2028b\x0bc\x0cd\x85e\n\nmiddle\n\nend\n",
        "a\u2028b\x0bc\x0cd\x85e\n\nmiddle\n\nEND\n",
        "A\u2028b\x0bc\x0cd\x85e\n\nmiddle\n\nEND\n",
    ),
    "5,000 lines": (
        LONG,
        LONG.replace("line 10\n", "mine\n"),
        LONG.replace("line 4990\n", "theirs\n").replace("line 20\n", "theirs\n"),
        LONG.replace("line 10\n", "mine\n").replace("line 4990\n", "theirs\n").replace("line 20\n", "theirs\n"),
    ),
    "5,000 lines, all shifted": (LONG, "mine\n" + LONG, LONG + "theirs\n", "mine\n" + LONG + "theirs\n"),
    "the blocks of two packs": (
        ABOVE + _blocks(BASE, BASE) + BELOW,
        ABOVE.replace("Mine", "MINE") + _blocks(BASE.replace("one", "ONE"), BASE) + BELOW,
        ABOVE + _blocks(BASE, BASE.replace("seven", "SEVEN")) + BELOW,
        ABOVE.replace("Mine", "MINE") + _blocks(BASE.replace("one", "ONE"), BASE.replace("seven", "SEVEN")) + BELOW,
    ),
    "what looks like an option, a path or a header": (
        "--- a/x\n+++ b/x\n-L\n@@ -1 +1 @@\n\nend\n",
        "--- A/x\n+++ b/x\n-L\n@@ -1 +1 @@\n\nend\n",
        "--- a/x\n+++ b/x\n-L\n@@ -1 +1 @@\n\nEND\n",
        "--- A/x\n+++ b/x\n-L\n@@ -1 +1 @@\n\nEND\n",
    ),
    "ours is empty, theirs as it was": (BASE, "", BASE, ""),
    "all are empty": ("", "", "", ""),
}
CONFLICTS: dict[str, tuple[str, str, str]] = {
    "the same line": (BASE, BASE.replace("two", "TWO"), BASE.replace("two", "Zwei")),
    "adjacent lines": (BASE, BASE.replace("two", "TWO"), BASE.replace("three", "THREE")),
    "deleted, and changed": (BASE, BASE.replace("two\n", ""), BASE.replace("two", "TWO")),
    "different lines added at one place": (BASE, BASE + "mine\n", BASE + "theirs\n"),
    "a block moved, a line of it changed": (BASE, MOVED, BASE.replace("six", "SIX")),
    "the last line, without its newline": (BASE[:-1], BASE + "mine", BASE + "theirs"),
    "all of it emptied, and changed": (BASE, "", BASE.replace("two", "TWO")),
    "the same line, with CRLF": (BASE, BASE.replace("two", "TWO").replace("\n", "\r\n"), BASE.replace("two", "Zwei")),
}


def _merge(base: str | bytes | None, ours: str | bytes, theirs: str | bytes) -> Verdict:
    texts = [text.encode() if isinstance(text, str) else text for text in (base, ours, theirs)]
    assert texts[1] is not None
    assert texts[2] is not None
    return merge_texts(texts[0], texts[1], texts[2], merge3)


@pytest.mark.parametrize(("base", "ours", "theirs", "expected"), CLEAN.values(), ids=CLEAN.keys())
def test_what_goes_together_is_merged(base: str, ours: str, theirs: str, expected: str) -> None:
    verdict = _merge(base, ours, theirs)

    assert verdict.text == expected.encode()
    assert verdict.action == ("keep" if expected == ours else "merge")
    swapped = _merge(base, theirs, ours).text or b""
    assert match_newlines(swapped, b"\n") == match_newlines(expected.encode(), b"\n")


@pytest.mark.parametrize(("base", "ours", "theirs"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_what_does_not_is_a_conflict_with_every_line_of_both(base: str, ours: str, theirs: str) -> None:
    verdict = _merge(base, ours, theirs)

    assert (verdict.action, verdict.detail) == ("conflict", "")
    assert verdict.text is not None
    assert has_markers(verdict.text)
    lines = {line.strip() for line in verdict.text.splitlines()}
    both = {line.strip() for text in (ours, theirs) for line in text.encode().splitlines()}
    assert both <= lines | {line.encode() for line in base.split("\n")}
    assert (b"\r\n" in verdict.text) == ("\r\n" in ours)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "why"),
    [
        (b"a\n", b"b\0\n", b"c\n", "not text"),
        (b"a\0\n", b"b\n", b"c\n", "not text"),
        (b"a\n", b"b\n", b"c\0\n", "not text"),
        (b"a\n", b"b\n", b"c" * (MAX_BYTES + 1), "not text"),
        (None, b"b\n", b"c\n", "nowhere to be had"),
    ],
)
def test_what_cannot_be_merged_is_a_conflict_without_a_text(
    base: bytes | None, ours: bytes, theirs: bytes, why: str
) -> None:
    verdict = _merge(base, ours, theirs)

    assert (verdict.action, verdict.text) == ("conflict", None)
    assert why in verdict.detail


OLD, OURS, THEIRS = b"a\nb\n", b"A\nb\n", b"a\nB\n"


def _show(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """A merge that shows what it was given."""
    return Merged(b"|".join((base, ours, theirs)), is_clean=True)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merge3", "action", "detail", "text"),
    [
        (OLD, OURS, THEIRS, _show, "merge", "", b"a\nb\n|A\nb\n|a\nB\n"),
        (OLD, b"A\r\nb\r\n", THEIRS, _show, "merge", "", b"a\r\nb\r\n|A\r\nb\r\n|a\r\nB\r\n"),
        (b"a\r\nb\r\n", OURS, b"a\r\nB\r\n", _show, "merge", "", b"a\nb\n|A\nb\n|a\nB\n"),
        (OLD, OURS, THEIRS, lambda _base, ours, _theirs: Merged(ours, is_clean=True), "keep", "", OURS),
        (OLD, OURS, THEIRS, lambda *_: Merged(b"<<<<<<< ", is_clean=False), "conflict", "", b"<<<<<<< "),
        (OLD, OURS, THEIRS, lambda *_: None, "conflict", "git is not here", None),
        (None, OURS, THEIRS, _show, "conflict", "nowhere to be had", None),
        (b"a\0", OURS, THEIRS, _show, "conflict", "not text", None),
        (OLD, b"a\0", THEIRS, _show, "conflict", "not text", None),
        (OLD, OURS, b"a\0", _show, "conflict", "not text", None),
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


def test_without_git_nothing_is_merged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    verdict = _merge("a\n", "b\n", "c\n")

    assert (verdict.action, verdict.text, verdict.base) == ("conflict", None, b"a\n")
    assert "git" in verdict.detail


def test_no_configuration_and_no_repository_changes_a_merge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[merge]\nconflictStyle = diff3\n[core]\nautocrlf = true\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".git/config").write_text("[merge]\nconflictStyle = diff3\n")
    (tmp_path / ".gitattributes").write_text("* merge=union\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    assert merge3(b"a\n", b"b\n", b"c\n") == Merged(
        b"<<<<<<< yours\nb\n=======\nc\n>>>>>>> the pack's\n", is_clean=False
    )


def test_more_conflicts_than_an_exit_code_counts_are_conflicts() -> None:
    texts = [
        b"".join(b"%b %d\n" % (word, number) + b"%d stays\n" % number * 6 for number in range(300))
        for word in (b"base", b"ours", b"theirs")
    ]

    merged = merge3(*texts)

    assert merged is not None
    assert not merged.is_clean
    assert merged.text.count(b"<<<<<<< yours\n") == merged.text.count(b">>>>>>> the pack's\n") == 300


LINES = st.lists(
    st.sampled_from([b"a", b"b", b"c", b"", b"\xe2\x80\xa8", b"\xff\r", b"<<<<<<< x", b"=======", b">>>>>>> x"]),
    max_size=6,
)
TEXTS = st.builds(lambda lines, end: b"\n".join(lines) + end, LINES, st.sampled_from([b"", b"\n"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_a_merge_is_what_git_makes_of_it(tmp_path: Path, base: bytes, ours: bytes, theirs: bytes) -> None:
    files = [tmp_path / name for name in ("ours", "base", "theirs")]
    for file, text in zip(files, (ours, base, theirs), strict=True):
        file.write_bytes(text)
    labels = ("-L", "yours", "-L", "base", "-L", "the pack's")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        ["git", "merge-file", "-p", *labels, *files], capture_output=True, check=False, env=environment, cwd=tmp_path
    )

    assert merge3(base, ours, theirs) == Merged(done.stdout, done.returncode == 0)


@given(text=TEXTS, other=TEXTS)
def test_with_one_side_as_it_was_the_other_is_the_answer(text: bytes, other: bytes) -> None:
    def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
        """As every three-way merge answers, at the least."""
        return Merged(theirs if ours == base else ours, is_clean=base in (ours, theirs))

    assert merge_texts(text, text, text, merge).action == "keep"
    assert merge_texts(text, other, match_newlines(text, other), merge).text == other


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<<<<<<< yours\na\n=======\nb\n>>>>>>> the pack's\n", True),
        ("<<<<<<< yours\r\na\r\n=======\r\nb\r\n>>>>>>> the pack's\r\n", True),
        ("text\n<<<<<<< HEAD\na\n>>>>>>> x", True),
        ("<<<<<<< yours\na\n", False),
        (">>>>>>> x\n<<<<<<< y\n", False),
        ("a heading\n=======\n", False),
        ("  <<<<<<< yours\n  >>>>>>> x\n", False),
        ("<<<<<<<\n>>>>>>>\n", False),
        ("<<<<<<<< eight\n>>>>>>>> eight\n", False),
        ("", False),
    ],
)
def test_markers_are_those_of_git_in_their_order(text: str, found: bool) -> None:  # noqa: FBT001 - the expectation
    assert has_markers(text.encode()) is found


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        (b"a\nb\n", b"x\n", b"a\nb\n"),
        (b"a\r\nb\n", b"x\n", b"a\nb\n"),
        (b"a\nb\r\n", b"x\r\ny\r\n", b"a\r\nb\r\n"),
        (b"a\r\nb", b"x\r\ny\n", b"a\nb"),
        (b"a\r\nb", b"no line", b"a\nb"),
        (b"a\rb\r\r\n", b"x\n", b"a\rb\r\n"),
        (b"a\rb\n", b"x\r\n", b"a\rb\r\n"),
        (b"", b"x\r\n", b""),
    ],
)
def test_line_endings_are_those_of_the_model(text: bytes, model: bytes, expected: bytes) -> None:
    assert match_newlines(text, model) == expected


@given(text=TEXTS, model=TEXTS)
def test_line_endings_that_match_stay(text: bytes, model: bytes) -> None:
    once = match_newlines(text, model)
    assert match_newlines(match_newlines(text, b"\n"), model) == once


@pytest.mark.parametrize(
    ("data", "binary"),
    [
        (b"", False),
        (b"text\n", False),
        (b"caf\xe9\n", False),
        (b"a\0b", True),
        (b"a" * 7999 + b"\0", True),
        (b"a" * 8000 + b"\0", False),
        (b"a" * MAX_BYTES, False),
        (b"a" * (MAX_BYTES + 1), True),
    ],
)
def test_binary_is_what_git_calls_so_and_what_is_too_large(data: bytes, binary: bool) -> None:  # noqa: FBT001 - the expectation
    assert is_binary(data) is binary


HEAD = "---\nname: x\n{}description: d\n{}---\n\nDo it.\n"
MODEL, COLOR, TWICE = HEAD.format("model: opus\n", ""), HEAD.format("", "color: red\n"), "model: a\nmodel: b\n"
# Ours, theirs, what git makes of them, and what is made of that.
HEADS = {
    "both added one field": (
        MODEL,
        HEAD.format("", "model: sonnet\n"),
        HEAD.format("model: opus\n", "model: sonnet\n"),
        "conflict",
    ),
    "each added a field": (MODEL, COLOR, HEAD.format("model: opus\n", "color: red\n"), "merge"),
    "no frontmatter on either side": ("a\nb\n", "b\nc\n", "a\nb\nc\n", "merge"),
    "broken before": (HEAD.format(TWICE, ""), COLOR, HEAD.format(TWICE, "color: red\n"), "merge"),
}


@pytest.mark.parametrize(("ours", "theirs", "merged", "action"), HEADS.values(), ids=HEADS.keys())
def test_a_merge_that_breaks_the_frontmatter_is_a_conflict(ours: str, theirs: str, merged: str, action: str) -> None:
    verdict = Verdict("merge", "", b"", theirs.encode(), merged.encode())

    assert refuse_broken_head(verdict, ours.encode()).action == action
