"""CM: blocks and fences of a CLAUDE.md; examples of them are none."""

import pytest

from subjects import find_codes

BEGIN, END = "<!-- claudepack:begin a -->", "<!-- claudepack:end a -->"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{BEGIN}\nx\n", ["CM001 CLAUDE.md:1"]),
        (f"x\n{END}\n", ["CM001 CLAUDE.md:2"]),
        (f"{BEGIN}\n{BEGIN}\nx\n{END}\n", ["CM001 CLAUDE.md:2"]),
        (f"{BEGIN}\nx\n{END}\n\n{BEGIN}\ny\n{END}\n", ["CM001 CLAUDE.md:1"]),
        (f"{BEGIN}\nx\n{END}\n\n{BEGIN}\nx\n{END}\n", []),
        (f"{BEGIN}\nx\n{END}\n", []),
        (f"```\n{BEGIN}\n```\n", []),
        (f"    {BEGIN}\nclaudepack:begin a\n", []),
        ("<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\n", ["CM002 CLAUDE.md:1", "CM002 CLAUDE.md:5"]),
        ("<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n", []),
        ("```\n<<<<<<< HEAD\n```\nTitle\n=======\n", []),
        ("x <<<<<<< y\n > > > > > > > z\n>>>>>>>quoted\n", []),
        ("```sh\nmake\n", ["CM003 CLAUDE.md:1"]),
        ("~~~\n```\n~~~\n", []),
        ("````\n```\n````\n", []),
        ("`` ``` ``\n    ```\n", []),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_claude_md_is_read_as_it_is_meant(text: str, found: list[str], ending: str) -> None:
    assert find_codes({"CLAUDE.md": text.replace("\n", ending)}, "CM") == found


@pytest.mark.parametrize("path", ["agents/a.md", "prompts/p/a.md", "skills/s/SKILL.md", "rules/a.md"])
def test_a_conflict_is_told_wherever_the_client_reads(path: str) -> None:
    head = "---\nname: a\ndescription: d\n---\n"

    assert find_codes({path: f"{head}x\n>>>>>>> theirs\n"}, "CM") == [f"CM002 {path}:6"]
    assert find_codes({path: f"{head}```\n>>>>>>> theirs\n```\n"}, "CM") == []
