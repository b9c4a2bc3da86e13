"""A team that wants one field different says so in its manifest, and has neither an edit nor a conflict."""

import os
import shutil
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_installed, write_pack, write_tree

AGENT = '---\nname: a\ndescription: "d"\nmodel: sonnet\ncolor: blue\n---\n\nOne.\n\nTwo.\n\nThree.\n'
LIVE = ".claude/agents/a.md"
MANIFEST = """[packs.mine]
version = ">=1.0"

[packs.mine.override."agents/a.md"]
model = "opus"
tools = ["Read", "Grep"]
"""


@pytest.fixture(autouse=True)
def _overridden(tool: Tool, project: Path) -> None:
    write_installed(project, {"agents/a.md": AGENT}, version="1.0.0")
    write_tree(project, {"claudepack.toml": MANIFEST})
    assert tool("sync").exit == 0


def test_the_field_is_what_the_project_says_and_no_edit(tool: Tool, project: Path) -> None:
    text = (project / LIVE).read_text()
    assert text == AGENT.replace("sonnet", "opus").replace("blue\n", 'blue\ntools: ["Read", "Grep"]\n')
    assert tool("verify", "--no-edits").exit == 0
    before = read_tree(project)
    assert tool("sync").exit == 0
    assert read_tree(project) == before


def test_the_next_version_meets_no_conflict_though_it_changes_the_line_beside(tool: Tool, project: Path) -> None:
    new = AGENT.replace("model: sonnet\ncolor: blue", "model: haiku\ncolor: green")
    write_installed(project, {"agents/a.md": new}, version="1.1.0")

    run = tool("update", "--json")

    assert [row["action"] for row in run.json["changes"]] == ["replace"]
    assert "model: opus\ncolor: green\n" in (project / LIVE).read_text()


def test_an_edit_beside_it_is_merged_from_the_text_with_the_old_values(tool: Tool, project: Path) -> None:
    path = project / LIVE
    path.write_text(path.read_text().replace("Three.", "Three, with care."))
    manifest = project / "claudepack.toml"
    manifest.write_text(MANIFEST.replace("opus", "haiku"))
    write_installed(project, {"agents/a.md": AGENT.replace("One.", "One, first.")}, version="1.1.0")

    run = tool("update", "--json")

    assert [row["action"] for row in run.json["changes"]] == ["merge"]
    assert "model: haiku" in path.read_text()
    assert "One, first.\n\nTwo.\n\nThree, with care.\n" in path.read_text()
    assert "-Three.\n+Three, with care." in tool("diff").out


def test_taking_it_out_of_the_manifest_brings_the_pack_s_value_back(tool: Tool, project: Path) -> None:
    (project / "claudepack.toml").write_text('[packs]\nmine = ">=1.0"\n')

    assert tool("sync").exit == 0

    assert (project / LIVE).read_text() == AGENT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[packs.mine.override."agents/b.md"]\nmodel = "opus"\n', "has no 'agents/b.md'"),
        ('[packs.mine.override."agents/a.md"]\nname = "b"\n', "name is how others call it"),
        ('[packs.mine.override]\n"agents/a.md" = "opus"\n', "override must be tables"),
        ('[packs.mine.override."agents/a.md"]\nmodel = 2026-01-01\n', "model: must be text"),
        ('[packs.mine.override."agents/a.md"]\nmaxTurns = inf\n', "maxTurns: must be text"),
    ],
)
def test_what_cannot_be_is_refused(tool: Tool, project: Path, text: str, why: str) -> None:
    before = (project / LIVE).read_bytes()
    (project / "claudepack.toml").write_text(f'[packs.mine]\nversion = ">=1.0"\n\n{text}')

    run = tool("sync")

    assert (run.exit, why in run.err) == (2, True)
    assert (project / LIVE).read_bytes() == before


def test_excluding_keeps_the_table(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("allow", "mine", "hooks").exit == 0
    text = (project / "claudepack.toml").read_text()
    assert '[packs.mine.override."agents/a.md"]\nmodel = "opus"\n' in text
    assert tool("install", write_pack(tmp_path / "other", name="other")).exit == 0
    assert tool("verify", "--no-edits").exit == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('description = ""', "description"),
        ('description = "\\u202e"', "U+202E"),
        ("hooks = 3", "hooks"),
    ],
)
def test_a_value_with_which_the_client_would_skip_the_file_is_refused(
    tool: Tool, project: Path, line: str, said: str
) -> None:
    (project / "claudepack.toml").write_text(MANIFEST + line + "\n")
    before = read_tree(project)

    run = tool("sync")

    assert (run.exit, said in run.err) == (2, True)
    assert "mend the override of mine" in run.err
    assert read_tree(project) == before


def test_another_value_meets_an_edit_without_a_cache_where_the_directory_is_as_it_was(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    root = write_pack(tmp_path / "mine", {"agents/a.md": AGENT}, agent=False)
    manifest = project / "claudepack.toml"
    manifest.write_text(f'[packs.mine]\npath = "{os.path.relpath(root, project)}"\n')
    assert tool("sync").exit == 0
    path = project / LIVE
    path.write_text(path.read_text().replace("Three.", "Three, with care."))
    shutil.rmtree(Path.home() / ".cache/claudepack")
    manifest.write_text(f'{manifest.read_text()}\n[packs.mine.override."agents/a.md"]\nmodel = "opus"\n')

    run = tool("sync", "--json")

    assert (run.exit, [row["action"] for row in run.json["changes"]]) == (0, ["merge"])
    assert "model: opus" in path.read_text()
    assert "Three, with care." in path.read_text()


def test_a_directory_that_has_moved_on_for_one_project_may_be_as_it_was_for_another(tool: Tool, tmp_path: Path) -> None:
    override = '\n[packs.mine.override."agents/a.md"]\nmodel = "opus"\n'
    projects = [tmp_path / name / "project" for name in ("one", "two")]
    for project in projects:
        write_pack(project.parent / "mine", {"agents/a.md": AGENT}, agent=False)
        write_tree(project, {"claudepack.toml": '[packs.mine]\npath = "../mine"\n'})
        assert tool("sync", project).exit == 0
        text = (project / LIVE).read_text()
        write_tree(
            project,
            {
                LIVE: text.replace("Three.", "Three, with care."),
                "claudepack.toml": f'[packs.mine]\npath = "../mine"\n{override}',
            },
        )
    shutil.rmtree(Path.home() / ".cache/claudepack")
    write_pack(tmp_path / "one/mine", {"agents/a.md": AGENT.replace("One.", "One, first.")}, agent=False)

    assert tool("sync", *projects).exit == 3

    assert tool("verify", "--project", projects[0]).exit != 0
    assert tool("verify", "--project", projects[1]).exit == 0
    assert "model: opus" in (projects[1] / LIVE).read_text()
