"""SZ: what is too long by one, and what just fits."""

from dataclasses import replace

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from claudepack.lint.subject import Layout, Subject
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


def make_large(path: str, size: int, layout: Layout = "project") -> Subject:
    """A file that says it is so large; what it holds is little."""
    subject = make_subject({path: ""}, layout)
    return replace(subject, files={path: subject.files[path]._replace(size=size)})


MIB = 1 << 20
BOUNDS: list[tuple[str, Layout, int]] = [
    ("agents/a.md", "project", MIB),
    ("commands/a.md", "pack", MIB),
    ("output-styles/a.md", "project", MIB),
    ("skills/a/SKILL.md", "project", 1_000_000),
    ("skills/a/SKILL.md", "plugin", MIB),
    ("rules/a.md", "project", 4 * MIB),
    ("CLAUDE.md", "project", 4 * MIB),
    ("src/CLAUDE.md", "project", 4 * MIB),
    ("settings.json", "pack", 2 * MIB),
    ("settings.local.json", "project", 2 * MIB),
    ("mcp.json", "project", 12 * MIB),
    ("hooks/hooks.json", "plugin", 12 * MIB),
    (".claude-plugin/plugin.json", "plugin", 12 * MIB),
    (".claude-plugin/marketplace.json", "plugin", 12 * MIB),
]
TOO_LARGE = Selection(("SZ005",))


@pytest.mark.parametrize(("path", "layout", "bound"), BOUNDS)
def test_a_file_is_as_large_as_the_client_reads_it(path: str, layout: Layout, bound: int) -> None:
    assert check_subject(make_large(path, bound, layout), TOO_LARGE) == []
    assert [item.code for item in check_subject(make_large(path, bound + 1, layout), TOO_LARGE)] == ["SZ005"]


@pytest.mark.parametrize(("path", "layout", "bound"), BOUNDS)
def test_of_what_is_too_large_to_be_read_nothing_else_is_said(path: str, layout: Layout, bound: int) -> None:
    assert [item.code for item in check_subject(make_large(path, 13 * bound, layout))] == ["SZ005"]


def test_what_only_lies_beside_a_skill_may_be_large() -> None:
    for path in ("skills/a/data.json", "prompts/a/table.md", "hooks/model.bin"):
        assert check_subject(make_large(path, 64 * MIB), TOO_LARGE) == []


def test_what_is_skipped_costs_no_session_anything() -> None:
    assert check_subject(make_large("CLAUDE.md", 4 * MIB), SIZES)[0].code == "SZ004"
    assert [item.code for item in check_subject(make_large("CLAUDE.md", 4 * MIB + 1), SIZES)] == ["SZ005"]
