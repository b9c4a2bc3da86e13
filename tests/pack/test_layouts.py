"""What is there without a manifest is read as a pack: what is taken, what is named and left out, what is refused."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.lint.gate import refuse_errors
from claudepack.pack.collection import make_collected_pack
from claudepack.pack.layouts import read_collection
from trees import AGENT, write_tree

OWN = AGENT.format(name="own")
SKILL = "---\nname: count\ndescription: Counts.\n---\nCount.\n"


@pytest.mark.parametrize(
    ("there", "below", "name", "paths"),
    [
        (
            {".claude/agents/own.md": OWN, ".claude/prompts/p/a.md": "a"},
            "",
            "shop",
            ["agents/own.md", "prompts/p/a.md"],
        ),
        ({".claude/agents/own.md": OWN}, ".claude", "shop", ["agents/own.md"]),
        ({"agents/a/own.md": OWN, "rules/r.md": "r"}, "", "shop", ["agents/a/own.md", "rules/r.md"]),
        ({"data/own.md": OWN, "web/x/s/SKILL.md": SKILL}, "", "shop", ["agents/data/own.md", "skills/s/SKILL.md"]),
        ({"own.md": OWN}, "own.md", "own", ["agents/own.md"]),
        ({"SKILL.md": SKILL, "lib/a.py": "1"}, "", "shop", ["skills/shop/SKILL.md", "skills/shop/lib/a.py"]),
        ({"s/SKILL.md": SKILL, "s/a.txt": "1"}, "s/SKILL.md", "s", ["skills/s/SKILL.md", "skills/s/a.txt"]),
    ],
    ids=["a project", "a .claude", "folders", "by category", "an agent's file", "a skill", "a SKILL.md"],
)
def test_the_files_are_placed_as_in_a_pack_and_keep_their_bytes(
    tmp_path: Path, there: dict[str, str], below: str, name: str, paths: list[str]
) -> None:
    write_tree(tmp_path / "shop", there)

    pack = make_collected_pack(read_collection(tmp_path / "shop" / below, "there"), "0")

    assert (pack.name, pack.version, list(pack.files)) == (name, "0", paths)
    assert sorted(file.read().decode() for file in pack.files.values()) == sorted(there.values())
    assert refuse_errors(pack)


@pytest.mark.parametrize(
    ("there", "notices"),
    [
        ({"a/own.md": OWN, "README.md": "# Hi\n", "a/x.json": "{}"}, ["not read there by Claude Code: a/x.json",
         "without frontmatter: README.md"]),
        ({"a/own.md": OWN, "b/page.md": "---\ntitle: x\n---\n"}, ["with no name in the frontmatter: b/page.md"]),
        ({"agents/own.md": OWN, "agents/README.md": "# Hi\n"}, ["without frontmatter: agents/README.md"]),
        ({"agents/own.md": OWN, "skills/flat.md": SKILL}, ["not read there by Claude Code: skills/flat.md"]),
        ({".claude/agents/own.md": OWN, ".claude/settings.json": "{}", "CLAUDE.md": "x", ".claude/docs/a": ""},
         ["not read there by Claude Code: docs/",
          "somebody's own unless `claudepack import` is told to take it: ../CLAUDE.md, settings.json"]),
    ],
)  # fmt: skip
def test_what_is_left_out_is_named(tmp_path: Path, there: dict[str, str], notices: list[str]) -> None:
    collection = read_collection(write_tree(tmp_path / "shop", there), "there")

    assert [path for path in collection.sources if path.endswith("own.md")] == list(collection.sources)
    assert list(collection.notices) == [f"left out, {notice}" for notice in notices]


@pytest.mark.parametrize(
    ("there", "below", "code", "said"),
    [
        ({"README.md": "# Hi\n"}, "README.md", "pack", "no agent: it is without frontmatter"),
        ({"own.MD": OWN}, "own.MD", "pack", "no agent: it is not read there"),
        ({"README.md": "# Hi\n"}, "", "pack", r"no agents, .*without frontmatter: README\.md"),
        ({"agents": "a file", "rules/r.md": "r"}, "", "path", "agents is a file"),
        ({}, "absent", "not-found", "no such file or directory"),
        ({"x/own.md": OWN, "y/box/.claude-plugin/plugin.json": "{}"}, "", "pack", "there is a plugin in y/box"),
        ({"own.md": OWN, "y/pyproject.toml": '"claudepack.packs"'}, "", "pack", r"there is a pack .* in y"),
        ({"a/s/SKILL.md": SKILL, "b/s/SKILL.md": SKILL}, "", "path", "would both be skills/s/SKILL.md"),
    ],
)
def test_what_would_be_lost_is_refused(tmp_path: Path, there: dict[str, str], below: str, code: str, said: str) -> None:
    write_tree(tmp_path, there)

    with pytest.raises(ClaudepackError, match=said) as caught:
        read_collection(tmp_path / below, "there")
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


@pytest.mark.parametrize(
    "there",
    [
        {"skill.md": SKILL},
        {"skills/shop/skill.md": SKILL},
        {"x/shop/Skill.md": SKILL},
        {"bad.md": "---\nname: bad\n---\n"},
    ],
)
@pytest.mark.parametrize("below", ["", "skill.md"])
def test_what_the_client_would_skip_is_an_error_of_the_pack(tmp_path: Path, there: dict[str, str], below: str) -> None:
    root = write_tree(tmp_path / "shop", there)
    target = root / below if (root / below).exists() else root

    pack = make_collected_pack(read_collection(target, "there"), "0")

    with pytest.raises(ClaudepackError, match=r"there is no SKILL\.md, exactly so|has no description"):
        refuse_errors(pack)


def test_a_folder_of_everything_is_refused_before_it_is_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path, {f"{letter}/{letter}.md": "" for letter in "abcdef"})
    monkeypatch.setattr("claudepack.pack.layouts.MAX_FILES", 3)

    with pytest.raises(ClaudepackError, match="more than 3 files") as caught:
        read_collection(tmp_path, "there")
    assert caught.value.code == "too-large"
