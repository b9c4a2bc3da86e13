"""FL: what cannot be had everywhere, what nobody reads; and what may well lie there."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.subject import Layout
from subjects import find_codes, make_subject

HOOK = '{{"hooks": {{"Stop": [{{"hooks": [{{"type": "command", "command": "{}"}}]}}]}}}}'


@pytest.mark.parametrize(
    ("path", "codes"),
    [
        ("lrwxrwxrwx rules/a.md", ["FL001"]),
        ("prw-r--r-- rules/a.md", ["FL001"]),
        ("crw-r--r-- prompts/a", ["FL001"]),
        ("prompts/nul", ["FL002"]),
        ("prompts/COM1.md", ["FL002"]),
        ("prompts/what?.md", ["FL002"]),
        ("prompts/end./a.md", ["FL002"]),
        ("prompts/a\u202eb.md", ["FL002"]),
        ("prompts/a\U000e0041.md", ["FL002"]),
        ("prompts/annul.md", []),
        ("prompts/console/a b (1) [x] é 日本.md", []),
        ("prompts/❤️‍🔥.md", []),
        ("prompts/.DS_Store", ["FL004"]),
        ("prompts/Thumbs.db", ["FL004"]),
        ("prompts/a.md~", ["FL004"]),
        ("prompts/.a.md.swp", ["FL004"]),
        ("prompts/a.md.bak", ["FL004"]),
        ("prompts/a.orig.md", []),
        ("prompts/backup.md", []),
        ("prompts/.gitkeep", []),
        ("-rwxr-xr-x rules/a.md", ["FL005"]),
        ("-rwxr-xr-x hooks/a.json", ["FL005"]),
        ("-rwxr-xr-x hooks/a.py", []),
        ("-rwxr-xr-x hooks/a", []),
        ("---------- hooks/a", ["FL012"]),
        ("d--------- prompts/a", ["FL012"]),
    ],
)
def test_a_file_is_one_that_can_be_had_everywhere(path: str, codes: list[str]) -> None:
    assert [item.partition(" ")[0] for item in find_codes({path: "x\n"}, "FL")] == codes


def test_what_python_leaves_about_is_told_once() -> None:
    files = {f"hooks/__pycache__/{name}.pyc": "x" for name in "abc"}

    assert find_codes(files, "FL004") == ["FL004 hooks/__pycache__"]


@pytest.mark.parametrize(
    ("paths", "count"),
    [
        (["prompts/a.md", "prompts/A.md"], 1),
        (["prompts/straße.md", "prompts/STRASSE.md"], 1),
        (["prompts/é.md", "prompts/e\u0301.md"], 1),
        (["prompts/a/x.md", "prompts/A/y.md"], 1),
        (["prompts/a.md", "prompts/a/b.md", "rules/A.md"], 0),
    ],
)
def test_two_names_are_two_on_every_system(paths: list[str], count: int) -> None:
    assert len(find_codes(dict.fromkeys(paths, "x"), "FL003")) == count


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (".claude/hooks/a.sh", "FL006"),
        ("$CLAUDE_PROJECT_DIR/.claude/hooks/a.sh --quick", "FL006"),
        ('\\"$CLAUDE_PROJECT_DIR\\"/.claude/hooks/a.sh', "FL006"),
        ("${CLAUDE_PROJECT_DIR:-.}/.claude/hooks/a.sh", "FL006"),
        (".claude/hooks/none.sh", "FL007"),
        ("sh .claude/hooks/a.sh", ""),
        (".claude/hooks/b.sh", ""),
        ("hooks/a.sh", ""),
        ("/opt/hooks/a.sh", ""),
        ("npx hooks/none.sh", ""),
    ],
)
def test_a_script_that_a_hook_calls_can_be_run(command: str, code: str) -> None:
    files = {
        "settings.json": HOOK.format(command),
        "-rw-r--r-- hooks/a.sh": "#!/bin/sh\n",
        "-rwxr-xr-x hooks/b.sh": "#!/bin/sh\n",
    }

    [*found] = check_subject(make_subject(files))
    assert [(item.code, item.line) for item in found] == ([(code, 1)] if code else [])


@pytest.mark.parametrize(
    ("paths", "pack", "project"),
    [
        (["agents/notes.txt"], ["FL008 agents/notes.txt"], []),
        (["output-styles/a/b.md"], ["FL008 output-styles/a/b.md"], ["FL009 output-styles/a/b.md"]),
        (["commands/deploy.sh"], ["FL008 commands/deploy.sh"], []),
        (["skills/flat.md"], ["FL008 skills/flat.md"], ["FL009 skills/flat.md"]),
        (["skills/s/README.md"], ["FL010 skills/s"], []),
        (["skills/s/skill.md"], ["FL010 skills/s"], ["FL010 skills/s"]),
        (["skills/group/s/SKILL.md"], ["FL010 skills/group"], ["FL010 skills/group"]),
        (["skills/s/SKILL.md", "skills/s/lib/a.py"], [], []),
        (["prompts/a", "prompts/b.png", "hooks/x.py", "CHANGELOG.md", "README.md"], [], []),
        ([], ["FL011 pyproject.toml"], []),
        (["README.md"], ["FL011 pyproject.toml"], []),
        (["mcp.json"], [], []),
    ],
)
def test_what_nobody_reads_is_no_part_of_a_pack(paths: list[str], pack: list[str], project: list[str]) -> None:
    files = dict.fromkeys(paths, "{}")

    assert find_codes(files, "FL", layout="pack") == pack
    assert find_codes(files, "FL", layout="project") == project


@pytest.mark.parametrize("layout", ["pack", "project", "plugin", "folder"])
def test_of_what_cannot_be_read_nothing_else_is_said(layout: Layout) -> None:
    kinds = ("agents/a.md", "skills/b/SKILL.md", "commands/a.md", "rules/a.md", "output-styles/a.md", "prompts/a.txt")
    wholes = ("CLAUDE.md", "settings.json", "mcp.json", "hooks/hooks.json", ".claude-plugin/plugin.json")
    own = ("pyproject.toml", "pack.toml", "README.md", "CHANGELOG.md") if layout == "pack" else ()
    paths = [path for path in (*kinds, *wholes, *own) if layout != "pack" or not path.startswith(".")]

    found = check_subject(make_subject({f"---------- {path}": "" for path in paths}, layout))

    assert [(item.code, item.path) for item in found] == [("FL012", path) for path in sorted(paths)]
    assert found[0].message == "Permission denied: nothing in it is checked, and the client skips it"


@pytest.mark.parametrize("layout", ["pack", "project", "plugin", "folder"])
def test_a_folder_that_cannot_be_read_is_told_as_one(layout: Layout) -> None:
    paths = ["agents/a", "agents/b.md", "skills/a", "skills/b/SKILL.md", "output-styles/x.md"]
    files = {f"d--------- {path}": "" for path in paths}

    found = check_subject(make_subject({**files, "prompts/x.md": "@.claude/agents/a/x.md\n"}, layout))

    assert [(item.code, item.path) for item in found if item.path != "prompts/x.md"] == [
        ("FL012", path) for path in sorted(paths)
    ]
