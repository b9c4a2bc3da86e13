"""What stands in the frontmatter is what is read, strict YAML or not."""

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.pack.frontmatter import has_frontmatter, read_body, read_document

LONG = r"Use it for APIs.\n\nExamples:\n- <example>\nuser: \"x\"\n</example>"

CASES = {
    "strict": ("name: a\ndescription: does it", {"name": "a", "description": "does it"}),
    "a JSON string": ('name: a\ndescription: "x: y\\nz"', {"name": "a", "description": "x: y\nz"}),
    "a colon in a plain value": ("name: a\ndescription: x: y", {"name": "a", "description": "x: y"}),
    "backslash and n stay two characters": (rf"description: x: {LONG}", {"description": f"x: {LONG}"}),
    "an example at the margin": (
        'name: a\ndescription: does: it\nuser: "hi"\nassistant: "ho"\nmodel: opus',
        {"name": "a", "description": 'does: it\nuser: "hi"\nassistant: "ho"', "model": "opus"},
    ),
    "an example at the margin that YAML takes for keys": (
        'name: a\ndescription: does it\nuser: "hi"\nassistant: "ho"\nmodel: opus',
        {"name": "a", "description": 'does it\nuser: "hi"\nassistant: "ho"', "model": "opus"},
    ),
    "prose, blank lines and tags at the margin": (
        "name: a\ndescription: x: y\n\nContext: shop\n<example>\nuser: hi\nuser: ho\n</example>\ncolor: red",
        {
            "name": "a",
            "description": "x: y\n\nContext: shop\n<example>\nuser: hi\nuser: ho\n</example>",
            "color": "red",
        },
    ),
    "a key of somebody's own": (
        "description: x: y\ncategory: web\nname: a",
        {"description": "x: y", "category": "web", "name": "a"},
    ),
    "a word that is no key once prose has begun": (
        "description: x: y\nProse here.\ncategory: web\nname: a",
        {"description": "x: y\nProse here.\ncategory: web", "name": "a"},
    ),
    "a star": ("name: a\ntools: *", {"name": "a", "tools": "*"}),
    "two brackets": ("argument-hint: [a] | [b]", {"argument-hint": "[a] | [b]"}),
    "quotes within quotes": ('description: "He said "hi" to me"', {"description": 'He said "hi" to me'}),
    "at, backtick, percent": (
        "name: @a\ndescription: `b`\nmodel: %c",
        {"name": "@a", "description": "`b`", "model": "%c"},
    ),
    "a hash that a colon makes text": ("description: x: y #1", {"description": "x: y #1"}),
    "a list beside a broken value": (
        "description: x: y\ntools:\n  - Read\n  - Grep",
        {"description": "x: y", "tools": ["Read", "Grep"]},
    ),
    "a block scalar beside a broken value": (
        "argument-hint: [a] [b]\ndescription: |\n  one\n  two",
        {"argument-hint": "[a] [b]", "description": "one\ntwo\n"},
    ),
    "yes, dates and times are texts": (
        "a: yes\nb: 2024-01-01\nc: 12:30\nd: true\ne: 7\nf: 1.5\ng: ~",
        {"a": "yes", "b": "2024-01-01", "c": "12:30", "d": True, "e": 7, "f": 1.5, "g": None},
    ),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("block", "metadata"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "BOM"])
def test_what_is_written_is_read(block: str, metadata: dict[str, object], ending: str, bom: str) -> None:
    text = bom + ending.join(["---", *(block.split("\n") if block else []), "---", "body", "---", "more"])

    document = read_document(text.encode(), "a.md")

    assert document.metadata == metadata
    assert read_body(text.encode(), document) == ending.join(["body", "---", "more"])


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (b"hello\n", 1, "no frontmatter"),
        (b"", 1, "no frontmatter"),
        (b"\n---\nname: a\n---\n", 1, "a blank line before"),
        (b"---\nname: a\n", 1, "has no end"),
        (b"---\nname: a\nname: b\n---\n", 3, "'name' is there twice, first in line 2"),
        (b"---\n\nSome prose: it says: no\nname: a\n---\n", 3, "no field"),
        (b"---\n- a\n---\n", 2, "no fields"),
        (b"---\nname: caf\xe9\n---\n", 2, "not UTF-8"),
        ("---\nname: a\n---\n".encode("utf-16"), 1, "UTF-16"),
        (b"---\nname: a\0\n---\n", 2, "NUL"),
        (b"---\na: " + b"[" * 5000 + b"\n---\n", 2, "deep"),
        (b"---\na: &a [1,1,1,1,1,1,1,1,1,1]\n" + b"".join(
            b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((n + 1, n + 1) + (n,) * 8) for n in range(97, 105)
        ) + b"---\n", 2, "unfold"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_an_error_with_its_line(data: bytes, line: int, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        read_document(data, "agents/a.md")

    assert caught.value.message.startswith(f"agents/a.md:{line}: ")
    assert caught.value.hint


@pytest.mark.parametrize("text", ["# Hello\n", "---\n# Hello\n", "---\n\nSome prose: more\n", ""])
def test_a_text_without_frontmatter_is_told_from_one_with_broken_frontmatter(text: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        read_document(text.encode(), "rules/a.md")

    assert caught.value.code == "no-frontmatter"
    assert not has_frontmatter(text.encode())


@pytest.mark.parametrize(
    "text", ["---\nname: a\n---\n", "---\nname: {[\n---\n", "---\nname: a\n", "\n---\nname: a\n---\n"]
)
def test_frontmatter_that_cannot_be_read_is_frontmatter(text: str) -> None:
    assert has_frontmatter(text.encode())


def test_what_the_client_reads_otherwise_is_noted() -> None:
    inside = read_document(b"---\nname: a\ndescription: ok --- x\n---\n", "a.md")
    cut = read_document(b"---\nname: a\ndescription: ok #1\n---\n", "a.md")

    assert (inside.metadata["description"], inside.notes[0].line) == ("ok --- x", 3)
    assert (cut.metadata["description"], cut.notes[0].line) == ("ok", 3)


@given(
    text=st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufeff\ufffe\uffff")
    )
)
def test_a_json_string_is_read_as_it_was(text: str) -> None:
    line = "description: " + json.dumps(text, ensure_ascii=False)
    assert read_document(f"---\n{line}\n---\n".encode(), "a.md").metadata == {"description": text}


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["name: a", "description: x: y", "user: hi", "  more: text", "prose", "tools: *", "- x", "", "x:"]
        ),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(lambda line: "---" not in line),
    ),
    max_size=8,
)


@example(lines=["x:", "  more: text", "description: x: y"])
@given(lines=LINES)
def test_no_key_is_made_up_and_no_line_is_lost(lines: list[str]) -> None:
    try:
        document = read_document("\n".join(["---", *lines, "---", ""]).encode(), "a.md")
    except ClaudepackError:
        return
    for key, number in document.lines.items():
        assert lines[number - 2].lstrip("\"'?! ").startswith(key) or document.strict
    if not document.strict:
        whole = "\n".join(f"{key}: {value}" for key, value in document.metadata.items())
        for line in lines:
            if not line.startswith("#"):
                words = [word.rstrip(":") for word in line.strip().strip("\"'").split()[:1]]  # it may be a key, deeper
                assert all(word in whole or word in repr(document.metadata) for word in words)


@given(data=st.binary(max_size=200).map(lambda tail: b"---\n" + tail))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ClaudepackError):
        assert read_document(data, "a.md").body_line > 1
