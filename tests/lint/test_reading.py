"""Whatever `install` takes can be checked, where it lies; what is broken in it is found, and is no crash."""

import json
import os
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_subject
from claudepack.lint.reading import read_subjects
from claudepack.lint.subject import Subject
from conftest import Tool
from repositories import commit_all, git
from trees import AGENT, build_sdist, write_pack, write_tree, write_wheel

OWN = AGENT.format(name="own")
BAD = "---\nname: bad\n---\n"
SKILL = "---\nname: s\ndescription: Counts.\n---\nCount.\n"
PLUGIN = ".claude-plugin/plugin.json"
MARKETPLACE = ".claude-plugin/marketplace.json"


def _list(subjects: list[Subject]) -> dict[str, list[str]]:
    return {f"{subject.layout} {subject.shown}": sorted(subject.files) for subject in subjects}


def _check(subjects: list[Subject]) -> list[tuple[str, str]]:
    return [(item.code, item.path) for subject in subjects for item in check_subject(subject)]


@pytest.mark.parametrize(
    ("there", "below", "layout", "paths"),
    [
        ({".claude/agents/own.md": OWN, ".claude/settings.local.json": "{}", ".mcp.json": "{}", "CLAUDE.md": "x"}, "",
         "project", ["CLAUDE.md", "agents/own.md", "mcp.json", "settings.local.json"]),
        ({".claude/CLAUDE.md": "x"}, "", "project", ["CLAUDE.md"]),
        ({".claude/CLAUDE.md": "x", "CLAUDE.md": "y"}, "", "project", [".claude/CLAUDE.md", "CLAUDE.md"]),
        ({"CLAUDE.md": "x", "src/a.py": ""}, "", "project", ["CLAUDE.md"]),
        ({".claude/agents/own.md": OWN}, ".claude", "project", ["agents/own.md"]),
        ({".claude/agents/web/own.md": OWN}, ".claude/agents", "folder", ["agents/web/own.md"]),
        ({".claude/agents/web/own.md": OWN}, ".claude/agents/web", "folder", ["agents/web/own.md"]),
        ({".claude/agents/no.md": "x"}, ".claude/agents", "folder", ["agents/no.md"]),
        ({"agents/own.md": OWN, "README.md": "x"}, "", "folder", ["agents/own.md"]),
        ({"web/own.md": OWN, "web/README.md": "# Hi", "docs/page.md": "---\ntitle: x\n---\n"}, "", "folder",
         ["agents/web/own.md"]),
        ({"web/x/s/SKILL.md": SKILL, "web/x/s/run.py": ""}, "", "folder", ["skills/s/SKILL.md", "skills/s/run.py"]),
        ({"SKILL.md": SKILL, "run.py": ""}, "", "folder", ["skills/shop/SKILL.md", "skills/shop/run.py"]),
        ({"skill.md": SKILL}, "skill.md", "folder", ["skills/shop/skill.md"]),
        ({"own.md": OWN}, "own.md", "folder", ["agents/own.md"]),
        ({"x/.claude/rules/a/b.md": "x"}, "x/.claude/rules/a/b.md", "folder", ["rules/a/b.md"]),
        ({".mcp.json": "{}"}, ".mcp.json", "folder", ["mcp.json"]),
        ({".claude/settings.json": "{}"}, ".claude/settings.json", "folder", ["settings.json"]),
        ({PLUGIN: '{"name": "p"}', "agents/own.md": OWN, "hooks/hooks.json": "{}", ".mcp.json": "{}"}, "", "plugin",
         [PLUGIN, "agents/own.md", "hooks/hooks.json", "mcp.json"]),
        ({PLUGIN: '{"name": "p", "agents": "./people/", "hooks": "./h.json", "mcpServers": "./m.json"}',
          "people/own.md": OWN, "agents/not.md": OWN, "h.json": "{}", "m.json": "{}"}, "", "plugin",
         [PLUGIN, "agents/own.md", "hooks/hooks.json", "mcp.json"]),
    ],
)  # fmt: skip
def test_what_lies_at_a_path_is_read_in_one_layout(
    tmp_path: Path, there: dict[str, str], below: str, layout: str, paths: list[str]
) -> None:
    [subject] = read_subjects(write_tree(tmp_path / "shop", there) / below, "there")

    assert (subject.layout, sorted(subject.files)) == (layout, paths)
    assert all(file.shown.startswith("there") and file.real for file in subject.files.values())


def test_a_pack_that_is_a_project_too_is_both(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "mine", {".claude/agents/own.md": OWN, "README.md": "x", "notes.txt": "x"})

    assert _list(read_subjects(root)) == {
        "pack .": ["README.md", "agents/mine.md", "pyproject.toml"],
        "project .": ["agents/own.md"],
    }


def test_packs_and_plugins_in_a_folder_are_each_their_own(tmp_path: Path) -> None:
    write_pack(tmp_path / "packs/mine")
    write_tree(tmp_path, {f"more/p/{PLUGIN}": '{"name": "p"}', "more/p/agents/own.md": OWN, "loose/own.md": OWN})

    assert _list(read_subjects(tmp_path)) == {
        "pack packs/mine": ["agents/mine.md", "pyproject.toml"],
        "plugin more/p": [PLUGIN, "agents/own.md"],
        "folder .": ["agents/loose/own.md"],
    }


def test_a_marketplace_is_its_plugins_and_one_of_them_can_be_named(tmp_path: Path) -> None:
    offers = [
        {"name": "one", "source": "./one"},
        {"name": "two", "source": "./two", "agents": ["./bad.md"]},
        {"name": "far", "source": {"source": "github", "repo": "a/b"}},
    ]
    write_tree(tmp_path, {MARKETPLACE: json.dumps({"plugins": offers}), "one/agents/own.md": OWN, "two/bad.md": BAD})

    assert _list(read_subjects(tmp_path, "shop")) == {
        "plugin shop": [MARKETPLACE],
        "plugin shop/one": ["agents/own.md"],
        "plugin shop/two": ["agents/bad.md"],
    }
    assert _list(read_subjects(tmp_path, "shop", "one")) == {"plugin shop/one": ["agents/own.md"]}
    assert _check(read_subjects(tmp_path, "shop")) == [("FM004", "shop/two/bad.md")]
    with pytest.raises(ClaudepackError, match="shop#far: there is no such plugin"):
        read_subjects(tmp_path, "shop", "far")


def test_a_plugin_that_a_marketplace_lost_keeps_none_of_the_others_from_being_looked_at(tmp_path: Path) -> None:
    offers = [{"name": "lost", "source": "./gone"}, {"name": "two", "source": "./two", "agents": ["./bad.md"]}]
    write_tree(tmp_path, {MARKETPLACE: json.dumps({"plugins": offers}), "two/bad.md": BAD})

    assert _check(read_subjects(tmp_path, "shop")) == [
        ("PK011", "shop/.claude-plugin/marketplace.json"),
        ("FM004", "shop/two/bad.md"),
    ]
    with pytest.raises(ClaudepackError, match=r"lost: \./gone is not there"):
        read_subjects(tmp_path, "shop", "lost")


@pytest.mark.parametrize(
    ("path", "manifest", "said"),
    [
        (PLUGIN, "{", "not JSON"),
        (PLUGIN, "[]", "not a JSON object"),
        (PLUGIN, '{"agents": []}', "there is no name"),
        (PLUGIN, '{"name": "p", "skills": ["./none"]}', "'./none' is not there"),
        (PLUGIN, '{"name": "p", "hooks": "../x.json"}', "leads out of it"),
        (MARKETPLACE, "nothing", "not JSON"),
        (MARKETPLACE, "{}", "no list"),
        (MARKETPLACE, '{"plugins": [{}]}', "a plugin without a name"),
        (MARKETPLACE, '{"plugins": [{"name": "p", "source": "./none"}]}', "'./none' is not there"),
        (MARKETPLACE, '{"plugins": [{"name": "p", "source": "../.."}]}', "leads out of it"),
    ],
)
def test_a_broken_manifest_is_a_finding(tmp_path: Path, path: str, manifest: str, said: str) -> None:
    write_tree(tmp_path, {path: manifest, "agents/bad.md": BAD})

    findings = [item for subject in read_subjects(tmp_path) for item in check_subject(subject)]

    assert [item.message for item in findings if item.path == path and said in item.message]
    assert path == MARKETPLACE or "FM004" in [item.code for item in findings]  # the rest is looked at all the same


def test_what_no_pack_may_hold_is_found_in_one(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "mine", {"prompts/con.md": "x", "prompts/A.md": "x", "prompts/a.md": "x"})
    (root / "prompts/away.md").symlink_to("/etc/hostname")
    (root / "skills").symlink_to(tmp_path)
    os.mkfifo(root / "prompts/fifo")
    write_tree(root, {"prompts/.DS_Store": "x", "prompts/__pycache__/a.pyc": "x", "prompts/a.md.orig": "x"})

    found = _check(read_subjects(root))

    assert sorted(found) == [
        ("FL001", "prompts/away.md"),
        ("FL001", "prompts/fifo"),
        ("FL001", "skills"),
        ("FL002", "prompts/con.md"),
        ("FL003", "prompts/a.md"),
        ("FL004", "prompts/.DS_Store"),
        ("FL004", "prompts/__pycache__"),
        ("FL004", "prompts/a.md.orig"),
        ("FL008", "skills"),
        ("PK006", "README.md"),
    ]


def test_links_of_a_project_are_what_they_lead_to(tmp_path: Path) -> None:
    """As the client reads them: teams link CLAUDE.md to AGENTS.md, and folders of commands to where they keep them."""
    root = write_tree(tmp_path / "p", {"AGENTS.md": "x\n", "shared/bad.md": BAD, ".claude/rules/a.md": "x\n"})
    (root / "CLAUDE.md").symlink_to("AGENTS.md")
    (root / ".claude/agents").symlink_to("../shared")
    (root / ".claude/rules/round").symlink_to(".")
    (root / ".claude/rules/lost.md").symlink_to("none")

    [subject] = read_subjects(root)

    assert sorted(subject.files) == ["CLAUDE.md", "agents/bad.md", "rules/a.md", "rules/lost.md"]
    assert _check([subject]) == [("FM004", ".claude/agents/bad.md"), ("FL001", ".claude/rules/lost.md")]


def test_each_claude_md_of_a_repository_counts_and_what_git_ignores_does_not(tmp_path: Path) -> None:
    lost = "Read @docs/none.md first.\n"
    there = {"CLAUDE.md": "x\n", "web/CLAUDE.md": lost, "web/docs/a.md": "", "dist/CLAUDE.md": lost}
    root = write_tree(tmp_path, {**there, ".gitignore": "dist/\n", "api/.claude/CLAUDE.md": lost})
    git(root, "init", "-q")

    [subject] = read_subjects(root)

    assert sorted(subject.files) == ["CLAUDE.md", "web/CLAUDE.md"]
    assert _check([subject]) == [("RF002", "web/CLAUDE.md")]


def test_imports_are_looked_for_beside_their_file(tmp_path: Path) -> None:
    text = "@docs/a.md @docs/none.md @./docs @../up.md @~/.claude/mine.md @AGENTS.md.\n"
    root = write_tree(tmp_path / "p", {"CLAUDE.md": text, "docs/a.md": "", "../up.md": "", "AGENTS.md": ""})

    found = [(item.code, item.message) for subject in read_subjects(root) for item in check_subject(subject)]

    assert found == [
        ("RF004", "a client that starts in a sub-directory leaves @docs/a.md and 3 more out"),
        ("RF002", "@docs/none.md leads to nothing, and the client does not say so"),
        ("RF003", "@./docs is a directory, and the client imports files only"),
    ]


def test_nothing_to_check_is_said(tmp_path: Path) -> None:
    write_tree(tmp_path, {"README.md": "# Hi\n"})

    with pytest.raises(ClaudepackError, match="nothing here that Claude Code reads"):
        read_subjects(tmp_path)
    with pytest.raises(ClaudepackError, match="no such file"):
        read_subjects(tmp_path / "none")


def test_check_takes_what_install_takes(tool: Tool, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"agents/bad.md": BAD, "README.md": "x\n"})
    wheel = write_wheel(tmp_path, "wheel", "1.0", files={"agents/bad.md": BAD})
    repository = write_tree(tmp_path / "repository", {"packs/shop/agents/bad.md": BAD})
    commit_all(repository)
    words = [
        pack,
        wheel,
        build_sdist(pack, tmp_path),
        f"git+file://{repository}#subdirectory=packs/shop",
    ]

    for word in words:
        run = tool("check", word, "--json")
        assert run.exit == 1, run.out
        assert [item["code"] for item in run.json["findings"]] == ["FM004"], word
    assert tool("check", "backend", "backend>=1").exit == 0
    assert tool("check", "nope", "--offline").exit == 2


BROKEN_PROJECT = '[project\nname = "claudepack-mine"\n'


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({".claude/agents/own.md": OWN}, "pyproject.toml"),
        ({"CLAUDE.md": "Write tests.\n"}, "pyproject.toml"),
        ({"agents/own.md": OWN}, "pyproject.toml"),
        ({"web/own.md": OWN}, "pyproject.toml"),
        ({"skills/a/SKILL.md": SKILL.replace("name: s", "name: a")}, "pyproject.toml"),
        ({PLUGIN: '{"name": "p"}', "agents/own.md": OWN}, "pyproject.toml"),
        ({"mine/agents/own.md": OWN}, "mine/pyproject.toml"),
    ],
)
def test_of_a_project_that_is_no_toml_nobody_can_say_whether_it_is_a_pack(
    tmp_path: Path, files: dict[str, str], where: str
) -> None:
    write_tree(tmp_path, {**files, where: BROKEN_PROJECT})

    assert _check(read_subjects(tmp_path)) == [("PK001", where)]
    write_tree(tmp_path, {where: '[project]\nname = "other"\n'})
    assert _check(read_subjects(tmp_path)) == []


def test_one_that_holds_nothing_else_is_told_too(tmp_path: Path) -> None:
    write_tree(tmp_path, {"pyproject.toml": BROKEN_PROJECT})

    assert _check(read_subjects(tmp_path)) == [("PK001", "pyproject.toml")]
