"""What is broken is found, with its place and what to do; what is whole has no findings."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.check import check_pack, refuse_broken
from packs_in_memory import make_test_pack

AGENT = "---\nname: a\ndescription: does it\n---\n"
SKILL = "---\nname: s\ndescription: d\n---\n"

WHOLE = {
    "an agent": {"agents/a.md": AGENT},
    "a nested agent": {"agents/web/a.md": AGENT},
    "a command without frontmatter": {"commands/a.md": "Do it.\n"},
    "a rule that begins with a rule": {"rules/a.md": "text\n---\n"},
    "a binary in a prompt folder": {"prompts/a/x.png": b"\x89PNG\0\xff"},
    "a skill with its files": {"skills/s/SKILL.md": SKILL, "skills/s/lib/run.py": "x\n"},
    "a prompt beside the folder of its name": {"prompts/a.md": "a\n", "prompts/a/b.md": "b\n"},
    "folders that differ after a dot": {"prompts/node.js/a.md": "a\n", "prompts/node.ts/a.md": "b\n"},
    "skills that differ after a dot": {"skills/v1.1/SKILL.md": SKILL, "skills/v1.2/SKILL.md": SKILL},
    "hooks that differ after a dot": {"hooks/a.sh": "x\n", "hooks/a.py": "x\n"},
    "a context with a declared variable": {"CLAUDE.md.j2": "{{ x }}", "pack.toml": "[variables.x]\nhelp = 'h'\n"},
    "a command in a folder of a skill's name": {"commands/s/s.md": "x", "skills/s/SKILL.md": SKILL},
    "fragments": {
        "settings.json": '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "x"}]}]}}',
        "mcp.json": '{"mcpServers": {"db": {"command": "db"}}}',
    },
    "a flag": {"commands/a.md": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\n"},
}


@pytest.mark.parametrize("files", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_whole_has_no_findings(files: dict[str, str | bytes]) -> None:
    assert check_pack(make_test_pack(files)) == []


BROKEN = [
    ({}, "empty", "pyproject.toml", 0, "holds nothing"),
    ({"skills/s/README.md": "x"}, "layout", "skills/s", 0, "no SKILL.md"),
    ({"skills/s/skill.md": SKILL}, "layout", "skills/s", 0, "no SKILL.md"),
    ({"skills/SKILL.md": SKILL}, "layout", "skills/SKILL.md", 0, "does not read"),
    ({"agents/notes.txt": "x"}, "layout", "agents/notes.txt", 0, "does not read"),
    ({"output-styles/a/b.md": "x"}, "layout", "output-styles/a/b.md", 0, "does not read"),
    ({"agents/a.md": "no\n"}, "no-frontmatter", "agents/a.md", 1, "no frontmatter"),
    ({"agents/a.md": "---\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 1, "has no name"),
    ({"agents/a.md": "---\nname: a\n---\n"}, "frontmatter", "agents/a.md", 1, "has no description"),
    ({"agents/a.md": "---\nname: a\ndescription: 7\n---\n"}, "frontmatter", "agents/a.md", 3, "is no text"),
    ({"agents/a.md": "---\nname: ''\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 2, "is no text"),
    *(
        ({"agents/a.md": f"---\nname: '{name}'\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 2, f"'{name}'")
        for name in ("a:b", "a/b", "-a")
    ),
    ({"agents/a.md": AGENT, "agents/b.md": AGENT}, "duplicate", "agents/b.md", 1, "in agents/a.md too"),
    ({"commands/a.md": "one\ntwo \u202e\n"}, "hidden-text", "commands/a.md", 2, "U+202E"),
    (
        {"agents/a.md": '---\nname: a\ndescription: "d \\U000e0041"\n---\n'},
        "hidden-text",
        "agents/a.md",
        3,
        "U+E0041",
    ),
    (
        {"skills/s/SKILL.md": '---\nname: s\nmetadata:\n  deep: ["\\u202e"]\n---\n'},
        "hidden-text",
        "skills/s/SKILL.md",
        3,
        "U+202E",
    ),
    ({"CLAUDE.md": "a\n\u2066\n"}, "hidden-text", "CLAUDE.md", 2, "U+2066"),
    ({"CLAUDE.md": "a\n```\n"}, "context", "CLAUDE.md", 2, "never closed"),
    ({"CLAUDE.md.j2": "a\n{{ x() }}\n"}, "context", "CLAUDE.md.j2", 2, "Call"),
    ({"CLAUDE.md.j2": "{{ x }}"}, "variable", "CLAUDE.md.j2", 0, "'x' is not declared"),
    ({"settings.json": "{"}, "pack", "settings.json", 0, "not JSON"),
    ({"settings.json": "[]"}, "pack", "settings.json", 0, "not a JSON object"),
    ({"settings.json": '{"hooks": {"PostToolUsed": []}}'}, "hook-event", "settings.json", 0, "no event 'PostToolUsed'"),
    ({"mcp.json": '{"mcpServers": {"workspace": {}}}'}, "reserved-server", "mcp.json", 0, "the name 'workspace'"),
    ({"commands/s.md": "x", "skills/s/SKILL.md": SKILL}, "duplicate", "skills/s/", 1, "'s' is in commands/s.md too"),
]


@pytest.mark.parametrize(("files", "code", "path", "line", "why"), BROKEN)
def test_what_is_broken_is_found_once(files: dict[str, str], code: str, path: str, line: int, why: str) -> None:
    [finding] = check_pack(make_test_pack(files))

    assert (finding.code, finding.severity, finding.path, finding.line) == (code, "error", path, line)
    assert why in finding.message
    assert finding.hint


def test_a_broken_pack_is_refused_with_all_that_is_wrong() -> None:
    pack = make_test_pack({"agents/a.md": "---\nname: a\n---\n", "agents/b.txt": "x"})

    with pytest.raises(ClaudepackError) as caught:
        refuse_broken(pack)

    assert caught.value.code == "frontmatter"
    assert caught.value.message.startswith("mine 1.0.0: 2 errors\n  agents/a.md:1: ")
    assert "\n  agents/b.txt: the client does not read this file there (" in caught.value.message


def test_a_whole_pack_passes() -> None:
    refuse_broken(make_test_pack({"agents/a.md": AGENT}))
