"""The first day of a team that copied its agents by hand: the pack is installed over the copies."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

AGENT_PATH, PROMPT_PATH = ".claude/agents/mine.md", ".claude/prompts/p/a.md"
COPIES = {AGENT_PATH: AGENT.format(name="mine").replace("Does", "Always does"), PROMPT_PATH: "ours\n"}
REPLACED = ".claudepack/replaced/"


@pytest.fixture
def pack(project: Path, tmp_path: Path) -> Path:
    write_tree(project, COPIES)
    return write_pack(tmp_path / "mine", {"prompts/p/a.md": "theirs\n", "prompts/p/b.md": "b\n"})


def test_the_refusal_shows_how_each_file_differs_and_what_to_do(tool: Tool, project: Path, pack: Path) -> None:
    before = read_tree(project)

    run = tool("install", pack)

    assert run.exit == 2
    for text in (
        AGENT_PATH,
        "1 line of yours, 1 line of mine",
        '-description: "Always does mine."',
        "-ours",
        "+theirs",
    ):
        assert text in run.err
    assert "--adopt" in run.err
    assert "--replace" in run.err
    assert read_tree(project) == before


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({AGENT_PATH: b"\0\1"}, f"{AGENT_PATH}  2 bytes of yours, "),
        (
            {"CLAUDE.md": "<!-- claudepack:begin mine -->\nours\n<!-- claudepack:end mine -->\n"},
            "CLAUDE.md  1 line of yours, 1 line of mine\n    @@ -1 +1 @@\n    -ours\n    +Context.\n",
        ),
    ],
    ids=["bytes that are no text", "a block"],
)
def test_of_what_is_no_whole_text_what_differs_is_shown(
    tool: Tool, project: Path, tmp_path: Path, files: dict[str, str | bytes], told: str
) -> None:
    write_tree(project, files)
    before = read_tree(project)

    run = tool("install", write_pack(tmp_path / "other" / "mine", {"CLAUDE.md": "Context.\n"}))

    assert (run.exit, told in run.err) == (2, True), run.err
    assert read_tree(project) == before


def test_who_has_lost_the_lock_is_told_where_it_is(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "other" / "mine")
    tool("install", pack)
    (project / "claudepack.lock").unlink()
    (project / AGENT_PATH).write_text("ours\n")

    run = tool("sync")

    assert (run.exit, "git show HEAD:claudepack.lock > claudepack.lock" in run.err) == (2, True), run.err


def test_adopting_all_keeps_every_byte_and_manages_it_as_an_edit(tool: Tool, project: Path, pack: Path) -> None:
    run = tool("install", pack, "--adopt", "--json")

    assert run.exit == 0
    assert {row["path"]: row["action"] for row in run.json["changes"]}[AGENT_PATH] == "adopt"
    assert {path: (project / path).read_text() for path in COPIES} == COPIES
    states = {row["path"]: row["state"] for row in tool("status", "--json").json["files"]}
    assert (states[AGENT_PATH], states[PROMPT_PATH]) == ("edited", "edited")
    assert tool("verify").exit == 0
    assert "-theirs\n+ours" in tool("diff", PROMPT_PATH).out

    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == {path: text.encode() for path, text in COPIES.items()}


def test_an_adopted_copy_is_merged_with_the_next_version(tool: Tool, project: Path, pack: Path) -> None:
    tool("install", pack, "--adopt")
    write_tree(pack, {"agents/mine.md": AGENT.format(name="mine") + "\nMore.\n"})

    assert tool("sync").exit == 0

    assert (project / AGENT_PATH).read_text() == COPIES[AGENT_PATH] + "\nMore.\n"


def test_replacing_all_takes_the_pack_s_and_keeps_theirs(tool: Tool, project: Path, pack: Path) -> None:
    run = tool("install", pack, "--replace", "--json")

    assert {row["path"]: row["action"] for row in run.json["changes"]}[PROMPT_PATH] == "replace"
    assert (project / PROMPT_PATH).read_text() == "theirs\n"
    kept = {path.removeprefix(REPLACED): data for path, data in read_tree(project).items() if path.startswith(REPLACED)}
    assert kept == {path: text.encode() for path, text in COPIES.items()}
    assert tool("verify", "--no-edits").exit == 0


def test_each_file_can_go_its_own_way(tool: Tool, project: Path, pack: Path) -> None:
    assert tool("install", pack, "--adopt", AGENT_PATH).exit == 2
    assert tool("install", pack, "--adopt", AGENT_PATH, "--replace").exit == 0

    assert (project / AGENT_PATH).read_text() == COPIES[AGENT_PATH]
    assert (project / PROMPT_PATH).read_text() == "theirs\n"


def test_a_path_that_is_none_is_refused(tool: Tool, project: Path, pack: Path) -> None:
    before = read_tree(project)

    run = tool("install", "--adopt", pack)

    assert (run.exit, "there is no such file" in run.err) == (2, True)
    assert read_tree(project) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [(["--adopt", ".claude/agents"], "a folder"), (["--adopt", AGENT_PATH, "--replace", AGENT_PATH], "both name")],
)
def test_what_says_nothing_of_a_file_is_refused(tool: Tool, pack: Path, words: list[str], why: str) -> None:
    run = tool("install", pack, *words)
    assert (run.exit, why in run.err) == (2, True)


def test_what_is_no_plain_file_can_only_be_moved_away(tool: Tool, project: Path, pack: Path) -> None:
    (project / PROMPT_PATH).unlink()
    (project / PROMPT_PATH).symlink_to("b.md")

    run = tool("install", pack, "--replace")

    assert (run.exit, "no plain file: move it away" in run.err) == (2, True)
    assert (project / PROMPT_PATH).is_symlink()
