"""FM: what makes frontmatter unread or read otherwise, and what only looks so; tests/client has what loads."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from claudepack.report.finding import Finding
from subjects import make_subject

GROUPS = Selection(("FM",), ("FM008",))


def find(head: str, path: str = "agents/a.md") -> list[Finding]:
    return check_subject(make_subject({path: head}), GROUPS)


def agent(*rows: str) -> str:
    return "\n".join(["---", "name: a", *rows, "---", "Do it.\n"])


FOUND = [
    (agent('description: "x" y'), "FM001", 3, 14),
    (agent("description: first", "second: line", "third line"), "FM001", 4, 9),
    (agent("description: d", "color: 'red"), "FM001", 4, 8),
    ("---\nname: a\ndescription: d\n", "FM001", 1, 0),
    ("---\nwords\n---\n", "FM001", 2, 0),
    (agent("description: a: b").replace("\n", "\r\n"), "FM001", 3, 14),
    ("Do it.\n", "FM002", 1, 0),
    (agent("description: a: b"), "FM003", 3, 14),
    (agent("description: d", "argument-hint: [a] [b]"), "FM003", 4, 16),
    (agent("description: *bold*"), "FM003", 3, 14),
    (agent("description: a --- b"), "FM009", 3, 16),
    (agent("description: d", "color: red ---- x"), "FM009", 4, 12),
    (agent("description: C # x"), "FM010", 3, 16),
    ("\n" + agent("description: d"), "FM012", 1, 0),
    ("-----\nname: a\ndescription: d\n---\n", "FM012", 1, 4),
    ("---yaml\nname: a\ndescription: d\n---\n", "FM012", 1, 4),
    (agent("description: d", "model: opus", "model: haiku"), "FM014", 5, 0),
    (agent("description: d", "x: " + "[" * 50 + "]" * 50), "FM015", 2, 0),
    (agent("description: d", "x: " + "y" * (1 << 20)), "FM015", 2, 0),
]


@pytest.mark.parametrize(("content", "code", "line", "column"), FOUND, ids=range(len(FOUND)))
def test_what_is_wrong_is_found_once_and_in_its_place(content: str, code: str, line: int, column: int) -> None:
    [finding] = [item for item in find(content) if item.code != "FM007"]

    assert (finding.code, finding.line, finding.column) == (code, line, column)
    assert finding.hint


NEAR_MISSES = {
    "a time": agent("description: Runs at 12:30."),
    "a URL": agent("description: See https://example.org/a?b=c#d"),
    "a namespace": agent("description: Uses std::string and App\\Models"),
    "C sharp": agent("description: Ports C# to F#, see issue#42"),
    "an e-mail": agent("description: Mail a@example.org, or ask @team"),
    "an emoji": agent("description: 🚀 Ships it — now, “at once”…"),
    "two dashes": agent("description: Reads a -- b, and `git log --oneline`"),
    "a quoted colon": agent('description: "Use it: so"'),
    "a quoted hash": agent('description: "C # x"'),
    "a hash in a comment": agent("model: opus # C # x", "description: d"),
    "a block": agent("description: |", "  Use it: so", "  - [x] `a`: b", "model: opus"),
    "a folded block": agent("description: >-", "  Use it so:", "", "  user: hi"),
    "indented lines": agent("description: Use it", "  on several lines", "model: opus"),
    "a list at the margin": agent("description: d", "tools:", "- Read", "- Write"),
    "a comment": agent("# name: b", "description: d"),
    "blank lines": agent("", "description: d", ""),
    "blanks behind the fence": agent("description: d").replace("---\n", "--- \n"),
    "CRLF": agent("description: d").replace("\n", "\r\n"),
    "no line at the end": "---\nname: a\ndescription: d\n---",
    "a rule in the body": agent("description: d") + "\n---\n\nname: b\nname: b\n",
    "an anchor": "---\nname: &a a\ndescription: *a\n---\n",
    "flow style": "---\n{name: a, description: d}\n---\n",
    "other scripts": agent("description: 审查代码 找出缺陷"),
}


@pytest.mark.parametrize("content", NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_what_only_looks_wrong_is_not(content: str) -> None:
    assert find(content) == []


OTHERS = [
    ("commands/a.md", "Do it.\n", []),
    ("commands/a.md", "---\nDo it.\n", []),
    ("commands/a.md", "\n---\ndescription: d\n---\n", ["FM012"]),
    ("commands/a.md", '---\ndescription: "x" y\n---\n', ["FM001"]),
    ("rules/a.md", "---\npaths: [*.py]\n---\n", ["FM003"]),
    ("rules/a.md", '---\npaths: ["*.py"]\n---\n', []),
    ("skills/a/SKILL.md", "Do it.\n", ["FM002"]),
    ("skills/a/SKILL.md", "---\nname: a\n---\n", ["FM016"]),
    ("skills/a/SKILL.md", '---\nname: a\ndescription: ""\n---\n', ["FM016"]),
    ("skills/a/SKILL.md", "---\nuser-invocable: true\ndisable-model-invocation: true\n---\n", []),
    ("skills/a/notes.md", "Do it.\n", []),
    ("prompts/a.md", "---\nname: a\nname: a\n", []),
    ("agents/README.md", "# Agents\n", []),
    ("agents/web/readme.md", "# Agents\n", []),
    ("agents/readme-writer.md", "# Agents\n", ["FM002"]),
    ("agents/a.MD", "---\nname: a\n---\n", ["FM013"]),
    ("agents/a.markdown", "---\nname: a\n---\n", ["FM013"]),
    ("agents/a.MD", "# Agents\n", []),
    ("agents/a.mdx", "---\nname: a\n---\n", []),
    ("prompts/a/b.MD", "---\nname: a\n---\n", []),
    ("CLAUDE.md", "---\nname: a\nname: a\n---\n", []),
]


@pytest.mark.parametrize(("path", "content", "codes"), OTHERS)
def test_other_files_need_other_heads(path: str, content: str, codes: list[str]) -> None:
    assert [finding.code for finding in find(content, path)] == codes
