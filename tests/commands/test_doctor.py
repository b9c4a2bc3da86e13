"""What doctor sees, and what it says to do."""

from pathlib import Path

import pytest

from conftest import Run, Tool
from trees import write_pack, write_tree


def _states(run: Run) -> dict[str, tuple[str, str, str]]:
    return {check["name"]: (check["state"], check["found"], check["advice"]) for check in run.json["checks"]}


def test_a_project_at_rest_has_nothing_wrong(tool: Tool) -> None:
    tool("install", "backend")

    run = tool("doctor", "--json")

    states = _states(run)
    assert run.exit == 0
    assert "wrong" not in {state for state, _, _ in states.values()}
    assert "backend" in states["packs"][1]
    assert "backend" in states["lock"][1]
    assert states["git"][1].startswith("git version")
    assert tool("doctor").out.splitlines()[-1] == "nothing is wrong"


def test_a_machine_without_git_or_client_is_told_what_it_misses(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    run = tool("doctor", "--json")

    assert run.exit == 0
    assert _states(run)["git"][0] == _states(run)["claude code"][0] == "note"
    assert "conflicts" in _states(run)["git"][2]


@pytest.mark.parametrize(
    ("spoil", "name", "said"),
    [
        ({"claudepack.toml": "[packs\n"}, "project", "not TOML"),
        ({"claudepack.lock": "{"}, "project", "not JSON"),
        ({"claudepack.toml": '[packs]\nbackend = ">=0"\n'}, "lock", "does not answer"),
    ],
)
def test_what_is_wrong_with_a_project_is_named_with_a_way_out(
    tool: Tool, project: Path, spoil: dict[str, str], name: str, said: str
) -> None:
    tool("install", "backend")
    write_tree(project, spoil)

    run = tool("doctor", "--json")

    state, found, advice = _states(run)[name]
    assert (run.exit, state) == (1, "wrong")
    assert said in found
    assert advice


def test_a_file_that_is_gone_and_a_lock_that_is_gone_are_wrong(tool: Tool, project: Path, tmp_path: Path) -> None:
    tool("install", write_pack(tmp_path / "mine"))
    (project / ".claude/agents/mine.md").unlink()
    assert "agents/mine.md (absent)" in _states(tool("doctor", "--json"))["lock"][1]

    (project / "claudepack.lock").unlink()
    assert "git show" in _states(tool("doctor", "--json"))["lock"][2]


def test_a_directory_that_cannot_be_written_is_wrong(tool: Tool, project: Path) -> None:
    project.chmod(0o555)

    run = tool("doctor", "--json", held_to_modes=True)

    project.chmod(0o755)
    assert run.exit == 1
    assert str(project) in _states(run)["writable"][1]


def test_it_says_so_where_there_is_no_project(tool: Tool, project: Path) -> None:
    run = tool("doctor", "--json")

    assert (run.exit, _states(run)["project"][0]) == (0, "note")
    assert list(project.iterdir()) == []


def test_nothing_of_the_project_is_run(tool: Tool, project: Path) -> None:
    (project / "pip.py").write_text("import pathlib\npathlib.Path('ran').touch()\n")

    assert tool("doctor").exit == 0

    assert not (project / "ran").exists()
