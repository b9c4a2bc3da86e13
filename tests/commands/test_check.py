"""`claudepack check`: what it prints, what it mends, and how it ends."""

import json
import os
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree

GOOD = "---\nname: good\ndescription: Is good.\n---\n"
LENIENT = "---\nname: lenient\ndescription: Use it: so\n---\nBody.\n"
BROKEN = "---\nname: broken\n---\n"
NOT_YAML = "not YAML: the client puts quotes around values to read it, and older ones do not"


@pytest.fixture
def agents(project: Path) -> Path:
    return write_tree(project / ".claude/agents", {"good.md": GOOD, "lenient.md": LENIENT, "broken.md": BROKEN})


def test_it_says_where_what_and_what_to_do(tool: Tool, agents: Path) -> None:
    run = tool("check")

    assert run.exit == 1
    assert run.out.splitlines() == [
        ".claude/agents/broken.md:1  error  FM004 the frontmatter has no description, so the client skips this agent",
        "    1 | ---",
        "    = add a line `description: …`",
        f".claude/agents/lenient.md:3:14  warning  FM003 {NOT_YAML}",
        "    3 | description: Use it: so",
        "      |              ^^^^^^^^^^",
        "    = write the value as a JSON string on one line  [--fix does it]",
        "3 files: 1 error, 1 warning; 1 that --fix mends",
    ]
    assert agents.is_dir()


EXITS = [
    (("--ignore", "FM004"), 0),
    (("--ignore", "FM004", "--strict"), 1),
    (("--select", "NM,FM003"), 0),
    (("--select", "NM", "--select", "FM003", "--strict"), 1),
    (("--ignore", "FM", "--strict"), 0),
    ((".claude/agents/good.md", "--strict"), 0),
    ((".claude/agents/good.md", ".claude/agents/broken.md"), 1),
    (("gone",), 2),
    (("--select", "QQ"), 2),
    (("--sarif", "--github"), 2),
    (("--json", "--sarif"), 2),
    (("--github", "--json"), 2),
    (("",), 2),
    ((".claude/agents/good.md", ""), 2),
]


@pytest.mark.usefixtures("agents")
@pytest.mark.parametrize(("words", "code"), EXITS)
def test_errors_end_it_with_1_and_warnings_where_they_count(tool: Tool, words: tuple[str, ...], code: int) -> None:
    assert tool("check", *words).exit == code


def test_the_configuration_counts_and_the_command_line_wins(tool: Tool, project: Path, agents: Path) -> None:
    write_tree(project, {"claudepack.toml": '[check]\nignore = ["FM004"]\nper-file-ignores = { "len*.md" = ["FM"] }\n'})

    assert tool("check", "--strict").exit == 0
    assert tool("check", "--strict", ".claude/agents", cwd=project).exit == 0
    assert tool("check", "--strict", agents / "lenient.md", cwd=project.parent).exit == 0
    run = tool("check", "--ignore", "FM003", "--json")
    assert [row["code"] for row in run.json["findings"]] == ["FM004"]


def test_a_budget_is_what_may_be_loaded(tool: Tool, project: Path) -> None:
    write_tree(project, {"CLAUDE.md": "word " * 1000, "claudepack.toml": "[check]\nbudget = 1500\n"})
    assert tool("check", "--strict").exit == 0

    write_tree(project, {"claudepack.toml": "[check]\nbudget = 1000\n"})
    assert "about 1429 tokens in every session, of 1000 that may be" in tool("check", "--strict").out


def test_a_fix_is_shown_then_done_and_then_there_is_none(tool: Tool, project: Path, agents: Path) -> None:
    write_tree(project / ".claude/skills/x", {"SKILL.md": "\ufeff" + GOOD})
    before = read_tree(project)

    shown = tool("check", "--diff")
    assert shown.exit == 1
    assert '+description: "Use it: so"' in shown.out.splitlines()
    assert "2 files that --fix would mend" in shown.out
    assert read_tree(project) == before

    done = tool("check", "--fix", "--json")
    assert [row["path"] for row in done.json["changes"]] == [".claude/agents/lenient.md", ".claude/skills/x/SKILL.md"]
    assert [row["code"] for row in done.json["findings"] if row["severity"] != "note"] == ["FM004"]
    assert (agents / "lenient.md").read_text() == LENIENT.replace("Use it: so", '"Use it: so"')
    assert "0 files that --fix would mend" in tool("check", "--diff").out


def test_a_fix_is_not_written_through_links(tool: Tool, project: Path, agents: Path, tmp_path: Path) -> None:
    outside = write_tree(tmp_path / "outside", {"lenient.md": LENIENT})
    (agents / "linked.md").symlink_to(outside / "lenient.md")
    (agents / "folder").symlink_to(outside, target_is_directory=True)
    (project / ".claude/commands").symlink_to(outside, target_is_directory=True)

    tool("check", "--fix")

    assert (outside / "lenient.md").read_text() == LENIENT
    assert (agents / "linked.md").is_symlink()
    assert (agents / "lenient.md").read_text() != LENIENT


def test_annotations_stand_beside_the_lines(tool: Tool, agents: Path) -> None:
    (agents / "broken.md").rename(agents / "100%, so: broken.md")

    run = tool("check", "--github", "--select", "FM", ".claude/agents")

    error, warning = run.out.splitlines()
    assert error.startswith(
        "::error file=.claude/agents/100%25%2C so%3A broken.md,line=1,title=FM004 missing-field::the"
    )
    assert error.endswith("skips this agent%0Aadd a line `description: …`")
    told = "file=.claude/agents/lenient.md,line=3,col=14,endColumn=24,title=FM003 quoted-by-client"
    assert warning == f"::warning {told}::{NOT_YAML}%0Awrite the value as a JSON string on one line"


def test_a_rule_explains_itself(tool: Tool) -> None:
    run = tool("check", "--explain", "fm012")

    assert run.exit == 0
    assert run.out.startswith("FM012 unseen-frontmatter  error  (frontmatter)\n\nThe first line is not `---` alone")
    assert "\nBad:\n  agents/reviewer.md\n\n    ---\n" in run.out
    assert tool("check", "--explain", "EN003").out.count("\\ufeff---") == 1
    wrong = tool("check", "--explain", "FM99")
    assert (wrong.exit, "there is no rule 'FM99'" in wrong.err) == (2, True)


def test_a_log_is_printed_where_nothing_is_ascii(tool: Tool, project: Path) -> None:
    name = os.fsdecode(b"\xff\xc3\xa4.md")
    write_tree(project / ".claude/agents", {name: BROKEN})

    log = json.loads(tool("check", "--sarif").out)

    [run] = log["runs"]
    uris = {row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for row in run["results"]}
    assert ".claude/agents/%FF%C3%A4.md" in uris


def test_a_link_that_leads_to_itself_is_a_finding_like_any_other(tool: Tool, agents: Path) -> None:
    (agents / "loop.md").symlink_to("loop.md")

    run = tool("check", "--json")

    assert {finding["code"] for finding in run.json["findings"]} == {"FL001", "FM003", "FM004"}


def test_a_name_makes_no_line_of_its_own(tool: Tool, agents: Path) -> None:
    (agents / "x\n::error::y.md").write_text(BROKEN)

    assert not [line for line in tool("check").out.splitlines() if line.startswith("::error")]


def test_what_cannot_be_read_fails_alone(tool: Tool, project: Path, agents: Path) -> None:
    write_tree(agents, {"secret.md": GOOD.replace("good", "secret"), "folder/inside.md": BROKEN})
    write_tree(project, {".claude/settings.json": "{}", "CLAUDE.md": "Write tests.\n"})
    modes = {path: path.stat().st_mode for path in (agents / "secret.md", agents / "folder", project / "CLAUDE.md")}
    for path in modes:
        path.chmod(0)

    run = tool("check", "--select", "FM004", "--json", held_to_modes=True)
    fixed = tool("check", "--fix", held_to_modes=True)
    for path, mode in modes.items():
        path.chmod(mode)

    assert run.exit == 1
    assert [(row["code"], row["path"]) for row in run.json["findings"]] == [
        ("FM004", ".claude/agents/broken.md"),
        ("FL012", ".claude/agents/folder"),
        ("FL012", ".claude/agents/secret.md"),
        ("FL012", "CLAUDE.md"),
    ]
    assert ".claude/agents/lenient.md  mended" in fixed.out


@pytest.mark.parametrize("folder", [".claude", ".claude/agents", "web"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_a_folder_that_cannot_be_read_is_no_empty_one(tool: Tool, project: Path, folder: str, mode: int) -> None:
    write_tree(project, {f"{folder}/good.md": GOOD})
    (project / folder).chmod(mode)

    run = tool("check", "--json", held_to_modes=True)
    (project / folder).chmod(0o755)

    assert [(row["code"], row["path"]) for row in run.json["findings"]] == [("FL012", folder)]
    assert run.exit == 1


@pytest.mark.parametrize("path", ["pyproject.toml", "agents/mine.md", "prompts/a.md", "CLAUDE.md.j2", "pack.toml"])
def test_a_pack_that_cannot_be_read_whole_is_looked_at_all_the_same(tool: Tool, project: Path, path: str) -> None:
    root = write_pack(project / "mine", {"README.md": "x", "prompts/a.md": "x", "CLAUDE.md.j2": "x", "pack.toml": ""})
    write_tree(root, {"agents/broken.md": BROKEN})
    (root / path).chmod(0)

    run = tool("check", "--json", held_to_modes=True)
    (root / path).chmod(0o644)

    assert run.exit == 1
    assert ("FL012", f"mine/{path}") in [(row["code"], row["path"]) for row in run.json["findings"]]
    assert ("FM004", "mine/agents/broken.md") in [(row["code"], row["path"]) for row in run.json["findings"]]


@pytest.mark.parametrize("path", [".claude-plugin/plugin.json", "agents/good.md", "skills", "hooks/hooks.json"])
def test_so_is_a_plugin(tool: Tool, project: Path, path: str) -> None:
    write_tree(project / "p", {".claude-plugin/plugin.json": '{"name": "p"}', "hooks/hooks.json": "{}"})
    write_tree(project / "p", {"agents/good.md": GOOD, "agents/broken.md": BROKEN, "skills/good/SKILL.md": GOOD})
    mode = (project / "p" / path).stat().st_mode
    (project / "p" / path).chmod(0)

    run = tool("check", "--select", "FM004", "--json", held_to_modes=True)
    (project / "p" / path).chmod(mode)

    assert [(row["code"], row["path"]) for row in run.json["findings"]] == [
        *([("FL012", f"p/{path}")] if path < "agents/broken.md" else []),
        ("FM004", "p/agents/broken.md"),
        *([("FL012", f"p/{path}")] if path > "agents/broken.md" else []),
    ]


def test_two_forms_at_once_are_named(tool: Tool, agents: Path) -> None:
    run = tool("check", "--sarif", "--json")

    assert run.json["error"] == {
        "code": "usage",
        "message": "--json and --sarif are two forms of one output",
        "hint": "leave one of them out (CLAUDEPACK_JSON counts, too)",
    }
    assert agents.is_dir()


def test_a_path_of_no_letters_is_none(tool: Tool, agents: Path) -> None:
    run = tool("check", "")

    assert run.err.splitlines() == ["error: '' is no path", "  leave it out for what is here; a variable may be empty"]
    assert agents.is_dir()
