"""What the client reads is found where the client finds it, under the name that it knows it by."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.components import estimate_tokens, find_components, place
from packs_in_memory import make_test_pack

AGENT = "---\nname: a-name\ndescription: d\n---\n"


@pytest.mark.parametrize(
    ("path", "spot"),
    [
        ("agents/a.md", ("agent", "agents/a.md")),
        ("agents/web/deep/a.md", ("agent", "agents/web/deep/a.md")),
        ("agents/a.txt", None),
        ("agents/a.MD", None),
        ("commands/a.md", ("command", "commands/a.md")),
        ("commands/git/a.md", ("command", "commands/git/a.md")),
        ("commands/a.py", None),
        ("rules/a.md", ("rule", "rules/a.md")),
        ("rules/web/a.md", ("rule", "rules/web/a.md")),
        ("output-styles/a.md", ("output style", "output-styles/a.md")),
        ("output-styles/web/a.md", None),
        ("prompts/a.md", ("prompt folder", "prompts/a.md")),
        ("prompts/a/b.md", ("prompt folder", "prompts/a/")),
        ("prompts/a/b/c.png", ("prompt folder", "prompts/a/")),
        ("skills/a/SKILL.md", ("skill", "skills/a/")),
        ("skills/a/lib/b.py", ("skill", "skills/a/")),
        ("skills/a.md", None),
        ("hooks/a.sh", ("hook", "hooks/a.sh")),
        ("hooks/lib/a.py", ("hook", "hooks/lib/a.py")),
        ("settings.json", ("settings", "settings.json")),
        ("mcp.json", ("MCP servers", "mcp.json")),
        ("CLAUDE.md", ("context", "CLAUDE.md")),
        ("CLAUDE.md.j2", ("context", "CLAUDE.md.j2")),
        ("other/a.md", None),
        ("README.md", None),
    ],
)
def test_where_a_file_lies_says_what_it_is(path: str, spot: tuple[str, str] | None) -> None:
    assert place(path) == spot


@pytest.mark.parametrize(
    ("path", "content", "name"),
    [
        ("agents/web/file.md", AGENT, "a-name"),
        ("agents/a.md", "---\ndescription: d\n---\n", ""),
        ("commands/git/push.md", "x", "git:push"),
        ("commands/v1.2.md", "x", "v1.2"),
        ("rules/web/a.md", "x", "web/a"),
        ("output-styles/terse.md", "x", "terse"),
        ("prompts/a.md", "x", "a"),
        ("prompts/back-end/api.md", "x", "back-end"),
        ("prompts/node.js/api.md", "x", "node.js"),
        ("skills/pdf.v2/SKILL.md", "---\nname: other\n---\n", "pdf.v2"),
        ("hooks/a.sh", "x", "a.sh"),
        ("CLAUDE.md", "x", "mine"),
        ("settings.json", "{}", "mine"),
    ],
)
def test_a_component_has_the_name_that_the_client_knows(path: str, content: str, name: str) -> None:
    [component] = find_components(make_test_pack({path: content}))
    assert component.name == name


def test_the_files_of_a_folder_are_one_component() -> None:
    skill = "---\nname: s\ndescription: d\n---\nbody\n"
    pack = make_test_pack(
        {"skills/s/SKILL.md": skill, "skills/s/a.py": "12345", "prompts/p/a.md": "x", "rules/r.md": "y"}
    )

    components = find_components(pack)

    assert [(item.kind, item.path) for item in components] == [
        ("prompt folder", "prompts/p/"),
        ("rule", "rules/r.md"),
        ("skill", "skills/s/"),
    ]
    found = components[2]
    assert (found.files, found.size) == (("skills/s/SKILL.md", "skills/s/a.py"), len(skill) + 5)
    assert found.metadata == {"name": "s", "description": "d"}
    assert found.tokens == estimate_tokens(found.size)


@pytest.mark.parametrize("path", ["commands/a.md", "rules/a.md", "output-styles/a.md"])
@pytest.mark.parametrize(("content", "metadata"), [("x\n---\n", {}), ("---\nmodel: opus\n---\n", {"model": "opus"})])
def test_frontmatter_may_be_there_or_not(path: str, content: str, metadata: dict[str, str]) -> None:
    [component] = find_components(make_test_pack({path: content}))
    assert component.metadata == metadata


@pytest.mark.parametrize("path", ["agents/a.md", "skills/a/SKILL.md"])
def test_an_agent_or_a_skill_without_it_is_an_error(path: str) -> None:
    with pytest.raises(ClaudepackError, match=f"^{path}:1: there is no frontmatter"):
        find_components(make_test_pack({path: "x"}))


@pytest.mark.parametrize("path", ["agents/a.md", "rules/a.md"])
def test_what_cannot_be_read_is_an_error_wherever_it_is(path: str) -> None:
    with pytest.raises(ClaudepackError, match=f"^{path}:"):
        find_components(make_test_pack({path: "---\nname: a\nname: b\n---\n"}))


def test_a_skill_without_skill_md_has_no_metadata() -> None:
    [component] = find_components(make_test_pack({"skills/s/README.md": AGENT}))
    assert (component.name, component.document, component.metadata) == ("s", None, {})
