"""FM, continued: fields that are missing, misspelt, or of another type."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from subjects import make_subject

FIELDS = Selection(("FM004", "FM005", "FM006", "FM007", "FM008", "FM011"))

CASES = [
    ([], ["FM004 name", "FM004 description"]),
    (["Name: a", "description: d"], ["FM004 name", "FM007 'Name'"]),
    (["name: a", "descripton: d"], ["FM004 description", "FM007 'descripton'"]),
    (["name: a", "description:"], ["FM005 description"]),
    (["name: a", "description: # nothing"], ["FM005 description"]),
    (["name: true", "description: d"], ["FM005 name"]),
    (["name: [a]", "description: {a: b}"], ["FM005 name", "FM005 description"]),
    (["name: a", 'description: " "'], []),
    (["name: yes", "description: no"], []),
    (["name: 12-30", "description: 2024-01-02"], []),
    (["name: a", "description: 1.2.3"], []),
    (["name: a", "description: d", "model: 5"], ["FM006 model"]),
    (["name: a", "description: d", "tools: [Read, 5]"], ["FM006 tools"]),
    (["name: a", "description: d", "skills: {a: b}"], ["FM006 skills"]),
    (["name: a", "description: d", "mcpServers: [a, {b: {command: c}}]"], []),
    (["name: a", "description: d", "mcpServers: a"], ["FM006 mcpServers"]),
    (["name: a", "description: d", "tools:", "model:", "skills: []", "initialPrompt: x"], []),
    (["name: a", "description: d", "tool: Read"], ["FM007 'tool'"]),
    (["name: a", "description: d", "colour: red"], ["FM007 'colour'"]),
    (["name: a", "description: d", "max_turns: 3"], ["FM007 'max_turns'"]),
    (["name: a", "description: d", "allowed-tools: Read"], ["FM007 'allowed-tools'"]),
    (["name: a", "description: d", "version: 1"], ["FM008 'version'"]),
    (["name: a", "description: d", "tags: [a]", "category: b"], ["FM008 'tags'", "FM008 'category'"]),
    (["name: a", "description: d", "hooks:"], []),
    (["name: a", "description: d", "hooks: {PostToolUse: 3}"], []),
    (["name: a", "description: d", "hooks: {PreToolUse: 3}"], ["FM011 hooks.PreToolUse"]),
    (["name: a", "description: a: b", "hooks: {}"], ["FM011 hooks"]),
]


@pytest.mark.parametrize(("rows", "expected"), CASES, ids=range(len(CASES)))
def test_fields_of_agents(rows: list[str], expected: list[str]) -> None:
    found = check_subject(make_subject({"agents/a.md": "\n".join(["---", *rows, "---", "Do it.\n"])}), FIELDS)

    told = sorted(f"{item.code} {item.message}" for item in found)
    assert len(told) == len(expected)
    for said, want in zip(told, sorted(expected), strict=True):
        code, word = want.split()
        assert said.startswith(code)
        assert word in said


@pytest.mark.parametrize(
    ("path", "row", "codes"),
    [
        ("commands/a.md", "allowed-tools: Read", []),
        ("commands/a.md", "argument-hint: x", []),
        ("commands/a.md", "allowed-tool: Read", ["FM007"]),
        ("commands/a.md", "tools: Read", []),
        ("skills/a/SKILL.md", "metadata: {version: 1}", []),
        ("skills/a/SKILL.md", "allowed_tools: Read", ["FM007"]),
        ("skills/a/SKILL.md", "authors: [a]", []),
        ("skills/a/SKILL.md", "licence: MIT", []),
        ("rules/a.md", "path: x", ["FM007"]),
        ("output-styles/a.md", "keep-coding-instructions: true", []),
    ],
)
def test_fields_of_others_are_only_misspelt(path: str, row: str, codes: list[str]) -> None:
    found = check_subject(make_subject({path: f"---\ndescription: d\n{row}\n---\n"}), FIELDS)

    assert [finding.code for finding in found] == codes
