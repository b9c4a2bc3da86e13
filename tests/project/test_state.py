"""How the disk stands to the lock: at rest, edited, or adrift; and whether the lock answers the manifest."""

import hashlib
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.project.claude_md import hash_body
from claudepack.project.location import Project
from claudepack.project.lock import Lock, LockedContext, LockedPack
from claudepack.project.manifest import parse_manifest
from claudepack.project.state import examine, find_stale, read_claude_md
from trees import write_tree

PATH = ".claude/agents/a.md"
PACK = LockedPack(
    distribution="claudepack-x",
    version="1.0",
    requested=">=1",
    source={},
    digest="",
    requires=(),
    variables={},
    files={PATH: hashlib.sha256(b"a\n").hexdigest()},
    executable=(),
    adopted=(),
    context=None,
    pending={},
)
BLOCK = "<!-- claudepack:begin x -->\nbody\n<!-- claudepack:end x -->\n"
INLINE = LockedContext("inline", "CLAUDE.md", hash_body(b"body\n"), created=True, before="")
RULE = LockedContext("rules", ".claude/rules/claudepack-x.md", hash_body(b"body\n"), created=True, before="")


def _states(root: Path, pack: LockedPack) -> dict[str, str]:
    found = examine(Project(str(root), ".claude/", ""), Lock({"x": pack}, ()))
    assert {state.pack for state in found} == {"x"}
    return {state.path: state.state for state in found}


@pytest.mark.parametrize(
    ("content", "state"), [("a\n", "unchanged"), ("a\r\n", "unchanged"), ("b\n", "edited"), (None, "absent")]
)
def test_the_state_of_a_file(tmp_path: Path, content: str | None, state: str) -> None:
    write_tree(tmp_path, {} if content is None else {PATH: content})
    assert _states(tmp_path, PACK) == {PATH: state}


def test_a_file_with_an_open_conflict_is_pending_whatever_it_holds(tmp_path: Path) -> None:
    write_tree(tmp_path, {PATH: "a\n"})
    assert _states(tmp_path, PACK._replace(pending={PATH: "0"})) == {PATH: "pending"}


def test_what_stands_in_for_a_file_is_foreign(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.md": "a\n", ".claude/agents/other": ""})
    (tmp_path / PATH).symlink_to(tmp_path / "a.md")
    assert _states(tmp_path, PACK) == {PATH: "foreign"}


@pytest.mark.parametrize(
    ("path", "foreign"),
    [
        (".claude/prompts/p/new.md", True),
        (".claude/prompts/p/deep/new.md", True),
        (".claude/skills/s/new.md", True),
        (".claude/prompts/other/new.md", False),
        (".claude/prompts/new.md", False),
        (".claude/agents/new.md", False),
    ],
)
def test_a_file_is_foreign_only_in_a_folder_that_a_pack_delivers_whole(
    tmp_path: Path, path: str, *, foreign: bool
) -> None:
    base = hashlib.sha256(b"a\n").hexdigest()
    delivered = [PATH, ".claude/prompts/p/a.md", ".claude/prompts/single.md", ".claude/skills/s/SKILL.md"]
    write_tree(tmp_path, {**dict.fromkeys(delivered, "a\n"), path: "mine\n"})

    states = _states(tmp_path, PACK._replace(files=dict.fromkeys(delivered, base)))

    assert {path: state for path, state in states.items() if state != "unchanged"} == (
        {path: "foreign"} if foreign else {}
    )


@pytest.mark.parametrize(
    ("context", "files", "state"),
    [
        (INLINE, {"CLAUDE.md": f"top\n\n{BLOCK}"}, "unchanged"),
        (INLINE, {"CLAUDE.md": BLOCK.replace("\n", "\r\n")}, "unchanged"),
        (INLINE, {"CLAUDE.md": BLOCK.replace("body", "mine")}, "edited"),
        (INLINE, {"CLAUDE.md": BLOCK.replace(" x ", " y ")}, "absent"),
        (INLINE, {}, "absent"),
        (INLINE, {"CLAUDE.md": "```\n" + BLOCK}, "pending"),
        (INLINE, {"CLAUDE.md": BLOCK + "<<<<<<< HEAD\n"}, "pending"),
        (RULE, {RULE.file: "body\n"}, "unchanged"),
        (RULE, {RULE.file: "body\r\n"}, "unchanged"),
        (RULE, {RULE.file: "mine\n"}, "edited"),
        (RULE, {"CLAUDE.md": BLOCK}, "absent"),
    ],
)
def test_the_state_of_a_context(tmp_path: Path, context: LockedContext, files: dict[str, str], state: str) -> None:
    write_tree(tmp_path, files)
    assert _states(tmp_path, PACK._replace(files={}, context=context)) == {context.file: state}


def test_a_context_with_an_open_conflict_is_pending(tmp_path: Path) -> None:
    write_tree(tmp_path, {"CLAUDE.md": BLOCK})
    pack = PACK._replace(files={}, context=INLINE, pending={"CLAUDE.md": "0"})
    assert _states(tmp_path, pack) == {"CLAUDE.md": "pending"}


@pytest.mark.parametrize(
    ("manifest", "pack", "stale"),
    [
        ('[packs]\nx = ">=1"', PACK, []),
        ('[packs]\nx = ">=2"', PACK, ["x"]),
        ('[packs]\nx = {version = ">=1"}', PACK, ["x"]),
        ("", PACK, ["x"]),
        ('[packs]\nx = ">=1"\na = ">=1"', PACK, ["a"]),
        ('[packs]\nx = ">=1"', None, ["x"]),
        ('[packs]\nx = ">=1"\n[variables]\nl = "Go"', PACK, []),
        ('[packs]\nx = ">=1"\n[variables]\nl = "Go"', PACK._replace(variables={"l": None}), ["x"]),
        ('[packs]\nx = ">=1"\n[variables]\nl = "Go"', PACK._replace(variables={"l": "Go"}), []),
        ('[packs]\nx = ">=1"', PACK._replace(variables={"l": "Go"}), ["x"]),
        ('[packs]\nx = ">=1"', PACK._replace(variables={"l": None}), []),
        ('[packs]\nx = ">=1"\n[project]\ncontext = "rules"', PACK._replace(context=INLINE), ["x"]),
        ('[packs]\nx = ">=1"\n[project]\ncontext = "inline"', PACK._replace(context=INLINE), []),
        ('[packs]\nx = ">=1"\n[project]\ncontext = "rules"', PACK, []),
    ],
)
def test_a_lock_is_stale_where_it_no_longer_answers(manifest: str, pack: LockedPack | None, stale: list[str]) -> None:
    assert find_stale(parse_manifest(manifest), Lock({"x": pack} if pack else {}, ())) == stale


def test_claude_md_is_read_or_not_there(tmp_path: Path) -> None:
    project = Project(str(tmp_path), ".claude/", "")
    assert read_claude_md(project, "CLAUDE.md") is None

    write_tree(tmp_path, {"CLAUDE.md": BLOCK, "other.md": "a".encode("utf-16")})
    document = read_claude_md(project, "CLAUDE.md")
    assert document is not None
    assert list(document.blocks) == ["x"]
    with pytest.raises(ClaudepackError, match=r"other\.md is UTF-16"):
        read_claude_md(project, "other.md")
