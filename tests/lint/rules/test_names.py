"""NM: names that the client does not take, or that are hard to find; and those that are only unusual."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from subjects import make_subject

CASES = [
    ("reviewer", "reviewer", []),
    ("reviewer", "web-reviewer", []),
    ("code-reviewer", "Code Reviewer", ["NM005"]),
    ("code_reviewer", "code-reviewer", []),
    ("01-reviewer", "reviewer", ["NM004"]),
    ("a", "a2", []),
    ("a", "größe", ["NM005", "NM004"]),
    ("a", "b_a", ["NM005"]),
    ("a", '"a:b"', ["NM002"]),
    ("a", "a/b", ["NM006"]),
    ("a", "-a", ["NM002"]),
    ("a", "a-", ["NM005"]),
    ("404", "404", ["NM003"]),
    ("404", '"404"', []),
    ("a", "4.5", ["NM003"]),
    ("0x1f", "0x1f", ["NM003"]),
    ("1-2", "1-2", []),
    ("a", "true", []),
    ("a", '""', []),
]


@pytest.mark.parametrize(("file", "name", "codes"), CASES)
def test_names_of_agents(file: str, name: str, codes: list[str]) -> None:
    head = f"---\nname: {name}\ndescription: d\n---\n"
    found = check_subject(make_subject({f"agents/x/{file}.md": head}), Selection(("NM",)))

    assert sorted(finding.code for finding in found) == sorted(codes)
    assert all(finding.line == 2 and finding.column == 7 for finding in found)


def head(name: str) -> str:
    return f"---\nname: {name}\ndescription: d\n---\n"


TWINS = [
    ({"agents/a.md": head("a"), "agents/b/a.md": head("a")}, ["agents/b/a.md"]),
    ({"agents/a.md": head("a"), "agents/b/a.md": head("b-a")}, []),
    ({"agents/a.md": head("a"), "agents/b/a.md": head("A")}, []),
    ({"agents/a.md": head("a"), "skills/a/SKILL.md": head("a"), "output-styles/a.md": head("a")}, []),
    ({"skills/a/SKILL.md": head("a"), "commands/a.md": head("a")}, ["skills/a/SKILL.md"]),
    ({"skills/a/SKILL.md": head("a"), "commands/a/a.md": head("a")}, []),
    ({"skills/a/SKILL.md": head("x"), "skills/b/SKILL.md": head("x")}, []),
    ({"rules/a/x.md": head("a"), "rules/b/x.md": head("a")}, []),
    ({"agents/a.md": head('""'), "agents/b.md": head('""')}, []),
    ({f"agents/{number}.md": head("a") for number in range(3)}, ["agents/1.md", "agents/2.md"]),
]


@pytest.mark.parametrize(("files", "paths"), TWINS, ids=range(len(TWINS)))
def test_two_of_one_name_are_told_of_the_second(files: dict[str, str], paths: list[str]) -> None:
    found = check_subject(make_subject(files), Selection(("NM001",)))

    assert [finding.path for finding in found] == paths
    assert all("duplicate name" in finding.message for finding in found)
