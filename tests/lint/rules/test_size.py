"""SZ: what is too long by one, and what just fits."""

from dataclasses import replace

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from subjects import make_subject

SIZES = Selection(("SZ",))


def head(length: int) -> str:
    return f"---\nname: a\ndescription: {'x' * length}\n---\n{'y' * 5000}\n"


CASES = [
    ("skills/a/SKILL.md", head(1024), []),
    ("skills/a/SKILL.md", head(1025), ["SZ001"]),
    ("skills/a/notes.md", head(1025), []),
    ("agents/a.md", head(2000), []),
    ("agents/a.md", head(2001), ["SZ002"]),
    ("commands/a.md", head(5000), []),
    ("CLAUDE.md", "x\n" * 200, []),
    ("CLAUDE.md", "x\n" * 199 + "x", []),
    ("CLAUDE.md", "x\n" * 201, ["SZ003"]),
    ("CLAUDE.md", "x\n" * 200 + "x", ["SZ003"]),
    ("rules/a.md", "x\n" * 1000, []),
    ("rules/a.md", "x" * 60_000, ["SZ004"]),
    ("rules/a.md", "---\npaths: ['*.py']\n---\n" + "x" * 60_000, []),
    ("prompts/a.md", "x" * 60_000, []),
]


@pytest.mark.parametrize(("path", "content", "codes"), CASES, ids=range(len(CASES)))
def test_sizes(path: str, content: str, codes: list[str]) -> None:
    assert [finding.code for finding in check_subject(make_subject({path: content}), SIZES)] == codes


def test_what_is_cut_is_said() -> None:
    messages = [
        check_subject(make_subject({"skills/a/SKILL.md": head(size)}), SIZES)[0].message for size in (1500, 1600)
    ]

    assert messages == [
        "the description has 1500 characters",
        "the description has 1600 characters, of which the client shows 1536",
    ]


def test_a_budget_is_of_all_files_together_and_names_the_largest() -> None:
    files = {f"rules/{name}.md": "x" * 350 * size for size, name in enumerate("abcd", start=1)}
    subject = make_subject(files)

    assert check_subject(replace(subject, budget=1000), SIZES) == []
    [finding] = check_subject(replace(subject, budget=999), SIZES)
    assert finding.message == "about 1000 tokens in every session, of 999 that may be"
    assert finding.hint == "the largest: rules/d.md (400), rules/c.md (300), rules/b.md (200)"
