"""Which rules count: by code, by beginning, by path, by comment."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection, read_silences, refuse_unknown_codes
from subjects import make_subject

TAKEN = [
    ((), (), "FM001", True),
    (("FM",), (), "FM001", True),
    (("FM",), (), "NM001", False),
    (("FM001",), (), "FM001", True),
    (("FM001",), (), "FM002", False),
    ((), ("FM",), "FM001", False),
    ((), ("FM",), "NM001", True),
    (("FM",), ("FM001",), "FM001", False),
    (("FM001",), ("FM",), "FM001", True),
    (("FM",), ("FM",), "FM001", False),
    ((), (), "EN006", False),
    (("EN",), (), "EN006", False),
    (("EN006",), (), "EN006", True),
    (("EN006",), ("EN",), "EN006", True),
    # What nobody has read has not passed, whatever was looked for.
    (("FM",), (), "FL012", True),
    ((), ("FL",), "FL012", True),
    ((), ("FL012",), "FL012", False),
    (("FL012",), ("FL012",), "FL012", False),
]


@pytest.mark.parametrize(("select", "ignore", "code", "taken"), TAKEN)
def test_the_longer_of_two_codes_decides(
    select: tuple[str, ...], ignore: tuple[str, ...], code: str, *, taken: bool
) -> None:
    assert Selection(select, ignore).takes(code) is taken


EXEMPT = [
    ("agents/old/a.md", "FM001", True),
    ("agents/old/a.md", "NM001", False),
    ("agents/a.md", "FM001", False),
    ("old.md", "NM004", True),
    ("agents/deep/old.md", "NM004", True),
    ("agents/very-old.md", "NM004", False),
]


@pytest.mark.parametrize(("path", "code", "exempt"), EXEMPT)
def test_a_pattern_is_of_a_path_or_of_a_name(path: str, code: str, *, exempt: bool) -> None:
    selection = Selection(exempt={"agents/old/*": ("FM",), "old.md": ("NM004",)})

    assert selection.exempts(path, code) is exempt


def test_a_code_that_no_rule_has_is_refused_with_the_nearest() -> None:
    refuse_unknown_codes(["FM", "NM001"], "here")

    with pytest.raises(ClaudepackError, match=r"here: there is no rule 'FM0001'") as caught:
        refuse_unknown_codes(["FM0001"], "here")
    assert "FM001" in caught.value.hint
    with pytest.raises(ClaudepackError):
        refuse_unknown_codes([""], "here")


SILENCES = [
    ("# claudepack: ignore[FM001]\n\nx\ny", {1: "FM001", 3: "FM001"}, ""),
    ("x <!-- claudepack: ignore[FM001, NM] -->\ny", {1: "FM001 NM", 2: "FM001 NM"}, ""),
    ("<!--claudepack:ignore-file[SF]-->\nx", {}, "SF"),
    ("claudepack: ignore[FM001]", {}, ""),
    ("# claudepack: ignore\n", {}, ""),
    ("# claudepack: ignore[]\n", {}, ""),
    ("# claudepack: ignore[fm001]\n", {}, ""),
    ("# about claudepack: nothing\n", {}, ""),
]


@pytest.mark.parametrize(("content", "lines", "everywhere"), SILENCES)
def test_a_comment_silences_its_line_and_the_next(content: str, lines: dict[int, str], everywhere: str) -> None:
    silences = read_silences(content)

    assert {line: " ".join(sorted(codes)) for line, codes in silences.lines.items()} == lines
    assert silences.everywhere == frozenset(everywhere.split())


def test_comments_silence_rules_about_files_and_about_the_whole() -> None:
    agent = "---\nname: a\ndescription: C # x\n---\n"
    found = check_subject(make_subject({"agents/a.md": agent, "agents/b/a.md": agent}))
    assert [(finding.code, finding.path) for finding in found] == [
        ("FM010", "agents/a.md"),
        ("NM001", "agents/b/a.md"),
        ("FM010", "agents/b/a.md"),
    ]

    quiet = agent.replace("name:", "# claudepack: ignore[NM]\nname:").replace(
        "desc", "# claudepack: ignore[FM010]\ndesc"
    )
    assert check_subject(make_subject({"agents/a.md": quiet, "agents/b/a.md": quiet})) == []
    everywhere = agent + "<!-- claudepack: ignore-file[FM010,NM001] -->\n"
    assert check_subject(make_subject({"agents/a.md": everywhere, "agents/b/a.md": everywhere})) == []
