"""RF: what leads nowhere is told, and what only looks like a reference is not."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.whole import subject_of_pack
from packs_in_memory import make_test_pack
from subjects import find_codes, make_subject
from trees import AGENT

HEAD = AGENT.format(name="a")  # its body begins in line 6
THERE = {"prompts/style/a.md": "x", "agents/b.md": AGENT.format(name="b")}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Read @.claude/prompts/style/ and `@.claude/prompts/style/a.md`.", ""),
        ("Read @./.claude/prompts/style, then go on.", ""),
        ("Read @.claude/prompts/none/ first.", "@.claude/prompts/none/"),
        ("Read `@.claude/prompts/style/b.md`.", "@.claude/prompts/style/b.md"),
        ("Ask @.claude/agents/none.md.", "@.claude/agents/none.md"),
        ("```\n@.claude/prompts/none/\n```", ""),
        ("~~~~md\n@.claude/prompts/none/\n~~~\n~~~~", ""),
        ("name@.claude-x.org, @scope/package, @.claude/other/x, @README.md, .claude/prompts/none/", ""),
    ],
)
@pytest.mark.parametrize("path", ["agents/a.md", "commands/c.md", "prompts/p/x.md"])
def test_a_reference_that_leads_nowhere_is_named(path: str, text: str, lost: str) -> None:
    head = HEAD if path.startswith("agents/") else ""
    files = {**THERE, path: f"{head}{text}\n"}

    found = [item for item in check_subject(make_subject(files)) if item.code == "RF001"]

    assert [item.message.partition(" leads to no ")[0] for item in found] == ([lost] if lost else [])
    assert [item.source[item.column - 1 : item.end - 1] for item in found] == ([lost] if lost else [])


def test_the_nearest_is_named_and_another_pack_may_have_it() -> None:
    files = {"agents/a.md": f"{HEAD}@.claude/prompts/stile/\n", "prompts/style/a.md": "x"}

    [found] = check_subject(subject_of_pack(make_test_pack(files)))
    assert (found.code, found.line, found.hint) == (
        "RF001",
        7,
        "did you mean prompts/style or prompts/style/a.md or prompts?",
    )
    requires = ("claudepack-base",)
    assert check_subject(subject_of_pack(make_test_pack(files, requires=requires))) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Follow @docs/style.md.", ["RF002"]),
        ("Follow @./docs/style.", ["RF002"]),
        ("- @docs/a.md\n- @docs/b.md\n", ["RF002", "RF002"]),
        ("Follow @prompts/x.md and (@docs/b.md)", ["RF002"]),
        ("Read @.claude/prompts/style/a.md.", ["RF004"]),
        ("Read @.claude/prompts/style.", ["RF003"]),
        ("Read @.claude/prompts/none/x.md.", ["RF001"]),
        ("Mail me@docs/style.md or dev@example.org.", []),
        ("`@docs/style.md` and ``a ` @docs/style.md``", []),
        ("```\n@docs/style.md\n```", []),
        ("<!-- @docs/style.md -->", []),
        ("<!-- one\n@docs/style.md\n-->", []),
        ("@scope/package, @types/node, @angular/core, @org/team, @someone, @app.route('/x.md')", []),
        ("@media (max-width: 1px) and @import url(x.css); @Component({}) @Override @param x", []),
        ("@~/.claude/mine.md", ["RF004"]),
        ("https://x.org/@user/post.md and @https://x.org/a.md", []),
        ("@<path>, @{{ path }}.md, @*.md, @path/to/[slug].md", []),
    ],
)
def test_imports_are_what_the_client_would_import(text: str, codes: list[str]) -> None:
    files = {"CLAUDE.md": f"{text}\n", "prompts/style/a.md": "x"}

    assert [found.partition(" ")[0] for found in find_codes(files, "RF")] == codes


@pytest.mark.parametrize(
    ("path", "text", "layout", "count"),
    [
        ("commands/c.md", "Run ${CLAUDE_PLUGIN_ROOT}/x.sh", "pack", 1),
        ("commands/c.md", 'Run "$CLAUDE_PLUGIN_ROOT"/x.sh', "project", 1),
        ("commands/c.md", "Run ${CLAUDE_PLUGIN_ROOT}/x.sh", "plugin", 0),
        ("commands/c.md", "A plugin knows its `${CLAUDE_PLUGIN_ROOT}`.", "pack", 0),
        ("commands/c.md", "```\n${CLAUDE_PLUGIN_ROOT}/x.sh\n```", "pack", 0),
        ("hooks/x.sh", 'cd "$CLAUDE_PLUGIN_ROOT"', "pack", 1),
        ("hooks/x.sh", 'cd "${CLAUDE_PLUGIN_ROOT:-.}" "$CLAUDE_PLUGIN_ROOTS"', "pack", 0),
        ("mcp.json", '{"mcpServers": {"a": {"command": "${CLAUDE_PLUGIN_ROOT}/x"}}}', "project", 1),
    ],
)
def test_the_root_of_a_plugin_means_nothing_elsewhere(path: str, text: str, layout: str, count: int) -> None:
    found = find_codes({path: text}, "RF005", layout=layout)  # type: ignore[arg-type]

    assert len(found) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Write {{ language }}.", 1),
        ("Write {{language|upper}} and {{- language -}}", 2),
        ("Write ${{ language }}, {{ other }}, {{ .language }}, {{ language.x }}, {{#language}}", 0),
        ("```\n{{ language }}\n```", 0),
        ("{% if language %}", 0),
    ],
)
def test_a_variable_of_the_pack_is_not_rendered_elsewhere(text: str, count: int) -> None:
    files = {"pack.toml": "[variables.language]\nhelp = 'x'\n", "prompts/a.md": text, "CLAUDE.md.j2": "{{ language }}"}

    assert len(find_codes(files, "RF006")) == count
    assert find_codes({"prompts/a.md": text}, "RF006") == []
