"""One checkout, read: whatever is broken in it is told, and the rest is read all the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack.commands.options import Mode
from claudepack.fleet.reading import PackReading, Reading, read_checkout
from claudepack.project.location import find_project
from fleets import run_before
from trees import write_pack, write_tree

AGENT_FILE, PROMPT = ".claude/agents/mine.md", ".claude/prompts/p/a.md"
FRAGMENT = '{"permissions": {"allow": ["Bash(make)"]}}'


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack `mine`, and a project that has it: an agent, a prompt folder, a context and a setting."""
    root = tmp_path_factory.mktemp("template")
    write_pack(root / "mine", {"prompts/p/a.md": "A.\n", "CLAUDE.md": "Context.\n", "settings.json": FRAGMENT})
    (root / "project").mkdir()
    run_before(root / "project", "install", "../mine", "--allow", "permissions", home=root / "home")
    return root


@pytest.fixture
def installed(template: Path, tmp_path: Path) -> Path:
    """A project that has the pack, for one test."""
    shutil.copytree(template / "mine", tmp_path / "mine")
    return shutil.copytree(template / "project", tmp_path / "installed")


def _read(root: Path) -> Reading:
    return read_checkout(find_project(str(root), user=False), Mode())


def _append(path: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text() + text)


def _replace(path: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_text((root / path).read_text().replace(old, new))


def _write(path: str, text: str | bytes) -> Callable[[Path], object]:
    return lambda root: write_tree(root, {path: text})


def _remove(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).unlink()


REST = PackReading("mine", "1.0.0")


@pytest.mark.parametrize(
    ("change", "read"),
    [
        (lambda _: None, REST),
        (_append(AGENT_FILE, "Ours.\n"), REST._replace(edits=(AGENT_FILE,))),
        (_replace("CLAUDE.md", "Context.", "Ours."), REST._replace(edits=("CLAUDE.md",))),
        (_write(".claude/settings.json", "{}"), REST._replace(edits=(".claude/settings.json",))),
        (_remove(AGENT_FILE), REST._replace(drift=(AGENT_FILE,))),
        (_write(".claude/prompts/p/b.md", "B"), REST._replace(drift=(".claude/prompts/p/b.md",))),
        (
            _replace("claudepack.lock", '"pending": {}', f'"pending": {{"{PROMPT}": "x"}}'),
            REST._replace(pending=(PROMPT,)),
        ),
        (_append("claudepack.toml", '[project]\ncontext = "import"\n'), REST._replace(is_stale=True)),
    ],
)
def test_a_pack_is_told_with_what_became_of_it(
    installed: Path, change: Callable[[Path], object], read: PackReading
) -> None:
    change(installed)

    reading = _read(installed)

    assert reading.packs == (read,)
    assert not reading.faults


def test_a_pack_that_only_the_manifest_knows_is_there_without_a_version(installed: Path) -> None:
    _replace("claudepack.toml", "[packs]\n", '[packs]\nother = ">=1"\n')(installed)

    assert _read(installed).packs == (REST, PackReading("other", "", ">=1", is_stale=True))


@pytest.mark.parametrize(
    ("path", "text", "code", "has_packs"),
    [
        ("claudepack.lock", "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n", "lock", False),
        ("claudepack.lock", '{"format": 99}', "format", False),
        ("claudepack.lock", b"\xff\xfe", "lock", False),
        ("claudepack.toml", "[packs\n", "manifest", True),
        ("claudepack.toml", b"\xff", "manifest", True),
        (".claude/settings.json", "{,}", "json", True),
        (".mcp.json", "[1,]", "json", True),
        ("CLAUDE.md", "\ufeffx".encode("utf-16"), "claude-md", True),
    ],
)
def test_what_cannot_be_read_is_told_once_and_the_rest_is_read(
    installed: Path, path: str, text: str | bytes, code: str, *, has_packs: bool
) -> None:
    write_tree(installed, {path: text, ".claude/agents/own.md": "Own.\n"})

    reading = _read(installed)

    assert [fault.code for fault in reading.faults] == [code]
    assert Path(path).name in reading.faults[0].message
    assert [(pack.name, pack.version) for pack in reading.packs] == [("mine", "1.0.0")] * has_packs
    assert [thing.name for thing in reading.unmanaged] == ["own"] * has_packs


def test_a_version_that_is_none_and_a_requirement_that_is_none_are_faults_of_the_lock(installed: Path) -> None:
    lock = json.loads((installed / "claudepack.lock").read_text())
    lock["packs"]["mine"] |= {"source": {"kind": "environment"}, "version": "banana", "requires": ["=="]}
    other = {**lock["packs"]["mine"], "distribution": "claudepack-other", "files": {}, "context": None, "fragments": {}}
    lock["packs"]["other"] = other | {"version": "1.0"}
    write_tree(installed, {"claudepack.lock": json.dumps(lock)})

    reading = _read(installed)

    assert [pack.name for pack in reading.packs] == ["mine", "other"]
    assert {fault.code for fault in reading.faults} == {"lock", "requires"}


def test_files_that_are_not_committed_are_no_drift(installed: Path) -> None:
    for path in (".claude/settings.json", AGENT_FILE, PROMPT):
        (installed / path).unlink()

    reading = _read(installed)

    assert reading.is_bare
    assert reading.packs == (REST,)


def test_a_lock_that_nobody_can_read_has_the_way_out_of_a_fleet(installed: Path) -> None:
    (installed / "claudepack.lock").write_text("{")

    [fault] = _read(installed).faults

    assert fault.code == "lock"
    assert fault.hint.startswith("in a clone of it: take an earlier claudepack.lock")


def test_a_link_that_leads_to_itself_names_no_directory_of_this_machine(project: Path) -> None:
    (project / ".claude").symlink_to(".claude")

    faults = _read(project).faults

    assert faults[0].message == ".claude/: Too many levels of symbolic links"
    assert str(project) not in "".join(fault.message for fault in faults)


def test_a_project_without_packs_is_read_too(project: Path) -> None:
    write_tree(project, {".claude/agents/own.md": "Own.\n"})

    reading = _read(project)

    assert (reading.packs, reading.faults) == ((), ())
    assert [thing.name for thing in reading.unmanaged] == ["own"]
