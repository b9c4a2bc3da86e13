"""A pack is taken from the first place that has what was asked for, and the lock's only with its bytes."""

import os
import re
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.source.bundled import find_bundled
from claudepack.source.environment import find_installed
from claudepack.source.places import (
    Found,
    find_here,
    find_locked,
    find_path,
    list_available,
    refuse_absent,
    refuse_unknown,
)
from conftest import Tool
from trees import AGENT, write_pack, write_tree


def _install(project: Path, name: str, version: str, body: str = "x") -> Path:
    """What an installer leaves in the project's own environment."""
    site = project / ".venv/lib/python3.12/site-packages"
    info = f"claudepack_{name}-{version}.dist-info"
    write_tree(
        site,
        {
            f"{info}/METADATA": f"Metadata-Version: 2.4\nName: claudepack-{name}\nVersion: {version}\n",
            f"{info}/entry_points.txt": f"[claudepack.packs]\n{name} = claudepack_{name}\n",
            f"claudepack_{name}/agents/{name}.md": AGENT.format(name=name) + body,
        },
    )
    return project / ".venv"


def _find(name: str, specifier: str, project: Path) -> Found:
    found = find_here(name, specifier, project)
    assert found
    return found


def test_an_environment_goes_before_the_bundled_packs(project: Path) -> None:
    assert _find("backend", "", project).source == {"kind": "bundled"}

    environment = _install(project, "backend", "99.0")

    found = _find("backend", "", project)
    assert (found.pack.version, found.source, found.where) == (
        "99.0",
        {"kind": "environment"},
        f"the environment {environment}",
    )


def test_where_two_places_have_it_the_other_is_named(project: Path) -> None:
    assert not _find("backend", "", project).notice

    _install(project, "backend", "1.5")

    assert re.match(r"backend 1\.\S+ is also in the packs that come with", _find("backend", "", project).notice)


def test_the_first_that_the_specifier_allows_is_taken(project: Path) -> None:
    _install(project, "backend", "99.0")
    assert _find("backend", "<99", project).source == {"kind": "bundled"}
    assert _find("backend", "==99", project).source == {"kind": "environment"}


def test_where_none_is_allowed_the_message_says_what_there_is(project: Path) -> None:
    _install(project, "backend", "99.0")
    assert find_here("backend", "==50", project) is None

    error = refuse_unknown("backend", "==50", project)

    assert re.search(r"no backend ==50 .* 99\.0 \(the environment .*\), 1\.\S* \(the packs", error.message)
    assert error.code == "version"


def test_an_unknown_name_is_refused_with_the_nearest(project: Path) -> None:
    _install(project, "mine", "1.0")
    assert find_here("backnd", "", project) is None

    error = refuse_unknown("backnd", "", project)

    assert "no pack 'backnd'" in error.message
    assert error.code == "not-found"
    assert error.hint.startswith("did you mean backend?")


def test_the_active_environment_goes_before_the_project_s(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(project, "mine", "1.0")
    active = _install(tmp_path / "other", "mine", "2.0")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))

    assert _find("mine", "", project).pack.version == "2.0"
    assert find_installed(project)["mine"].is_relative_to(active)


def test_any_place_with_the_version_and_the_bytes_of_the_lock_will_do(project: Path, tmp_path: Path) -> None:
    bundled = _find("backend", "", project).pack
    _install(project, "backend", "99.0")
    _install(tmp_path / "twin", "mine", "1.0")
    twin = _find("mine", "", tmp_path / "twin").pack
    _install(project, "mine", "1.0")

    found = find_locked("backend", bundled.version, bundled.digest, project)
    assert found
    assert found.source == {"kind": "bundled"}
    assert find_locked("mine", "1.0", twin.digest, project)


def test_other_bytes_under_one_version_break_integrity(project: Path) -> None:
    environment = _install(project, "mine", "1.0")
    digest = _find("mine", "", project).pack.digest
    _install(project, "mine", "1.0", body="tampered")

    with pytest.raises(IntegrityError, match=f"mine 1.0 from the environment {environment} does not hold") as caught:
        find_locked("mine", "1.0", digest, project)
    assert caught.value.exit_code == 4


def test_a_right_place_behind_a_wrong_one_serves(project: Path) -> None:
    bundled = _find("backend", "", project).pack
    _install(project, "backend", bundled.version)
    found = find_locked("backend", bundled.version, bundled.digest, project)
    assert found
    assert found.source == {"kind": "bundled"}


@pytest.mark.parametrize(("name", "here"), [("mine", "none"), ("theirs", r"1\.0 \(the environment .*\)")])
def test_a_version_that_no_place_has_is_not_found(project: Path, name: str, here: str) -> None:
    _install(project, "theirs", "1.0")
    assert find_locked(name, "2.0", "0", project) is None
    error = refuse_absent(name, "2.0", project)
    assert re.search(f"the lock names {name} 2.0, and here is {here}", error.message)
    assert (error.code, error.exit_code) == ("not-found", 2)


def test_a_path_is_relative_to_where_it_was_said(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "packs/mine")
    found = find_path("../packs/mine", write_tree(tmp_path / "here", {"x": ""}))
    assert (found.pack.name, found.source, found.where) == (
        "mine",
        {"kind": "path", "path": "../packs/mine"},
        "../packs/mine",
    )
    assert find_path(str(root), tmp_path / "elsewhere").pack.digest == found.pack.digest


@pytest.mark.parametrize("path", ["nowhere", "nowhere.whl"])
def test_a_path_to_nothing_is_not_found(tmp_path: Path, path: str) -> None:
    with pytest.raises(ClaudepackError, match=path) as caught:
        find_path(path, tmp_path)
    assert caught.value.code == "not-found"


def test_all_that_can_be_had_is_listed_once_each(project: Path) -> None:
    _install(project, "backend", "99.0")
    _install(project, "aaa", "1.0")
    listed = {found.pack.name: found.pack.version for found in list_available(project)}
    assert (listed["aaa"], listed["backend"]) == ("1.0", "99.0")
    assert list(listed) == sorted(listed)
    assert find_bundled("backend") is not None


@pytest.mark.parametrize(
    ("name", "version", "specifier", "kind"),
    [
        ("mine", "2.0rc1", "", "environment"),
        ("mine", "2.0rc1", ">=1", "environment"),
        ("backend", "99.0rc1", "", "bundled"),
        ("backend", "99.0rc1", ">=99.0rc1", "environment"),
        ("backend", "99.0rc1", ">=98", "environment"),
    ],
)
def test_a_pre_release_is_taken_where_it_is_asked_for_or_nothing_else_will_do(
    project: Path, name: str, version: str, specifier: str, kind: str
) -> None:
    _install(project, name, version)
    assert _find(name, specifier, project).source == {"kind": kind}


def test_what_is_written_down_allows_the_pre_release_that_was_installed(tool: Tool, project: Path) -> None:
    _install(project, "mine", "1.0rc1")
    assert tool("install", "mine").exit == 0
    (project / ".claude/agents/mine.md").unlink()

    run = tool("sync", "--json")

    assert (run.exit, run.json["packs"]) == (0, [{"name": "mine", "version": "1.0rc1", "previous": "1.0rc1"}])


@pytest.mark.parametrize("name", ["x.whl", "x.tar.gz"])
def test_an_archive_without_an_end_is_refused_at_once(tool: Tool, project: Path, name: str) -> None:
    os.mkfifo(project / name)
    run = tool("install", f"./{name}")
    assert run.exit == 2
    assert f"{name} is no plain file" in run.err
