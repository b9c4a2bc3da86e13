"""What people read: a tree that fits a screen, a phrase that counts, no control characters, colours on a terminal."""

import os
import pty
import subprocess
import sys

import pytest

from claudepack.report.result import Change
from claudepack.report.text import (
    SCREEN,
    count_actions,
    count_things,
    draw_tree,
    escape_controls,
    name_source,
    shorten_notice,
)


def _change(said: str, action: str = "create", detail: str = "") -> Change:
    return Change(said, action, "mine", detail)


def _many(folder: str, count: int, action: str = "create") -> list[Change]:
    return [_change(f"{folder}/{number:03}.md", action) for number in range(count)]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ([], []),
        ([_change("CLAUDE.md")], ["CLAUDE.md  create"]),
        (
            [
                _change(".claude/agents/a.md"),
                _change(".claude/prompts/p/a.md", "replace"),
                _change("CLAUDE.md", "keep"),
            ],
            [
                ".claude/",
                "├── agents/",
                "│   └── a.md    create",
                "└── prompts/p/",
                "    └── a.md    replace",
                "CLAUDE.md       keep",
            ],
        ),
        (
            [_change("a/x.md", "conflict", "conflict markers in line 3"), _change("a/b/c/y.md")],
            ["a/", "├── x.md      conflict (conflict markers in line 3)", "└── b/c/", "    └── y.md  create"],
        ),
        (
            [Change("CLAUDE.md", "create", "one"), Change("CLAUDE.md", "keep", "two")],
            ["CLAUDE.md        create", "CLAUDE.md (two)  keep"],
        ),
    ],
    ids=["nothing", "one file", "folders", "details", "two packs in one file"],
)
def test_changes_are_a_tree_of_their_paths(changes: list[Change], lines: list[str]) -> None:
    assert draw_tree(changes) == lines


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (_many("p", 41), ["p/  create 41 files"]),
        (
            [*_many("p/a", 40), *_many("p/b", 2, "keep")],
            ["p/", "├── a/  create 40 files", "└── b/  keep 2 files"],
        ),
        (
            [*_many("p/a", 40), _change("p/b/one.md", "conflict", "binary")],
            ["p/", "├── a/        create 40 files", "└── b/one.md  conflict (binary)"],
        ),
        ([*_many("p/a", 40), *_many("p/b", 3)], ["p/", "├── a/  create 40 files", "└── b/  create 3 files"]),
        ([*_many("p/a/x", 40), *_many("p/a/y", 1)], ["p/  create 41 files"]),
        ([*_many("p/a", 20), *_many("q/b/c", 20)], ["p/  create 20 files", "q/  create 20 files"]),
        ([*_many("p/a", 40), _change("q.md")], ["p/    create 40 files", "q.md  create"]),
        (
            [*_many("p", 40), _change("p/x.md", "keep"), _change("p/y.md", "conflict", "binary")],
            [
                "p/",
                "├── x.md             keep",
                "├── y.md             conflict (binary)",
                "└── 000.md … 039.md  create 40 files",
            ],
        ),
        (
            [
                *(_change(f"p/s/{number:02}/x.md") for number in range(20)),
                *_many("p/s/20", 1),
                _change("p/s/20/y", "keep"),
            ],
            ["p/s/", "├── 20/", "│   ├── 000.md  create", "│   └── y       keep", "└── 00/ … 19/   create 20 files"],
        ),
        (
            [_change(f"p/{number:02}.md", "conflict") for number in range(9)] + _many("p/q", 9),
            ["p/", *(f"├── {number:02}.md  conflict" for number in range(9)), "└── q/     create 9 files"],
        ),
    ],
    ids=[
        "one folder",
        "one thing each",
        "a single file",
        "folders alike",
        "a folder of one file",
        "several at the top",
        "beside a file",
        "neighbours",
        "folders of one file each",
        "what is urgent",
    ],
)
def test_of_more_than_a_screen_a_folder_with_one_action_is_a_line(changes: list[Change], lines: list[str]) -> None:
    assert draw_tree(changes) == lines


def test_a_screen_of_lines_is_shown_file_by_file() -> None:
    assert len(draw_tree(_many("p", SCREEN - 1))) == SCREEN


@pytest.mark.parametrize(
    ("changes", "phrase"),
    [
        ([], "no file changed"),
        (_many("p", 6), "6 created"),
        ([*_many("p", 2, "keep"), *_many("q", 1, "orphan")], "2 kept with your edits, 1 left to you"),
        ([_change("a", "replace"), _change("b", "create"), _change("c", "replace")], "2 replaced, 1 created"),
    ],
)
def test_what_happened_is_a_phrase(changes: list[Change], phrase: str) -> None:
    assert count_actions(changes) == phrase


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ({"kind": "bundled"}, "claudepack itself"),
        ({"kind": "environment"}, "a Python environment"),
        ({"kind": "cache"}, "the cache"),
        ({"kind": "path", "path": "../mine"}, "../mine"),
        ({"kind": "git", "url": "https://example.org/p", "commit": "0" * 40}, "https://example.org/p"),
        ({"kind": "index", "index": "corp", "sha256": "0" * 64}, "corp"),
    ],
)
def test_a_source_is_named_by_what_tells_it_from_others(source: dict[str, str], named: str) -> None:
    assert name_source(source) == named


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("a.md  create", "a.md  create"),
        ("café 日本", "café 日本"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\rb\tc", "a\\rb\\tc"),
        ("a\u202eb", "a\\u202eb"),
        ("a\nb", "a\nb"),
    ],
)
def test_a_control_character_is_shown_and_not_obeyed(line: str, shown: str) -> None:
    assert escape_controls(line) == shown


@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"CI": "true"}, False)])
def test_colours_are_for_a_terminal(settings: dict[str, str], *, coloured: bool) -> None:
    code = "from claudepack.report.text import print_lines; print_lines(['a.md  create', 'create.md  keep'])"
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "TERM")}
    master, slave = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", code], stdout=slave, env={**kept, "TERM": "xterm", **settings}, check=True
        )
        shown = os.read(master, 1000).decode()
    finally:
        os.close(slave)
        os.close(master)

    plain = "a.md  create\r\ncreate.md  keep\r\n"
    assert (shown != plain) == coloured
    assert ("\x1b[32mcreate\x1b[0m" in shown) == coloured
    assert "create.md" in shown


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (0, ("file",), "0 files"),
        (1, ("file",), "1 file"),
        (2, ("file",), "2 files"),
        (1, ("repository", "repositories"), "1 repository"),
        (12345, ("repository", "repositories"), "12,345 repositories"),
    ],
)
def test_one_thing_is_one(number: int, words: tuple[str, ...], told: str) -> None:
    assert count_things(number, *words) == told


@pytest.mark.parametrize(
    ("notice", "shown"),
    [
        ("left out, unread: a.md, b.md", "left out, unread: a.md, b.md"),
        (
            "left out, unread: " + ", ".join("abcdefghij") + "; a, b: c",
            "left out, unread: a, b, c, d, e, f, g, h and 2 more, which --json names; a, b: c",
        ),
        ("a plugin cannot carry " + ", ".join("abcdefghij"), "a plugin cannot carry a, b, c, d, e, f, g, h, i, j"),
    ],
)
def test_of_much_that_is_left_out_a_few_are_named_and_all_are_counted(notice: str, shown: str) -> None:
    assert shorten_notice(notice) == shown
