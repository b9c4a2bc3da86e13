"""The lock by itself: made without installing, checked, and gone by alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_wheel

pytestmark = pytest.mark.usefixtures("wheels")


def _lock(project: Path) -> Any:  # noqa: ANN401 - a test looks at what it expects
    return json.loads((project / "claudepack.lock").read_text())["packs"]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    for version in ("1.0", "1.1"):
        write_wheel(tmp_path / "wheels", "corp", version, files={"prompts/p/a.md": f"{version}\n"})
    return tmp_path / "wheels"


def _want(project: Path, specifier: str, more: str = "") -> None:
    (project / "claudepack.toml").write_text(f'[packs]\ncorp = "{specifier}"\n{more}\n[index]\ndefault = "../wheels"\n')


def test_it_pins_without_installing_and_sync_installs_what_it_pins(tool: Tool, project: Path, wheels: Path) -> None:
    _want(project, ">=1.0")

    run = tool("lock")

    assert run.exit == 0, run.err
    assert sorted(read_tree(project)) == ["claudepack.lock", "claudepack.toml"]
    assert (_lock(project)["corp"]["version"], _lock(project)["corp"]["files"]) == ("1.1", {})
    assert tool("lock", "--check").exit == 0
    verified = tool("verify")
    assert verified.exit == 1
    assert "ahead" in verified.out
    (wheels / "claudepack_corp-1.1-py3-none-any.whl").rename(wheels / "kept")
    assert tool("sync", "--offline").exit == 0
    assert (project / ".claude/prompts/p/a.md").read_text() == "1.1\n"
    assert tool("verify").exit == 0
    assert "ahead" not in _lock(project)["corp"]


def test_a_new_pin_keeps_the_bases_so_that_edits_stay_edits(tool: Tool, project: Path) -> None:
    _want(project, "==1.0")
    tool("sync")
    (project / ".claude/agents/corp.md").write_text(AGENT.format(name="corp") + "Version 1.0.\nMine.\n")
    _want(project, "==1.1")

    assert tool("lock", "--check").exit == 1
    assert tool("lock").exit == 0
    assert tool("lock", "--check").exit == 0
    assert (project / ".claude/prompts/p/a.md").read_text() == "1.0\n"
    assert tool("sync").exit in (0, 3)
    assert (project / ".claude/prompts/p/a.md").read_text() == "1.1\n"
    assert "Mine." in (project / ".claude/agents/corp.md").read_text()


def test_a_pack_that_left_the_manifest_is_taken_out_by_the_sync_after_a_lock(tool: Tool, project: Path) -> None:
    _want(project, ">=1.0")
    tool("sync")
    (project / "claudepack.toml").write_text("[packs]\n")

    assert tool("lock").exit == 0
    assert tool("lock", "--check").exit == 0
    assert (project / ".claude/agents/corp.md").exists()
    assert tool("sync").exit == 0
    assert sorted(read_tree(project)) == ["claudepack.toml"]


def test_a_lock_that_is_made_again_keeps_its_bytes(tool: Tool, project: Path) -> None:
    _want(project, ">=1.0")
    tool("sync")
    before = read_tree(project)
    assert tool("lock").exit == 0
    assert read_tree(project) == before


@pytest.mark.parametrize("words", [["sync", "--locked"], ["lock", "--check"]])
def test_a_stale_lock_is_an_answer_of_no_and_changes_nothing(tool: Tool, project: Path, words: list[str]) -> None:
    _want(project, ">=1.0")
    before = read_tree(project)
    assert tool(*words).exit == 1
    assert read_tree(project) == before
    tool("sync")
    assert tool(*words).exit == 0
    _want(project, ">=1.1")
    before = read_tree(project)

    run = tool(*words)

    assert run.exit == 1
    assert "corp" in run.err
    assert read_tree(project) == before


def test_a_directory_that_changed_makes_the_lock_stale(tool: Tool, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "a\n"})
    tool("install", pack)
    assert tool("sync", "--locked").exit == 0
    (pack / "prompts/p/a.md").write_text("b\n")

    assert tool("sync", "--locked").exit == 1
    assert tool("lock", "--check").exit == 1


def test_frozen_goes_by_the_lock_whatever_the_manifest_says(tool: Tool, project: Path) -> None:
    _want(project, "==1.0", 'context = { path = "../nowhere" }\n')
    _want(project, '==1.0"\n[variables]\nlanguage = "Go')
    tool("sync")
    whole = read_tree(project)
    _want(project, ">=1.1")
    (project / ".claude/prompts/p/a.md").unlink()

    run = tool("sync", "--frozen")

    assert run.exit == 0, run.err
    assert {**read_tree(project), "claudepack.toml": b""} == {**whole, "claudepack.toml": b""}
    assert ">=1.1" in (project / "claudepack.toml").read_text()


def test_frozen_leaves_out_what_was_left_out_when_it_was_locked(tool: Tool, project: Path) -> None:
    _want(project, ">=1.0")
    tool("sync")
    tool("exclude", "corp", "prompts")
    _want(project, ">=1.0")
    (project / ".claude/agents/corp.md").unlink()

    assert tool("sync", "--frozen").exit == 0
    assert not (project / ".claude/prompts").exists()
    assert (project / ".claude/agents/corp.md").exists()


def test_frozen_needs_a_lock(tool: Tool, project: Path) -> None:
    _want(project, ">=1.0")
    run = tool("sync", "--frozen")
    assert run.exit == 2
    assert "no claudepack.lock" in run.err


@pytest.mark.parametrize("key", ["digest", "sha256"])
def test_a_lock_with_another_hash_is_an_integrity_error(tool: Tool, project: Path, tmp_path: Path, key: str) -> None:
    _want(project, ">=1.0")
    tool("sync")
    pack = _lock(project)["corp"]
    right = pack[key] if key in pack else pack["source"][key]
    lock = project / "claudepack.lock"
    lock.write_text(lock.read_text().replace(right, "0" * 64))
    (project / ".claude/agents/corp.md").unlink()
    before = read_tree(project)

    run = tool("sync", "--frozen", cache=tmp_path / "empty")

    assert run.exit == 4
    assert read_tree(project) == before


def test_a_directory_with_other_bytes_than_the_lock_s_is_an_integrity_error(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "a\n"})
    tool("install", pack)
    (pack / "prompts/p/a.md").write_text("b\n")
    (project / ".claude/agents/mine.md").unlink()
    assert tool("sync", "--frozen").exit == 4
