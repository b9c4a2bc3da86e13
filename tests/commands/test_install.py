"""Install, install again, sync a clone, uninstall: on real files, by the real process."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree, write_wheel

CONTEXT = {"CLAUDE.md.j2": "Write {{ language }}.\n", "pack.toml": '[variables.language]\ndefault = "Go"\n'}

BEFORE: dict[str, dict[str, str | bytes]] = {
    "an empty directory": {},
    "a CLAUDE.md": {"CLAUDE.md": "# Mine\n"},
    "a CLAUDE.md with a BOM": {"CLAUDE.md": b"\xef\xbb\xbf# Mine\n"},
    "a CLAUDE.md with CRLF": {"CLAUDE.md": b"# Mine\r\n\r\ntext\r\n"},
    "a CLAUDE.md without a final newline": {"CLAUDE.md": "# Mine"},
    "a blank CLAUDE.md": {"CLAUDE.md": "\n"},
    "a CLAUDE.md that is not UTF-8": {"CLAUDE.md": b"caf\xe9\n"},
    "a CLAUDE.md inside .claude": {".claude/CLAUDE.md": "# Mine\n"},
    "agents of its own": {
        ".claude/agents/own.md": "---\nname: own\ndescription: mine\n---\n",
        ".claude/x": "y",
    },
    "an AGENTS.md": {"AGENTS.md": "# Agents\n"},
    "an AGENTS.md and a CLAUDE.md": {"AGENTS.md": "# Agents\n", "CLAUDE.md": "@AGENTS.md"},
    "a manifest with a comment": {"claudepack.toml": '# ours\n[variables]\nlanguage = "C"\n'},
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_uninstalling_gives_the_directory_back_as_it_was(
    tool: Tool, project: Path, tmp_path: Path, before: dict[str, str | bytes]
) -> None:
    write_tree(project, before)
    old = read_tree(project)
    pack = write_pack(tmp_path / "mine", {**CONTEXT, "prompts/deep/er/p.md": "p\n"})

    assert tool("install", pack).exit == 0
    assert (project / ".claude/agents/mine.md").read_bytes() == (pack / "agents/mine.md").read_bytes()
    assert (project / ".claude/prompts/deep/er/p.md").is_file()
    assert tool("uninstall", "mine").exit == 0

    assert read_tree(project) == old


@pytest.mark.parametrize("name", ["backend"])
def test_the_bundled_pack_installs_with_all_that_it_has(tool: Tool, project: Path, name: str) -> None:
    run = tool("install", name, "--json")

    assert run.exit == 0
    assert run.json["packs"] == [{"name": "backend", "version": "1.1.0", "previous": ""}]
    files = set(read_tree(project))
    prompts = {"api-design", "database-patterns", "authentication", "performance", "error-handling"}
    assert files == {
        ".claude/agents/backend-engineer.md",
        *(f".claude/prompts/back-end/{prompt}.md" for prompt in prompts),
        "CLAUDE.md",
        "claudepack.toml",
        "claudepack.lock",
    }
    assert 'backend = ">=1.1,<2"' in (project / "claudepack.toml").read_text()


@pytest.mark.parametrize("verb", [["install", "backend"], ["install"], ["sync"]])
def test_a_second_run_changes_nothing(tool: Tool, project: Path, verb: list[str]) -> None:
    tool("install", "backend")
    before = read_tree(project), (project / "claudepack.lock").stat().st_mtime_ns

    run = tool(*verb, "--json")

    assert (run.exit, run.json["changes"]) == (0, [])
    assert (read_tree(project), (project / "claudepack.lock").stat().st_mtime_ns) == before


def test_a_clone_with_the_two_files_gets_the_same_bytes(tool: Tool, project: Path, tmp_path: Path) -> None:
    tool("install", "backend")
    tree = read_tree(project)
    clone = write_tree(tmp_path / "clone", {name: tree[name] for name in ("claudepack.toml", "claudepack.lock")})

    assert tool("verify", cwd=clone).exit == 1
    assert tool("sync", cwd=clone).exit == 0

    assert read_tree(clone) == tree
    assert tool("verify", cwd=clone).exit == 0


def test_an_agents_md_gets_the_context_as_a_rule(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {"AGENTS.md": "# Agents\n"})

    assert tool("install", write_pack(tmp_path / "mine", CONTEXT)).exit == 0

    assert not (project / "CLAUDE.md").exists()
    assert (project / ".claude/rules/claudepack-mine.md").read_text() == "Write Go.\n"


def test_an_edit_is_kept_and_named(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine")
    tool("install", pack)
    agent = project / ".claude/agents/mine.md"
    agent.write_text("edited\n")

    run = tool("sync", "--json")

    assert run.json["changes"] == [{"path": ".claude/agents/mine.md", "action": "keep", "pack": "mine"}]
    assert tool("verify").exit == 0
    strict = tool("verify", "--no-edits")
    assert (strict.exit, strict.out.splitlines()[-1]) == (1, "1 with your edits: claudepack diff")
    assert tool("uninstall", "mine").exit == 0
    assert agent.read_text() == "edited\n"


def test_when_both_changed_the_edit_stays_and_the_conflict_is_laid_beside(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "one\n"})
    tool("install", pack)
    prompt = project / ".claude/prompts/p/a.md"
    prompt.write_text("edited\n")
    write_tree(pack, {"prompts/p/a.md": "two\n"})

    run = tool("sync", "--json")

    assert (run.exit, run.json["conflicts"]) == (3, [".claude/prompts/p/a.md"])
    assert prompt.read_text() == "edited\n"
    assert (project / ".claudepack/conflicts/.claude/prompts/p/a.md.theirs").read_text() == "two\n"
    assert tool("verify").exit == 1
    assert tool("sync").exit == 3

    prompt.write_text("two\n")
    assert tool("sync").exit == 0
    assert not (project / ".claudepack").exists()
    assert tool("verify").exit == 0


def test_a_dry_run_changes_nothing(tool: Tool, project: Path) -> None:
    run = tool("install", "backend", "--dry-run", "--json")

    assert len(run.json["changes"]) == 7
    assert read_tree(project) == {}


def test_a_checkout_with_crlf_is_no_edit_and_is_written_with_crlf(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "one\ntwo\n"})
    tool("install", pack)
    prompt = project / ".claude/prompts/p/a.md"
    prompt.write_bytes(b"one\r\ntwo\r\n")

    assert tool("verify", "--no-edits").exit == 0
    write_tree(pack, {"prompts/p/a.md": "three\nfour\n"})
    assert tool("sync").exit == 0

    assert prompt.read_bytes() == b"three\r\nfour\r\n"


def test_an_equal_file_that_was_there_before_stays_after(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine")
    write_tree(project, {".claude/agents/mine.md": (pack / "agents/mine.md").read_bytes()})

    run = tool("install", pack, "--json")
    assert run.json["changes"] == [{"path": ".claude/agents/mine.md", "action": "adopt", "pack": "mine"}]
    assert tool("uninstall", "mine").exit == 0

    assert list(read_tree(project)) == [".claude/agents/mine.md"]


def test_exclude_leaves_a_file_out_and_undo_brings_it_back(tool: Tool, project: Path) -> None:
    tool("install", "backend")
    tree = read_tree(project)
    path = ".claude/prompts/back-end/performance.md"

    assert tool("exclude", "backend", path).exit == 0
    assert not (project / path).exists()
    assert tool("exclude", "backend", "CLAUDE.md").exit == 0
    assert not (project / "CLAUDE.md").exists()
    assert tool("exclude", "backend", path, "CLAUDE.md", "--undo").exit == 0

    assert read_tree(project) == tree


def test_a_variable_of_the_project_is_rendered(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("install", write_pack(tmp_path / "mine", CONTEXT), "--set", "language=Rust").exit == 0

    assert "Write Rust.\n" in (project / "CLAUDE.md").read_text()


def test_a_variable_that_no_context_uses_is_told_once(tool: Tool, tmp_path: Path) -> None:
    words = ("install", write_pack(tmp_path / "mine", CONTEXT), "--set", "langage=Rust", "--json")
    told = "no context here uses the variable 'langage': did you mean language?"

    assert tool(*words).json["notices"] == [told]
    assert tool(*words).json["notices"] == []
    assert tool("exclude", "mine", "CLAUDE.md").exit == 0
    assert tool(*words[:2], "--set", "tests=none", "--json").json["notices"] == [
        "no context here uses the variable 'tests'"
    ]


def test_why_names_pack_and_version(tool: Tool) -> None:
    tool("install", "backend")

    assert "backend 1.1.0" in tool("why", ".claude/agents/backend-engineer.md").out
    assert tool("why", "README.md").exit == 2


def test_user_scope_installs_into_the_home(tool: Tool, project: Path) -> None:
    home = Path.home()

    assert tool("install", "backend", "--user").exit == 0
    assert (home / ".claude/agents/backend-engineer.md").is_file()
    assert (home / ".claude/CLAUDE.md").is_file()
    assert tool("why", "agents/backend-engineer.md", "--user").exit == 0, "as `status --user` names it"
    assert tool("uninstall", "backend", "--user").exit == 0

    assert read_tree(project) == {}
    assert not (home / ".claude/agents").exists()


def test_into_a_home_without_any_a_pack_beside_it_is_the_pack(tool: Tool, tmp_path: Path) -> None:
    write_pack(tmp_path / "mine", version="2.0")

    run = tool("install", "../mine", "--user", "--json")

    assert run.json["packs"] == [{"name": "mine", "version": "2.0", "previous": ""}]
    assert tool("sync", "--user", "--json").json["changes"] == []


def test_wheels_of_a_folder_go_into_a_home_that_has_no_claude_yet(tool: Tool, tmp_path: Path) -> None:
    write_wheel(tmp_path / "w", "corp", "1.0")

    run = tool("install", "corp", "--user", "--find-links", "../w")

    assert (run.exit, run.err) == (0, "")
    assert (Path.home() / ".claude/agents/corp.md").is_file()


@pytest.mark.parametrize(
    ("mode", "file", "gone"),
    [("rules", ".claude/rules/claudepack-mine.md", "CLAUDE.md"), ("inline", "CLAUDE.md", ".claude/rules")],
)
def test_changing_the_mode_moves_the_context_with_its_edits(
    tool: Tool, project: Path, tmp_path: Path, mode: str, file: str, gone: str
) -> None:
    write_tree(project, {} if mode == "rules" else {"AGENTS.md": "# Agents\n"})
    tool("install", write_pack(tmp_path / "mine", CONTEXT))
    [old] = [path for path in read_tree(project) if path.startswith(("CLAUDE", ".claude/rules"))]
    (project / old).write_text((project / old).read_text().replace("Write", "Sing"))
    with (project / "claudepack.toml").open("a") as manifest:
        manifest.write(f'[project]\ncontext = "{mode}"\n')

    assert tool("sync").exit == 0

    assert "Sing Go." in (project / file).read_text()
    assert not (project / gone).exists()
    assert tool("verify").exit == 0
    assert tool("uninstall", "mine").exit == 0
    assert "Sing Go." in (project / file).read_text()
    assert not (project / "claudepack.lock").exists()


@pytest.mark.parametrize("mode", ["inline", "import"])
def test_a_conflict_that_moves_with_its_context_has_its_sides_once(
    tool: Tool, project: Path, tmp_path: Path, mode: str
) -> None:
    write_tree(project, {"AGENTS.md": "# Agents\n"})
    pack = write_pack(tmp_path / "mine", {"CLAUDE.md": "one\ntwo\nthree\n"})
    tool("install", pack)
    rule = project / ".claude/rules/claudepack-mine.md"
    rule.write_bytes(b"mine\r\ntwo\r\nthree\r\n")
    write_pack(tmp_path / "mine", {"CLAUDE.md": "other\ntwo\nthree\n"})
    assert tool("update").exit == 3
    with (project / "claudepack.toml").open("a") as manifest:
        manifest.write(f'[project]\ncontext = "{mode}"\n')
    assert tool("sync").exit == 3
    before = read_tree(project)

    assert tool("sync").exit == 3

    assert read_tree(project) == before
    base = next(path for path in before if path.startswith(".claudepack/conflicts/") and path.endswith("base"))
    assert before[base] == b"one\ntwo\nthree\n"


def test_a_claude_md_that_cannot_be_read_stays_and_the_line_is_named(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {"CLAUDE.md": "a\n```\nnever closed\n"})
    pack = write_pack(tmp_path / "mine", CONTEXT)

    run = tool("install", pack)

    assert run.exit == 3
    assert "line 2" in run.out
    assert (project / "CLAUDE.md").read_text() == "a\n```\nnever closed\n"
    assert (project / ".claude/agents/mine.md").is_file()
    (project / "CLAUDE.md").write_text("a\n```\nclosed\n```\n")
    assert tool("sync").exit == 0
    assert "Write Go." in (project / "CLAUDE.md").read_text()


def test_an_uninstall_that_cannot_take_the_block_out_is_finished_once_the_file_is_mended(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    tool("install", write_pack(tmp_path / "mine", CONTEXT))
    whole = (project / "CLAUDE.md").read_text()
    (project / "CLAUDE.md").write_text(whole + "```\nnever closed\n")

    run = tool("uninstall", "mine")

    assert (run.exit, "line 4" in run.out) == (3, True), run.out
    assert (project / "CLAUDE.md").read_text() == whole + "```\nnever closed\n"
    assert not (project / ".claude").exists()
    (project / "CLAUDE.md").write_text(whole)
    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == {}


def test_a_rule_or_a_command_may_begin_with_a_line_across_the_page(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"rules/a.md": "---\n\n# A\n", "commands/b.md": "---\nDo b.\n"})

    assert tool("install", pack).exit == 0
    assert (project / ".claude/rules/a.md").read_text() == "---\n\n# A\n"


def test_a_link_inside_the_project_is_written_through(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {"docs/C.md": "# Mine\n"})
    (project / "CLAUDE.md").symlink_to("docs/C.md")

    assert tool("install", write_pack(tmp_path / "mine", CONTEXT)).exit == 0
    assert "Write Go." in (project / "docs/C.md").read_text()
    assert tool("uninstall", "mine").exit == 0

    assert (project / "docs/C.md").read_text() == "# Mine\n"
    assert (project / "CLAUDE.md").is_symlink()


def test_a_lock_that_was_deleted_is_made_again_from_what_equals_the_pack(tool: Tool, project: Path) -> None:
    tool("install", "backend")
    (project / "claudepack.lock").unlink()

    assert tool("verify").exit == 1
    assert tool("sync").exit == 0
    assert tool("verify").exit == 0


def test_a_path_that_is_not_utf_8_is_refused(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "x\udcff")

    run = tool("install", "../x\udcff")

    assert (run.exit, run.out) == (2, "")
    assert run.err.startswith("error: ../x\\udcff: the manifest is UTF-8, and this path is not")
    assert read_tree(project) == {}
