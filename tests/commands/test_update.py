"""Updating: what is new is told, and meets every edit; who merges has the base from wherever it can be had."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Tool
from trees import AGENT, read_tree, write_installed, write_pack, write_tree

PROMPT, CONTEXT = "prompts/p/a.md", "CLAUDE.md"
OLD = {PROMPT: "one\ntwo\nthree\nfour\nfive\n", CONTEXT: "Read this.\n\nThen that.\n"}
NEW = {PROMPT: "one\ntwo\nthree\nfour\nFIVE\n", CONTEXT: "Read this.\n\nThen all.\n"}
CHANGELOG = "# Changelog\n\n## [1.1.0] - 2026-02-01\n\n### Changed\n\n- Five is louder.\n\n## [1.0.0]\n\n- First.\n"
LIVE = f".claude/{PROMPT}"


def _git(where: Path, *words: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *author, *words], cwd=where, check=True, capture_output=True)


def _forget_cache() -> None:
    shutil.rmtree(Path.home() / ".cache", ignore_errors=True)


def test_an_update_takes_the_newest_that_the_manifest_allows(tool: Tool, project: Path) -> None:
    write_installed(project, OLD, version="1.0.0")
    assert tool("install", "mine").exit == 0
    assert 'mine = ">=1.0,<2"' in (project / "claudepack.toml").read_text()

    write_installed(project, NEW, version="2.0.0")
    assert tool("update", "--json").json["changes"] == []

    write_installed(project, NEW, version="1.1.0")
    run = tool("update", "--json")

    assert run.json["packs"] == [{"name": "mine", "version": "1.1.0", "previous": "1.0.0"}]
    assert {row["action"] for row in run.json["changes"]} == {"replace"}
    assert (project / LIVE).read_text() == NEW[PROMPT]
    assert tool("update", "--json").json["changes"] == []


def test_nothing_goes_back_to_an_older_version(tool: Tool, project: Path) -> None:
    write_installed(project, NEW, version="1.1.0")
    tool("install", "mine")
    before = read_tree(project)
    write_installed(project, OLD, version="1.0.0")

    assert tool("update").exit == 0

    assert {path: data for path, data in read_tree(project).items() if not path.startswith(".venv/")} == {
        path: data for path, data in before.items() if not path.startswith(".venv/")
    }


def test_edits_are_merged_and_what_is_new_is_told_first(tool: Tool, project: Path) -> None:
    write_installed(project, {**OLD, "agents/old.md": AGENT.format(name="old")}, version="1.0.0")
    tool("install", "mine")
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    claude_md = project / "CLAUDE.md"
    claude_md.write_text("# Ours\n\n" + claude_md.read_text().replace("Read this.", "Read this first."))
    agents = {"agents/new.md": AGENT.format(name="new")}
    write_installed(project, {**NEW, **agents, "CHANGELOG.md": CHANGELOG}, version="1.1.0")

    run = tool("update")

    assert run.exit == 0
    assert (project / LIVE).read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"
    assert "# Ours\n" in claude_md.read_text()
    assert "Read this first.\n\nThen all.\n" in claude_md.read_text()
    told, _, tree = run.out.partition(".claude/")
    for line in (
        "mine 1.0.0 -> 1.1.0",
        "- Five is louder.",
        "+ agent new",
        "- agent old",
        "a new context for CLAUDE.md",
    ):
        assert line in told
    assert "First." not in told
    assert "merge" in tree
    assert tool("verify").exit == 0
    assert tool("update", "--json").json["changes"] == [
        {"path": LIVE, "action": "keep", "pack": "mine"},
        {"path": "CLAUDE.md", "action": "keep", "pack": "mine"},
    ]


def test_what_is_new_is_data_too(tool: Tool, project: Path) -> None:
    write_installed(project, {**OLD, "agents/a.md": AGENT.format(name="a")}, version="1.0.0")
    tool("install", "mine")
    longer = AGENT.format(name="a").replace("Does a.", "Does a, and " + "much more " * 35)
    write_installed(project, {**OLD, "agents/team/b.md": longer, "CHANGELOG.md": CHANGELOG}, version="1.1.0")

    [update] = tool("update", "--json").json["updates"]

    assert update["renamed"] == [["agent a", "agents/a.md", "agents/team/b.md"]]
    assert (update["added"], update["removed"], update["has_new_context"]) == ([], [], False)
    assert 80 < update["tokens"] < 120
    assert update["changelog"].startswith("## [1.1.0]")


def test_a_renamed_agent_carries_its_edits_along(tool: Tool, project: Path) -> None:
    write_installed(project, {"agents/a.md": AGENT.format(name="a")}, version="1.0.0")
    tool("install", "mine")
    old = project / ".claude/agents/a.md"
    old.write_text(old.read_text() + "\nWith care.\n")
    write_installed(project, {"agents/team/b.md": AGENT.format(name="a").replace("Does", "Will do")}, version="1.1.0")

    run = tool("update", "--json")

    [change] = run.json["changes"]
    assert (change["path"], change["action"]) == (".claude/agents/team/b.md", "rename")
    assert change["from"] == ".claude/agents/a.md"
    assert not old.exists()
    text = (project / ".claude/agents/team/b.md").read_text()
    assert "Will do a." in text
    assert text.endswith("\nWith care.\n")


def test_a_renamed_agent_with_a_conflict_says_where_it_was(tool: Tool, project: Path) -> None:
    write_installed(project, {"agents/a.md": AGENT.format(name="a")}, version="1.0.0")
    tool("install", "mine")
    old = project / ".claude/agents/a.md"
    old.write_text(old.read_text().replace("You do", "I do"))
    write_installed(project, {"agents/b.md": AGENT.format(name="a").replace("You do", "We do")}, version="1.1.0")

    run = tool("update", "--json")

    [change] = run.json["changes"]
    assert (run.exit, change["action"], change["from"]) == (3, "conflict", ".claude/agents/a.md")
    assert (project / ".claude/agents/b.md").read_text() == AGENT.format(name="a").replace("You do", "I do")


def test_a_dry_run_shows_the_diffs_and_changes_nothing(tool: Tool, project: Path) -> None:
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    write_installed(project, NEW, version="1.1.0")
    before = read_tree(project)

    run = tool("update", "--dry-run")

    for line in (f"+++ {LIVE}", "-five", "+FIVE", "-Then that.", "+Then all.", "would be: "):
        assert line in run.out.splitlines() or any(found.startswith(line) for found in run.out.splitlines())
    assert "-one" not in run.out.splitlines()
    assert read_tree(project) == before


def test_other_values_of_variables_are_merged_with_edits_too(tool: Tool, project: Path, tmp_path: Path) -> None:
    template = {"CLAUDE.md.j2": "Write {{ x }}.\n\nThen rest.\n", "pack.toml": '[variables.x]\ndefault = "Go"\n'}
    tool("install", write_pack(tmp_path / "mine", template))
    claude_md = project / "CLAUDE.md"
    claude_md.write_text(claude_md.read_text().replace("Then rest.", "Then run."))
    manifest = project / "claudepack.toml"
    manifest.write_text(manifest.read_text() + '[variables]\nx = "C"\n')

    run = tool("sync", "--json")

    assert [row["action"] for row in run.json["changes"]] == ["merge"]
    assert "Write C.\n\nThen run.\n" in claude_md.read_text()


def _commit(project: Path) -> None:
    write_tree(project, {".gitignore": ".venv/\n"})
    _git(project, "init", "-q")
    _git(project, "add", ".")
    _git(project, "commit", "-qm", "agents")


@pytest.mark.parametrize("autocrlf", ["false", "true"])
def test_a_fresh_clone_merges_from_git_history_without_a_cache(
    tool: Tool, project: Path, tmp_path: Path, autocrlf: str
) -> None:
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")
    _commit(project)
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    claude_md = project / "CLAUDE.md"
    claude_md.write_text(claude_md.read_text().replace("Read this.", "Read this first."))
    _git(project, "commit", "-qam", "our edits")
    clone = tmp_path / "clone"
    _git(tmp_path, "clone", "-q", "-c", f"core.autocrlf={autocrlf}", str(project), str(clone))
    _forget_cache()
    write_installed(clone, NEW, version="1.1.0")

    run = tool("update", "--json", cwd=clone)

    assert run.exit == 0
    assert {row["path"]: row["action"] for row in run.json["changes"]} == {LIVE: "merge", "CLAUDE.md": "merge"}
    newline = "\r\n" if autocrlf == "true" else "\n"
    assert (clone / LIVE).read_bytes().decode() == "ONE\ntwo\nthree\nfour\nFIVE\n".replace("\n", newline)


def _clone_shallow(project: Path, tmp_path: Path) -> Path:
    _commit(project)
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    _git(project, "commit", "-qam", "our edits")
    _git(tmp_path, "clone", "-q", "--depth=1", project.as_uri(), str(tmp_path / "clone"))
    _forget_cache()
    return tmp_path / "clone"


def test_a_shallow_clone_falls_back_to_the_pinned_source(tool: Tool, project: Path, tmp_path: Path) -> None:
    """The version in the lock is still in the project's environment; a newer one is in the tool's."""
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")
    clone = _clone_shallow(project, tmp_path)
    write_installed(clone, OLD, version="1.0.0")
    newer = write_pack(tmp_path / "newer", NEW, version="1.1.0")

    run = tool("install", os.path.relpath(newer, clone), "--json", cwd=clone)

    assert run.exit == 0
    assert (clone / LIVE).read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"


def test_without_any_base_the_conflict_says_so(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")
    clone = _clone_shallow(project, tmp_path)
    write_installed(clone, NEW, version="1.1.0")

    run = tool("update", cwd=clone)

    assert run.exit == 3
    assert "nowhere to be had" in run.out
    assert (clone / LIVE).read_text() == OLD[PROMPT].replace("one", "ONE")
    assert (clone / f".claudepack/conflicts/{LIVE}.theirs").read_text() == NEW[PROMPT]


def test_without_git_the_conflict_says_so(
    tool: Tool, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    write_installed(project, NEW, version="1.1.0")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    run = tool("update")

    assert run.exit == 3
    assert "git is not here" in run.out


def test_a_cache_that_cannot_be_written_is_told_and_stops_nobody(tool: Tool, project: Path) -> None:
    write_installed(project, OLD, version="1.0.0")
    (Path.home() / ".cache").write_text("a file\n")

    run = tool("install", "mine")

    assert run.exit == 0
    assert "note: the cache cannot be written" in run.out
    assert tool("verify").exit == 0


def test_a_pack_that_is_not_here_is_named(tool: Tool, project: Path) -> None:
    write_installed(project, OLD, version="1.0.0")
    tool("install", "mine")

    run = tool("update", "min", "--json")

    assert (run.exit, run.json["error"]["hint"]) == (2, "did you mean mine?")


def test_edits_that_go_together_as_text_and_not_as_frontmatter_are_a_conflict(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    head = '---\nname: x\n{}description: "Does x."\ntools: Read\ncolor: red\n{}---\n\nYou do x.\n'
    pack = write_pack(tmp_path / "mine", {"agents/x.md": head.format("", "")})
    assert tool("install", pack).exit == 0
    live = project / ".claude/agents/x.md"
    live.write_text(head.format("model: opus\n", ""))
    write_pack(pack, {"agents/x.md": head.format("", "model: sonnet\n")}, version="1.1.0")

    run = tool("update", "--json")

    assert (run.exit, run.json["conflicts"]) == (3, [".claude/agents/x.md"])
    assert live.read_text() == head.format("model: opus\n", "")


@pytest.mark.parametrize("is_taken_back", [True, False])
def test_what_was_broken_and_left_out_does_not_keep_the_version_that_mends_it_away(
    tool: Tool, project: Path, *, is_taken_back: bool
) -> None:
    write_installed(project, {**OLD, "agents/a.md": AGENT.format(name="a"), "agents/b.md": "broken\n"}, version="1.0.0")
    assert tool("install", "mine", "--exclude", "agents/b.md").exit == 0
    whole = {"agents/a.md": AGENT.format(name="a"), "agents/b.md": AGENT.format(name="b")}
    write_installed(project, {**NEW, **whole}, version="1.1.0")
    if is_taken_back:
        (project / "claudepack.toml").write_text('[packs]\nmine = ">=1.0,<2"\n')

    run = tool("update", "--json")

    assert run.exit == 0
    assert (project / LIVE).read_text() == NEW[PROMPT]
    [told] = run.json["updates"]
    assert told["added"] == (["agent b"] if is_taken_back else [])


HIDDEN = {"prompts/p/b.md": "Do it.\U000e0041\n"}


def test_what_was_left_out_has_not_passed_the_gate(tool: Tool, project: Path) -> None:
    write_installed(project, {**OLD, **HIDDEN}, version="1.0.0")
    assert tool("install", "mine", "--exclude", "prompts/p/b.md").exit == 0
    assert tool("uninstall", "mine").exit == 0
    before = read_tree(project)

    run = tool("install", "mine")

    assert (run.exit, "U+E0041" in run.err) == (2, True)
    assert read_tree(project) == before


@pytest.mark.parametrize("old", [b"one\ntwo", b"name: agent"])
def test_an_update_does_without_what_the_cache_has_lost(tool: Tool, project: Path, old: bytes) -> None:
    agent = {"agents/agent.md": AGENT.format(name="agent")}
    write_installed(project, {**OLD, **agent}, version="1.0.0")
    assert tool("install", "mine").exit == 0
    (project / LIVE).write_text(OLD[PROMPT].replace("one", "ONE"))
    [kept] = (Path.home() / ".cache/claudepack/packs/mine").iterdir()
    kept.write_bytes(kept.read_bytes().replace(old, old.upper()))
    write_installed(project, {**NEW, "agents/agent.md": agent["agents/agent.md"] + "More.\n"}, version="1.1.0")

    run = tool("update", "--json")

    assert run.exit == (3 if old == b"one\ntwo" else 0)
    assert (project / ".claude/agents/agent.md").read_text().endswith("More.\n")
    assert (project / LIVE).read_text().startswith("ONE\n")
    [told] = run.json["updates"]  # what is new is told from the frontmatter of both
    assert (told["previous"], "added" in told) == ("1.0.0", old == b"one\ntwo")
