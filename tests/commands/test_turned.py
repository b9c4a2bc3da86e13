"""A new version makes a folder of a file, or a file of a folder: done where nothing of the user's is in the way."""

import shutil
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack, write_tree

FILE = {"prompts/p/turns": "a file\n", "prompts/p/stays.md": "stays\n"}
FOLDER = {
    "prompts/p/turns/a.md": "in a folder\n",
    "prompts/p/turns/b/c.md": "in one more\n",
    "prompts/p/stays.md": "stays\n",
}
PLACE = ".claude/prompts/p/turns"
WAYS = [pytest.param(FILE, FOLDER, id="a folder"), pytest.param(FOLDER, FILE, id="a file")]


def _update(tool: Tool, tmp_path: Path, old: dict[str, str], new: dict[str, str]) -> Path:
    pack = write_pack(tmp_path / "mine", old)
    assert tool("install", pack).exit == 0
    shutil.rmtree(pack)
    return write_pack(pack, new, version="2.0.0")


def _read_prompts(project: Path) -> dict[str, str]:
    return {f"prompts/{path}": data.decode() for path, data in read_tree(project / ".claude/prompts").items()}


@pytest.mark.parametrize(("old", "new"), WAYS)
def test_what_was_not_edited_turns_and_turns_back_and_goes(
    tool: Tool, project: Path, tmp_path: Path, old: dict[str, str], new: dict[str, str]
) -> None:
    pack = _update(tool, tmp_path, old, new)

    run = tool("update", "--json")

    assert (run.exit, {row["action"] for row in run.json["changes"]}) == (0, {"create", "delete"})
    assert _read_prompts(project) == new
    assert tool("verify").exit == 0
    assert tool("sync", "--json").json["changes"] == []
    shutil.rmtree(pack)
    write_pack(pack, old)
    assert tool("sync").exit == 0
    assert _read_prompts(project) == old
    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == {}


@pytest.mark.parametrize(
    ("old", "new", "mine"),
    [
        pytest.param(FILE, FOLDER, {PLACE: "edited\n"}, id="an edited file"),
        pytest.param(FOLDER, FILE, {f"{PLACE}/b/c.md": "edited\n"}, id="an edited file in a folder"),
        pytest.param(FOLDER, FILE, {f"{PLACE}/b/own.md": "own\n"}, id="the user's own file in a folder"),
        pytest.param(FOLDER, FILE, {f"{PLACE}/own/own.md": "own\n"}, id="the user's own folder in a folder"),
    ],
)
def test_what_is_the_user_s_stays_and_is_named(
    tool: Tool, project: Path, tmp_path: Path, old: dict[str, str], new: dict[str, str], mine: dict[str, str]
) -> None:
    _update(tool, tmp_path, old, new)
    write_tree(project, mine)
    before = read_tree(project)

    run = tool("update")

    assert (run.exit, PLACE in run.err, "away" in run.err, "--adopt" in run.err) == (2, True, True, False), run.err
    assert read_tree(project) == before
    away = project / "away"
    (project / PLACE).rename(away)
    assert tool("update").exit == 0
    assert _read_prompts(project) == new


def test_a_folder_that_was_there_before_the_pack_is_not_taken(tool: Tool, project: Path, tmp_path: Path) -> None:
    (project / PLACE).mkdir(parents=True)
    _update(tool, tmp_path, FOLDER, FILE)

    assert tool("update").exit == 2

    assert _read_prompts(project) == FOLDER


def test_a_file_that_a_pack_leaves_may_be_another_s_folder(tool: Tool, project: Path, tmp_path: Path) -> None:
    other = write_pack(tmp_path / "other", name="other")
    assert tool("install", other).exit == 0
    pack = _update(tool, tmp_path, FILE, {"prompts/p/stays.md": "stays\n"})
    write_tree(other, FOLDER)
    (other / "prompts/p/stays.md").unlink()

    assert tool("sync").exit == 0

    assert _read_prompts(project) == FOLDER
    assert pack.is_dir()
