"""The lock in the formats of other tools: by their own readers, whole, and without what a pack did not say."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.pylock import Pylock

from conftest import Tool
from indexes import serve_index
from repositories import commit_all
from trees import read_tree, write_pack, write_wheel


@pytest.fixture
def commit(tool: Tool, project: Path, tmp_path: Path) -> str:
    """A project with a pack from every kind of place; gives the commit of the one from git."""
    write_wheel(tmp_path / "w", "corp", "1.0", requires=["claudepack-base>=1", "requests"])
    write_wheel(tmp_path / "w", "base", "1.2")
    tracked = write_pack(tmp_path / "repository/packs/tracked", name="tracked")
    commit = commit_all(tmp_path / "repository")
    archive = write_wheel(tmp_path / "a", "archived", "3.0")
    assert tracked.is_dir()
    with serve_index(tmp_path / "w") as url:
        assert tool("install", "corp", "--index-url", url).exit == 0
    word = f"git+file://{tmp_path}/repository#subdirectory=packs/tracked"
    assert tool("install", word, archive, write_pack(tmp_path / "plain", name="plain"), "backend").exit == 0
    assert project.is_dir()
    return commit


@pytest.mark.parametrize("form", ["pylock", "requirements", "cyclonedx"])
def test_only_what_it_has_written_is_written_over(tool: Tool, project: Path, tmp_path: Path, form: str) -> None:
    write_wheel(tmp_path / "w", "corp", "1.0")
    assert tool("install", "corp", "--find-links", "../w").exit == 0
    words = ["lock", "export", "--format", form, "-o"]
    (project / "mine.txt").write_text("flask==1.0\n")
    (project / "folder").mkdir()

    for taken in ("mine.txt", "folder", "claudepack.toml"):
        run = tool(*words, taken, "--json")
        assert (run.exit, run.json["error"]["code"]) == (2, "exists"), taken
    assert (project / "mine.txt").read_text() == "flask==1.0\n"

    assert tool(*words, "out", "--dry-run").out == "out would be written\n"
    assert not (project / "out").exists()
    assert tool(*words, "out").exit == 0
    written = (project / "out").read_bytes()
    assert tool(*words, "out").exit == 0
    assert (project / "out").read_bytes() == written


def test_a_pylock_is_valid_and_pins_every_file(tool: Tool, project: Path, tmp_path: Path, commit: str) -> None:
    before = read_tree(project)

    run = tool("lock", "export")

    pylock = Pylock.from_dict(tomllib.loads(run.out))
    pylock.validate()
    packages = {package.name.removeprefix("claudepack-"): package for package in pylock.packages}
    assert sorted(packages) == ["archived", "base", "corp", "plain", "tracked"]
    [wheel] = packages["corp"].wheels or []
    assert (wheel.name, len(wheel.hashes["sha256"])) == ("claudepack_corp-1.0-py3-none-any.whl", 64)
    vcs, directory, archive = packages["tracked"].vcs, packages["plain"].directory, packages["archived"].archive
    assert vcs
    assert (vcs.commit_id, vcs.subdirectory) == (commit, "packs/tracked")
    assert directory
    assert directory.path == "../plain"
    assert archive
    assert archive.path == "../a/claudepack_archived-3.0-py3-none-any.whl"
    assert "backend: the lock says the version" in run.err
    assert tool("lock", "export", "--output", tmp_path / "pylock.toml").exit == 0
    assert (tmp_path / "pylock.toml").read_text() == run.out
    assert read_tree(project) == before


def test_requirements_are_what_pip_downloads(tool: Tool, project: Path, tmp_path: Path, commit: str) -> None:
    run = tool("lock", "export", "--format", "requirements")

    lines = run.out.splitlines()
    assert any(line.startswith("claudepack-backend==") for line in lines)
    assert f"claudepack-tracked @ git+file://{tmp_path}/repository@{commit}#subdirectory=packs/tracked" in lines
    assert "../plain  # claudepack-plain 1.0.0" in lines
    pinned = [line for line in lines if "--hash" in line]
    assert len(pinned) == 2
    (tmp_path / "requirements.txt").write_text("\n".join(pinned))
    words = ["download", "-q", "--no-deps", "--require-hashes", "--find-links", str(tmp_path / "w"), "-d", "got"]
    command = [sys.executable, "-m", "pip", *words, "-r", str(tmp_path / "requirements.txt")]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    assert sorted(path.name for path in (tmp_path / "got").iterdir()) == sorted(
        path.name for path in (tmp_path / "w").iterdir()
    )
    assert project.is_dir()


@pytest.mark.usefixtures("commit")
def test_a_bill_of_materials_is_valid_and_the_same_each_time(tool: Tool) -> None:
    first, second = (tool("lock", "export", "--format", "cyclonedx").out for _ in range(2))

    assert first == second
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first) is None
    document = json.loads(first)
    purls = {item["name"]: item["purl"] for item in document["components"]}
    assert len(purls) == 6
    assert purls["claudepack-base"].startswith("pkg:pypi/claudepack-base@1.2?repository_url=http")
    needs = {item["ref"]: item.get("dependsOn", []) for item in document["dependencies"]}
    assert needs["claudepack-corp@1.0"] == ["claudepack-base@1.2"]


def test_without_a_lock_there_is_nothing_to_export(tool: Tool) -> None:
    assert tool("lock", "export").exit == 2


@pytest.mark.parametrize(
    ("words", "change", "why"),
    [
        (["outdated"], {"version": "banana"}, "backend: 'banana' is no version"),
        (["lock", "export"], {"source": {"kind": "index"}}, "does not say where backend is from"),
        (["lock", "export", "--format", "cyclonedx"], {"requires": ["=="]}, "'==', which is no requirement"),
    ],
)
def test_a_lock_that_somebody_changed_by_hand_is_told_from_a_fault_of_ours(
    tool: Tool, project: Path, words: list[str], change: dict[str, object], why: str
) -> None:
    tool("install", "backend")
    path = project / "claudepack.lock"
    lock = json.loads(path.read_text())
    lock["packs"]["backend"] |= change
    path.write_text(json.dumps(lock))

    run = tool(*words)

    assert (run.exit, why in run.err, "Traceback" in run.err) == (2, True, False), run.err
