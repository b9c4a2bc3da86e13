"""Other values for fields of frontmatter are spliced in: nothing else of the file changes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.pack.frontmatter import read_body, read_document
from claudepack.pack.override import override_fields
from claudepack.pack.yaml_core import JSON

HEAD = (
    "---\nname: a\ndescription: |\n  Two\n  lines.\nmodel: sonnet\n# mine\ntools:\n  - Read\n  - Bash\n---\n\nBody.\n"
)


@pytest.mark.parametrize(
    ("text", "fields", "after"),
    [
        (HEAD, {"model": "opus"}, HEAD.replace("model: sonnet", "model: opus")),
        (HEAD, {"tools": ["Read"]}, HEAD.replace("tools:\n  - Read\n  - Bash", 'tools: ["Read"]')),
        (
            HEAD,
            {"description": "One: line."},
            HEAD.replace("description: |\n  Two\n  lines.", 'description: "One: line."'),
        ),
        (HEAD, {"color": "blue"}, HEAD.replace("  - Bash\n---", "  - Bash\ncolor: blue\n---")),
        (
            HEAD,
            {"maxTurns": 5, "background": True},
            HEAD.replace("Bash\n---", "Bash\nmaxTurns: 5\nbackground: true\n---"),
        ),
        (HEAD, {"model": "yes"}, HEAD.replace("model: sonnet", 'model: "yes"')),
        (HEAD.replace("\n", "\r\n"), {"model": "opus"}, HEAD.replace("sonnet", "opus").replace("\n", "\r\n")),
        ("\ufeff" + HEAD, {"model": "opus"}, "\ufeff" + HEAD.replace("sonnet", "opus")),
        ("---\n---\nBody", {"model": "opus"}, "---\nmodel: opus\n---\nBody"),
        (
            "---\nname: a\ndescription: Use it: often\nmodel: sonnet\n---\n",
            {"model": "opus"},
            "---\nname: a\ndescription: Use it: often\nmodel: opus\n---\n",
        ),
    ],
)
def test_only_the_field_changes(text: str, fields: dict[str, JSON], after: str) -> None:
    assert override_fields(text.encode(), fields, "a.md").decode() == after


@pytest.mark.parametrize("text", ["# No frontmatter\n", "---\n{name: a, model: b}\n---\n", "---\nname: a\n"])
def test_what_cannot_be_changed_field_by_field_is_refused(text: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        override_fields(text.encode(), {"model": "opus"}, "a.md")
    assert caught.value.hint


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\x85\ufeff\ufffe\uffff"), max_size=8
)
FIELDS = st.dictionaries(
    st.sampled_from(["model", "tools", "color", "x-own"]),
    st.one_of(WORDS, st.integers(0, 9), st.booleans(), st.lists(WORDS, max_size=3)),
)


@given(old=FIELDS, new=FIELDS, newline=st.sampled_from(["\n", "\r\n"]))
def test_what_is_read_afterwards_is_what_was_asked_for(
    old: dict[str, JSON], new: dict[str, JSON], newline: str
) -> None:
    rows = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in old.items()]
    data = newline.join(["---", "name: a", *rows, "---", "Body --- more", ""]).encode()
    try:
        changed = override_fields(data, new, "a.md")
    except ClaudepackError:
        return  # a value with --- in it ends the frontmatter, whoever writes it
    after = read_document(changed, "a.md")
    assert after.metadata == {"name": "a", **old, **new}
    assert read_body(changed, after) == f"Body --- more{newline}"
