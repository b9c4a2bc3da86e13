"""What packs require of each other comes with them, stays while it is needed, and is never at odds."""

import json
from pathlib import Path

import pytest

from conftest import Tool
from repositories import commit_all
from trees import read_tree, write_pack, write_wheel


@pytest.fixture(autouse=True)
def _wheels(project: Path) -> None:
    folder = project.parent / "wheels"
    write_wheel(folder, "base", "1.0")
    write_wheel(folder, "base", "2.0", requires=["claudepack-core"])
    write_wheel(folder, "core", "1.0")
    write_wheel(folder, "old", "1.0", requires=["claudepack-base<2"])
    write_wheel(folder, "new", "1.0", requires=["claudepack-base>=2", "requests>=2", "claudepack-x; extra == 'x'"])
    write_wheel(folder, "flexible", "1.0", requires=["claudepack-base>=1"])
    write_wheel(folder, "one", "1.0", requires=["claudepack-two"])
    write_wheel(folder, "two", "1.0", requires=["claudepack-one"])
    (project / "claudepack.toml").write_text('[packs]\n\n[index]\ndefault = "../wheels"\n')


def _versions(project: Path) -> dict[str, str]:
    lock = json.loads((project / "claudepack.lock").read_text())
    return {name: pack["version"] for name, pack in lock["packs"].items()}


def test_what_a_pack_requires_comes_with_it_and_only_the_lock_says_so(tool: Tool, project: Path) -> None:
    run = tool("install", "new")

    assert run.exit == 0, run.err
    assert _versions(project) == {"new": "1.0", "base": "2.0", "core": "1.0"}
    assert (project / ".claude/agents/core.md").exists()
    assert "base" not in (project / "claudepack.toml").read_text()
    assert tool("verify").exit == 0
    before = read_tree(project)
    assert tool("sync").exit == 0
    assert read_tree(project) == before
    (project / ".claude/agents/core.md").unlink()
    assert tool("sync", "--offline").exit == 0
    assert read_tree(project) == before


def test_a_cycle_is_installed_once(tool: Tool, project: Path) -> None:
    assert tool("install", "one").exit == 0
    assert _versions(project) == {"one": "1.0", "two": "1.0"}
    assert tool("verify").exit == 0


def test_two_that_need_different_majors_of_a_third_are_refused(tool: Tool, project: Path) -> None:
    before = read_tree(project)

    together = tool("install", "old", "new")

    assert together.exit == 2
    assert "claudepack-old 1.0 requires claudepack-base<2" in together.err
    assert "claudepack-new 1.0 requires claudepack-base>=2" in together.err
    assert "claudepack-base<2 is satisfied by 1.0" in together.err
    assert read_tree(project) == before
    tool("install", "old")
    before = read_tree(project)
    later = tool("install", "new")
    assert later.exit == 2
    assert "claudepack-old 1.0 requires claudepack-base<2" in later.err
    assert read_tree(project) == before


def test_what_only_came_along_gives_way_and_what_was_asked_for_does_not(tool: Tool, project: Path) -> None:
    tool("install", "flexible")
    assert _versions(project)["base"] == "2.0"
    assert tool("install", "old").exit == 0
    assert _versions(project)["base"] == "1.0"

    tool("uninstall", "old")
    tool("install", "base==1.0")
    run = tool("install", "new")
    assert run.exit == 2
    assert "claudepack-new 1.0 requires claudepack-base>=2" in run.err
    assert "the project has claudepack-base 1.0" in run.err


@pytest.mark.parametrize("from_git", [False, True])
def test_a_directory_and_a_repository_bring_what_they_require(
    tool: Tool, project: Path, tmp_path: Path, *, from_git: bool
) -> None:
    pack = write_pack(tmp_path / "mine", dependencies='dependencies = ["claudepack-base<2", "claudepack-backend"]')
    if from_git:
        commit_all(pack)

    run = tool("install", f"git+file://{pack}" if from_git else pack)

    assert run.exit == 0, run.err
    versions = _versions(project)
    assert (versions["base"], sorted(versions)) == ("1.0", ["backend", "base", "mine"])
    refused = tool("install", "new")
    assert refused.exit == 2
    assert "claudepack-mine 1.0.0 requires claudepack-base<2" in refused.err


def test_a_pack_that_is_here_satisfies_one_from_the_index(tool: Tool, project: Path, tmp_path: Path) -> None:
    tool("install", write_pack(tmp_path / "base", name="base", version="7.0"))
    assert tool("install", "new").exit == 0
    assert _versions(project) == {"base": "7.0", "new": "1.0"}


def test_uninstalling_what_another_needs_is_refused(tool: Tool, project: Path) -> None:
    tool("install", "new")
    before = read_tree(project)

    for name in ("base", "core"):
        run = tool("uninstall", name)
        assert run.exit == 2
        assert f"requires {name}" in run.err
        assert "uninstall" in run.err
    assert read_tree(project) == before


def test_what_nothing_needs_any_more_is_offered_and_pruned(tool: Tool, project: Path) -> None:
    tool("install", "new")

    run = tool("uninstall", "new")

    assert run.exit == 0
    assert "base, core: no pack requires this any more" in run.out
    assert _versions(project) == {"base": "2.0", "core": "1.0"}
    assert tool("verify").exit == 0
    assert tool("sync").exit == 0
    assert _versions(project) == {"base": "2.0", "core": "1.0"}
    assert tool("uninstall", "--prune").exit == 0
    assert list(read_tree(project)) == ["claudepack.toml"]


def test_pruning_at_once_keeps_what_is_asked_for_and_what_that_needs(tool: Tool, project: Path) -> None:
    tool("install", "new", "flexible")
    assert tool("uninstall", "new", "--prune").exit == 0
    assert _versions(project) == {"base": "2.0", "core": "1.0", "flexible": "1.0"}
    assert tool("uninstall", "flexible", "--prune").exit == 0
    assert not (project / "claudepack.lock").exists()


def test_a_required_pack_that_leaves_the_manifest_stays_as_one_that_came_along(tool: Tool, project: Path) -> None:
    tool("install", "base==1.0", "old")
    text = (project / "claudepack.toml").read_text()
    (project / "claudepack.toml").write_text(
        "".join(line for line in text.splitlines(keepends=True) if "base" not in line)
    )
    assert tool("sync").exit == 0
    assert _versions(project) == {"base": "1.0", "old": "1.0"}
    assert tool("verify").exit == 0


def test_update_takes_along_what_came_along(tool: Tool, project: Path) -> None:
    tool("install", "flexible", "old")
    assert _versions(project)["base"] == "1.0"
    tool("uninstall", "old")
    assert tool("update").exit == 0
    assert _versions(project)["base"] == "2.0"
    assert _versions(project)["core"] == "1.0"


def test_what_would_be_executed_needs_consent_for_a_pack_that_came_along_too(tool: Tool, project: Path) -> None:
    folder = project.parent / "wheels"
    write_wheel(folder, "hooked", "1.0", files={"hooks/run.sh": "#!/bin/sh\n"})
    write_wheel(folder, "top", "1.0", requires=["claudepack-hooked"])
    before = read_tree(project)

    run = tool("install", "top")

    assert run.exit == 2
    assert "hooked 1.0 brings what would be executed" in run.err
    assert read_tree(project) == before
    assert tool("install", "hooked", "--allow", "executables").exit == 0
    assert tool("install", "top").exit == 0
