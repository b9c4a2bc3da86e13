"""What is on the disk is known by its hash, whatever a checkout did to its line endings."""

import hashlib
import os
from pathlib import Path

import pytest

from claudepack.project.disk import DiskFile, list_folder, observe, walk_files
from claudepack.project.location import Project
from trees import write_tree


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def here(tmp_path: Path) -> Project:
    return Project(str(tmp_path), ".claude/", "")


@pytest.mark.parametrize(
    ("disk", "base", "holds"),
    [
        (b"a\nb\n", b"a\nb\n", True),
        (b"a\r\nb\r\n", b"a\nb\n", True),
        (b"a\nb\n", b"a\r\nb\r\n", True),
        (b"a\r\nb\n", b"a\nb\n", True),
        (b"a\r\nb\n", b"a\r\nb\r\n", True),
        (b"a\nb\n", b"a\nc\n", False),
        (b"a\rb", b"a\nb", False),
        (b"\0\r\n", b"\0\n", False),
        (b"", b"", True),
        (b"", b"\n", False),
    ],
)
def test_line_endings_are_no_edit(tmp_path: Path, here: Project, disk: bytes, base: bytes, *, holds: bool) -> None:
    write_tree(tmp_path, {"a": disk})

    found = observe(here, "a", (_hash(base), None))

    assert found is not None
    assert (found.sha256, found.is_file) == (_hash(disk), True)
    assert found.holds(_hash(base)) == holds
    assert not found.holds(None)


def test_what_is_no_plain_file_holds_nothing(tmp_path: Path, here: Project) -> None:
    write_tree(tmp_path, {"file": "x", "folder/x": ""})
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")

    for path in ("folder", "link", "dangling", "pipe"):
        found = observe(here, path, (_hash(b"x"), ""))
        assert found == DiskFile("")
        assert not found.is_file
        assert not found.holds("")


@pytest.mark.parametrize("path", ["nothing", "folder/nothing", "no/folder", "file/below"])
def test_what_is_not_there_is_none(tmp_path: Path, here: Project, path: str) -> None:
    write_tree(tmp_path, {"file": "x", "folder/x": ""})
    assert observe(here, path, ()) is None


@pytest.mark.parametrize("mode", [0o644, 0o744, 0o655])
def test_the_exec_bit_is_the_owner_s(tmp_path: Path, here: Project, mode: int) -> None:
    (write_tree(tmp_path, {"a": "x\n"}) / "a").chmod(mode)
    for expected in ((_hash(b"x\n"),), ("other",)):
        found = observe(here, "a", expected)
        assert found is not None
        assert found.executable == bool(mode & 0o100)


def test_a_walk_goes_everywhere_but_through_links(tmp_path: Path, here: Project) -> None:
    write_tree(tmp_path, {"a/x": "", "a/b/y": "", "a/b/c/z": "", "other/w": "", "a/.hidden": ""})
    (tmp_path / "a/link").symlink_to(tmp_path / "other")
    (tmp_path / "a/b/loop").symlink_to(tmp_path / "a")

    assert walk_files(here, "a") == ["a/.hidden", "a/b/c/z", "a/b/loop", "a/b/y", "a/link", "a/x"]
    assert walk_files(here, "nothing") == walk_files(here, "a/x") == []


def test_a_folder_is_listed(tmp_path: Path, here: Project) -> None:
    write_tree(tmp_path, {"a/x": "", "a/b/y": ""})
    assert sorted(list_folder(here, "a")) == ["b", "x"]
    assert list_folder(here, "nothing") == list_folder(here, "a/x") == []
