"""The same is found in any order of files, and by any number of processes."""

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.reading import read_subjects
from claudepack.lint.subject import Subject
from subjects import make_subject
from trees import write_tree

ROWS = (
    'description: "Is fine."',
    "description: Use it: so",
    "description: 7",
    "hooks: []",
    "tools: read",
    "description: a --- b",
)


def make_files(count: int) -> dict[str, str]:
    """Agents of which each has something wrong, every third a name that another has, and what they refer to."""
    files = {"CLAUDE.md": "Read @.claude/prompts/gone/ first.\n" * 201, "prompts/x/a.md": "-----\n"}
    for number in range(count):
        name, row = f"agent-{number // 3 * 3}", ROWS[number % len(ROWS)]
        files[f"agents/{number % 7}/a{number}.md"] = f"---\nname: {name}\n{row}\n---\nSee @.claude/prompts/{number}/.\n"
        files[f"commands/{number}.md"] = "\ufeffa: \u202e\n"
    return files


def reorder(subject: Subject, paths: Iterable[str]) -> Subject:
    return Subject(subject.shown, subject.layout, {path: subject.files[path] for path in paths})


def test_the_order_of_files_does_not_count() -> None:
    subject = make_subject(make_files(30))
    expected = check_subject(subject)
    assert len({finding.code for finding in expected}) > 6
    assert [finding.path for finding in expected] == sorted(finding.path for finding in expected)

    paths = list(subject.files)
    for seed in range(10):
        random.Random(seed).shuffle(paths)  # noqa: S311 - an order, no secret
        assert check_subject(reorder(subject, paths)) == expected


@pytest.mark.parametrize("jobs", [2, 5])
def test_the_number_of_processes_does_not_count(tmp_path: Path, jobs: int) -> None:
    write_tree(tmp_path / ".claude", make_files(205))
    [subject] = read_subjects(tmp_path)

    assert len(subject.files) > 400, "else no second process is started"
    assert check_subject(subject, jobs=jobs) == check_subject(subject)
