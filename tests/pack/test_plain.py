"""What is read without YAML is what YAML reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.pack.lenient import has_dialogue
from claudepack.pack.plain import read_plain_fields
from claudepack.pack.yaml_core import load_yaml

SIGNS = st.text(st.sampled_from("aZ é09:#-_ \t\"'\\n[]{},&*!|>%@`~?.\u2028\u0085\ufeff\U0001f600"), max_size=8)
WORDS = st.sampled_from(["true", "Null", "no", "off", "e1", "inf", "nan", "a: b", "a #b"])
TEXTS = st.one_of(st.builds("a{}".format, SIGNS), st.builds('"{}"'.format, SIGNS), SIGNS, WORDS)
KEYS = st.sampled_from(["name", "description", "tools", "model", "user"])
ROWS = st.builds("{}{}{}".format, KEYS, st.sampled_from([": ", ":", ":  "]), TEXTS)


@given(st.lists(ROWS, max_size=2))
def test_yaml_reads_the_same(rows: list[str]) -> None:
    fields = read_plain_fields(rows)

    if fields is not None:
        assert not has_dialogue(fields)
        assert load_yaml("\n".join(rows) + "\n") == fields


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("name: backend-engineer", "backend-engineer"),
        ("tools: Read, Write, Bash(git log)", "Read, Write, Bash(git log)"),
        ("description: Does “it”, all of it - and 'more'", "Does “it”, all of it - and 'more'"),
        (r'description: "Say: \"x\".\n\nExamples:\n\t# C:\\x"', 'Say: "x".\n\nExamples:\n\t# C:\\x'),
    ],
)
def test_what_most_agents_have_needs_no_yaml(row: str, text: str) -> None:
    assert read_plain_fields([row]) == {row.partition(":")[0]: text}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [""],
        ["name: a", "  b"],
        ["name: a", "name: b"],
        ["name: true"],
        ["name: NULL"],
        ["name: a "],
        ["name: a: b"],
        ["name: a #b"],
        ["name: 'a'"],
        ["name: [a]"],
        [r'name: "\x41"'],
        [r'name: "\u0041"'],
        ["hooks: a"],
        ["name: a", "- b"],
        ["# a"],
        ["name: a\u2028b"],
    ],
)
def test_yaml_is_asked_about_everything_else(rows: list[str]) -> None:
    assert read_plain_fields(rows) is None
