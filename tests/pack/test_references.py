"""A reference of a pack's text that leads nowhere is found before it fails silently."""

import io

import pytest

from claudepack.pack.references import find_dangling
from claudepack.pack.tree import read_file
from packs_in_memory import make_test_pack
from trees import AGENT

THERE = {"prompts/back-end/api.md": "x", "agents/a.md": AGENT.format(name="a")}


@pytest.mark.parametrize(
    ("text", "dangling"),
    [
        ("Read `@.claude/prompts/back-end/` first.", []),
        ("Read @.claude/prompts/back-end/api.md.", []),
        ("Read @./.claude/prompts/back-end.", []),
        ("Read `@.claude/prompts/front-end/` first.", ["@.claude/prompts/front-end/"]),
        ("Read @.claude/prompts/back-end/db.md, then go on.", ["@.claude/prompts/back-end/db.md"]),
        ("@.claude/skills/x/ and @.claude/agents/a.md", ["@.claude/skills/x/"]),
        ("```\n@.claude/prompts/none/\n```", []),
        ("name@.claude-x.org, @scope/package, @.claude/other/x, @README.md", []),
        ("Look into .claude/prompts/none/ yourself.", []),
    ],
)
@pytest.mark.parametrize("path", ["agents/b.md", "commands/c.md", "prompts/p/x.md", "CLAUDE.md.j2"])
def test_references_are_resolved(path: str, text: str, dangling: list[str]) -> None:
    head = AGENT.format(name="b") if path.startswith("agents/") else ""
    pack = make_test_pack({**THERE, path: f"{head}\n{text}\n"})

    assert [reference.text for reference in find_dangling(pack)] == dangling
    assert {reference.path for reference in find_dangling(pack)} <= {path}


def test_what_is_elsewhere_counts_too() -> None:
    pack = make_test_pack({"agents/b.md": "@.claude/prompts/front-end/\n"})
    assert [*find_dangling(pack, ["prompts/front-end/a.md"])] == []


class _Pieces(io.BytesIO):
    """A text that nobody may read as a whole: it could have 200 MB."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= 1 << 20
        return super().read(size)

    read1 = read


def test_a_large_text_is_looked_through_in_pieces() -> None:
    text = "a line\n" * 300_000 + "Read @.claude/prompts/none/ first.\n"
    pack = make_test_pack({"prompts/p/x.md": "x"})
    large = read_file("prompts/p/x.md", lambda: _Pieces(text.encode()), executable=False)

    found = list(find_dangling(pack._replace(files={large.path: large})))

    assert [(reference.line, reference.text) for reference in found] == [(300_001, "@.claude/prompts/none/")]
