"""What is fed with whatever comes: never a traceback but an error of ours, and what is written back says the same.

`python tests/fuzzing.py [libFuzzer's options]` runs it under atheris, which looks for bytes that take other ways.
"""

import io
import json
import sys
from collections.abc import Callable

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_subject
from claudepack.lint.loading import find_block, read_as_client
from claudepack.pack.frontmatter import read_document
from claudepack.plan.json_edit import apply_edits, insert_members, remove_members
from claudepack.project.claude_md import parse_claude_md
from claudepack.project.json_text import JSON, parse_json
from subjects import make_subject

PLACES = (
    *("agents/a.md", "skills/s/SKILL.md", "commands/c.md", "rules/r.md", "CLAUDE.md", "settings.json", "mcp.json"),
    *("hooks/x.sh", "prompts/p/a.md", "pack.toml", "pyproject.toml", "CLAUDE.md.j2", ".claude-plugin/plugin.json"),
)
_KEY = "claudepack's own"
_NEW: dict[str, JSON] = {_KEY: [1, {"a": "b"}]}


def feed_frontmatter(data: bytes) -> None:
    """Read it as frontmatter, as we do and as the client does."""
    block = find_block(data.decode("utf-8", "replace"))
    if block is not None:
        read_as_client(block)
    try:
        document = read_document(data, "a.md")
    except ClaudepackError:
        return
    assert set(document.lines) == set(document.metadata)
    json.dumps(document.metadata)


def feed_claude_md(data: bytes) -> None:
    """Find blocks in it: they are in order, and within it."""
    try:
        found = parse_claude_md(data)
    except ClaudepackError:
        return
    spans = sorted((block.start, block.end) for blocks in found.blocks.values() for block in blocks)
    edges = [0, *(edge for span in spans for edge in span), len(data)]
    assert edges == sorted(edges)


def feed_json(data: bytes) -> None:
    """Put a key into it and take it out again: the bytes are those from before; or take all out."""
    try:
        text, node = parse_json(data, "a.json")
    except ClaudepackError:
        return
    assert node.value == json.loads(data)
    if isinstance(node.value, dict) and _KEY not in node.value:
        written = apply_edits(text, [insert_members(text, node, _NEW)])
        added, inner = parse_json(written.encode(), "a.json")
        assert inner.value == {**node.value, **_NEW}
        assert apply_edits(added, remove_members(added, inner, [_KEY])) == text
        emptied = apply_edits(text, remove_members(text, node, list(node.value)))
        assert json.loads(emptied) == {}


def feed_check(data: bytes) -> None:
    """Check it in every place: what is found points into it."""
    for place in PLACES:
        subject = make_subject({place: data})
        lines = data.count(b"\n") + 1
        for finding in check_subject(subject):
            assert finding.line <= lines, finding


FEEDS: tuple[Callable[[bytes], None], ...] = (feed_frontmatter, feed_claude_md, feed_json, feed_check)


def feed(data: bytes) -> None:
    """Feed all of them; what has no opening fence is given one, or it would be read by nobody."""
    for each in FEEDS:
        each(data)
    feed_frontmatter(b"---\n" + data)
    feed_check(b"---\nname: a\n" + data)


if __name__ == "__main__":
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # where it is installed

    atheris.instrument_all()
    sys.stdout = io.StringIO()
    atheris.Setup(sys.argv, feed)
    atheris.Fuzz()
