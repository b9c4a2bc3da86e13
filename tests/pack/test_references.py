"""A reference of a pack's text that leads nowhere is found before it fails silently."""

import tracemalloc
from functools import partial
from io import FileIO
from pathlib import Path

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


def test_a_large_text_is_read_line_by_line(tmp_path: Path) -> None:
    large = tmp_path / "large.md"
    with large.open("wb") as stream:
        stream.write(b"x" * 3_000_000 + b"\n" + b"A line of a large text.\n" * 1_000_000 + b"@.claude/prompts/none/\n")
    file = read_file("prompts/large.md", partial(FileIO, str(large)), executable=False)
    pack = make_test_pack(THERE)

    tracemalloc.start()
    found = [(item.line, item.text) for item in find_dangling(pack._replace(files={**pack.files, file.path: file}))]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == [(1_000_002, "@.claude/prompts/none/")]
    assert peak < 12 << 20
