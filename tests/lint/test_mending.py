"""A fix touches what it must, and what a file says stays; what would change it is not done."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_subject
from claudepack.lint.mending import mend_subject, says_the_same, splice
from claudepack.lint.selection import Selection
from claudepack.lint.subject import Text
from claudepack.pack.frontmatter import read_body, read_document
from claudepack.pack.yaml_core import JSON
from claudepack.report.finding import Edit
from subjects import make_subject

BODY = "\nDo it --- now.\n\n---\n\n# Ümläut\r\n"
MENDED = {
    "a byte order mark": ("\ufeff---\nname: a\ndescription: d\n---\n", "---\nname: a\ndescription: d\n---\n"),
    "blank lines first": ("\n \n---\nname: a\ndescription: d\n---\n", "---\nname: a\ndescription: d\n---\n"),
    "four dashes": ("----\nname: a\ndescription: d\n---\n", "---\nname: a\ndescription: d\n---\n"),
    "a mark before a blank line": (
        "\ufeff\n---\nname: a\ndescription: d\n---\n",
        "---\nname: a\ndescription: d\n---\n",
    ),
    "a colon": (
        '---\nname: a # x\ndescription: Use it: "so" \\n now\nmodel: opus\n---\n',
        '---\nname: a # x\ndescription: "Use it: \\"so\\" \\\\n now"\nmodel: opus\n---\n',
    ),
    "lines at the margin": (
        "---\nname: a\ndescription: Use it so:\n\n<example>\nuser: hi\n</example>\n\n\nmodel: opus # c\n---\n",
        '---\nname: a\ndescription: "Use it so:\\n\\n<example>\\nuser: hi\\n</example>"\n\n\nmodel: opus # c\n---\n',
    ),
    "dashes in what is quoted": (
        "---\nname: a\nargument-hint: [x] a\ndescription: a: b ---- c\n---\n",
        '---\nname: a\nargument-hint: "[x] a"\ndescription: "a: b --\\u002d- c"\n---\n',
    ),
    "with CRLF": (
        "---\r\nname: a\r\ndescription: Use it: so\r\nmodel: opus\r\n---\r\n",
        '---\r\nname: a\r\ndescription: "Use it: so"\r\nmodel: opus\r\n---\r\n',
    ),
    "without ASCII": (
        "---\nname: a\ndescription: Für: größer 🚀\n---\n",
        '---\nname: a\ndescription: "Für: größer 🚀"\n---\n',
    ),
}
LEFT = {
    "nothing is wrong": "---\nname: a\ndescription: d\n---\n",
    "a field is there twice": "---\nname: a\nname: b\ndescription: d: e\n---\n",
    "there is no frontmatter": "Do it.\n",
    "it cannot be read": "---\nwords\n---\n",
    "a mark, and not UTF-8": b"\xef\xbb\xbf---\nname: a\ndescription: \xff\n---\n",
    "a comment silences it": "---\nname: a\n# claudepack: ignore[FM003]\ndescription: d: e\n---\n",
}


def mend(files: Mapping[str, str | bytes], selection: Selection | None = None) -> dict[str, bytes]:
    subject = make_subject(files)
    selection = selection or Selection()
    return {item.file.path: item.new for item in mend_subject(subject, check_subject(subject, selection), selection)}


@pytest.mark.parametrize(("old", "new"), MENDED.values(), ids=MENDED.keys())
def test_what_can_be_mended_is(old: str, new: str) -> None:
    assert mend({"agents/a.md": old + BODY}) == {"agents/a.md": (new + BODY).encode()}
    assert mend({"agents/a.md": new + BODY}) == {}


@pytest.mark.parametrize("content", LEFT.values(), ids=LEFT.keys())
def test_what_cannot_be_is_left(content: str | bytes) -> None:
    assert mend({"agents/a.md": content}) == {}


def test_what_does_not_count_is_left() -> None:
    files = {"agents/a.md": "\ufeff---\nname: a\ndescription: d\n---\n"}

    assert mend(files, Selection(ignore=("EN003",))) == {}
    assert mend(files, Selection(exempt={"agents/*": ("EN",)})) == {}
    assert mend(files, Selection(exempt={"commands/*": ("EN",)})) != {}


def test_edits_are_made_from_the_end() -> None:
    assert splice(b"abcdef", [Edit(0, 1, b"xyz"), Edit(4, 4, b"-"), Edit(5, 6, b"")]) == b"xyzbcd-e"


def test_a_change_of_meaning_is_seen() -> None:
    file = make_subject({"agents/a.md": "---\nname: a\n---\nb"}).files["agents/a.md"]

    assert says_the_same(file, b"---\nname: a\n---\nb", b"---\nname: 'a'\n---\nb")
    for other in (b"---\nname: b\n---\nb", b"---\nname: a\n---\nc", b"---\nname: a\nx: 1\n---\nb", b"name: a"):
        assert not says_the_same(file, b"---\nname: a\n---\nb", other)


# What frontmatter is made of, in any order: most of it is not YAML.
ROWS = st.sampled_from(
    [
        "name: a",
        "description: Use it: so",
        'description: "x" y',
        "description: first",
        "second line",
        "user: hi",
        "  indented: x",
        "",
        "# comment",
        "model: opus # c",
        "tools: [Read, Write]",
        "tools: Read, [x",
        "color: {red",
        "argument-hint: [a] --- b",
        "hooks: {}",
        "\ttab: x",
        "ä: 'ö",
        "- item",
        "skills: *x",
        "memory: a\\nb",
    ]
)
HEADS = st.lists(ROWS, min_size=1, max_size=8).map(lambda rows: "\n".join(["---", *rows, "---", "Body.\n"]))
VALUES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\r"), max_size=40)


def read(data: bytes) -> tuple[Mapping[str, JSON], str] | None:
    try:
        plain = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\n")
        document = read_document(plain, "it")
    except ClaudepackError:
        return None
    return document.metadata, read_body(plain, document)


@settings(deadline=None)
@given(HEADS, st.sampled_from(["", "\ufeff", "\n", "\n\ufeff"]), st.booleans())
def test_no_fix_changes_what_is_read(head: str, first: str, crlf: bool) -> None:  # noqa: FBT001 - drawn
    old = (first + (head.replace("\n", "\r\n") if crlf else head)).encode()

    for new in mend({"agents/a.md": old}).values():
        assert read(old) == read(new)
        assert read(new) is not None


@settings(deadline=None)
@given(VALUES)
def test_a_description_of_any_text_is_mended_to_what_it_was(value: str) -> None:
    old = f"---\nname: a\ndescription: x: {value}\n---\n".encode()

    new = mend({"agents/a.md": old}).get("agents/a.md", old)
    assert read(new) == read(old)
    row = new.split(b"\n")[2]
    if row.startswith(b'description: "'):
        assert Text(make_subject({"agents/a.md": new}).files["agents/a.md"]).client_fields
        assert json.loads(row.partition(b": ")[2].replace(b"--\\u002d", b"---"))
