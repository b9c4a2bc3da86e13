"""VL: values that the client knows, and those that only look like them."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.known import split_tools
from claudepack.lint.selection import Selection
from subjects import make_subject

CASES = [
    ("model: opus", ""),
    ("model: Opus", ""),
    ("model: inherit", ""),
    ("model: opus[1m]", ""),
    ("model: claude-opus-4-1-20250805", ""),
    ("model: claude-sonnet-5", ""),
    ("model: arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-v1:0", ""),
    ("model: claude-opus-4-5@20251101", ""),
    ("model: gpt-5", "VL001 'gpt-5'"),
    ("model: claude-opus", "VL001 'claude-opus'"),
    ("model: sonnet-4", "VL001 'sonnet-4'"),
    ("model: claude-3-opus-20240229", "VL002 2026-01-05"),
    ("model: us.anthropic.claude-3-5-sonnet-20241022-v2:0", "VL002 2025-10-28"),
    ("model: claude-sonnet-4-20250514", "VL002 2026-06-15"),
    ("model: claude-2.1", "VL002 2025-07-21"),
    ("model: claude-3-haiku-20240307", ""),
    ("color: purple", ""),
    ("color: Purple", "VL003 'Purple'"),
    ('color: "#ff0000"', "VL003 '#ff0000'"),
    ("color:", ""),
    ("permissionMode: acceptEdits", ""),
    ("permissionMode: acceptedits", "VL003 'acceptedits'"),
    ("memory: user", ""),
    ("memory: true", "VL003 True"),
    ("isolation: none", "VL003 'none'"),
    ("effort: MAX", ""),
    ("effort: 7", ""),
    ("effort: extreme", "VL003 'extreme'"),
    ("effort: true", "VL003 True"),
    ("background: false", ""),
    ('background: "false"', ""),
    ("background: yes", "VL003 'yes'"),
    ("maxTurns: 10", ""),
    ('maxTurns: "10"', ""),
    ("maxTurns: 0", "VL003 0"),
    ("maxTurns: 2.5", "VL003 2.5"),
    ("maxTurns: true", "VL003 True"),
    ("tools: Read, Write, Bash(npm run test:*), mcp__x__y, mcp__*, Agent(a, b), Task", ""),
    ('tools: "*"', ""),
    ("tools: Read Write", ""),
    ("tools: [Read, 'Bash(a, b)']", ""),
    ("tools: Read, Wrte", "VL004 Wrte"),
    ("tools: read, write", "VL004 all"),
    ("tools: Read; Write", "VL004 Read;"),
    ("tools: All tools", "VL004 all"),
    ("disallowedTools: Wrte", "VL004 Wrte"),
    ("tools: Read, LS", "VL005 LS"),
    ("tools: []", ""),
    ("tools:", "VL006 none"),
    ('tools: ""', "VL006 none"),
    ("disallowedTools:", ""),
]


@pytest.mark.parametrize(("row", "expected"), CASES)
def test_values_of_agents(row: str, expected: str) -> None:
    head = f"---\nname: a\ndescription: d\n{row}\n---\n"
    found = check_subject(make_subject({"agents/a.md": head}), Selection(("VL",)))

    code, _, word = expected.partition(" ")
    assert [finding.code for finding in found] == ([code] if code else [])
    assert all(word in finding.message and finding.line == 4 and finding.column for finding in found)


def test_commands_have_models_and_tools_too() -> None:
    head = "---\ndescription: d\nmodel: gpt-5\nallowed-tools: Bash(git add:*), Wrte\ncolor: teal\n---\n"
    found = check_subject(make_subject({"commands/a.md": head}), Selection(("VL",)))

    assert [finding.code for finding in found] == ["VL001", "VL004"]


SPLIT = [
    ("Read, Write", ["Read", "Write"]),
    ("Read,Write  Edit", ["Read", "Write", "Edit"]),
    ("Bash(git log *, x), Read", ["Bash", "Read"]),
    ("Bash(a (b) c) Read", ["Bash", "Read"]),
    ("Bash(open", ["Bash"]),
    (["Read", "Write, Edit", 3], ["Read", "Write", "Edit"]),
    ("", []),
    (None, []),
    (7, []),
]


@pytest.mark.parametrize(("value", "names"), SPLIT)
def test_tools_are_split_outside_of_parentheses(value: object, names: list[str]) -> None:
    assert split_tools(value) == names
