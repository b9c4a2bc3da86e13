"""A directory is read as the wheel of it would be: plain files of the pack's own folders, and nothing else."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.directory import find_pack, read_directory, read_tree
from trees import AGENT, write_pack, write_tree


def test_a_pack_is_read_without_what_is_for_people_and_tools(tmp_path: Path) -> None:
    root = write_pack(
        tmp_path / "mine",
        {
            "README.md": "for people",
            "tests/a.md": "for tools",
            "agents/web/nested.md": AGENT.format(name="nested"),
            "hooks/__pycache__/a.pyc": b"\0",
            "prompts/.DS_Store": b"\0",
            "prompts/a.md~": "junk",
            "pack.toml": "format = 1\n",
            "CLAUDE.md": "context\n",
        },
        version="1.0.RC1",
    )

    pack = read_directory(root)

    assert (pack.name, pack.version) == ("mine", "1.0rc1")
    assert list(pack.files) == ["CLAUDE.md", "agents/mine.md", "agents/web/nested.md"]
    assert {path: file.read() for path, file in pack.files.items()} == {
        path: (root / path).read_bytes() for path in pack.files
    }


def test_the_bytes_decide_and_not_where_they_lie(tmp_path: Path) -> None:
    first, second = (read_directory(write_pack(tmp_path / name, {"prompts/a.md": "a\r\n"})) for name in ("one", "two"))
    other = read_directory(write_pack(tmp_path / "three", {"prompts/a.md": "a\n"}))
    assert first.digest == second.digest != other.digest


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o611])
def test_the_exec_bit_is_the_owner_s(tmp_path: Path, mode: int) -> None:
    root = write_pack(tmp_path / "mine", {"hooks/run.sh": "x"})
    (root / "hooks/run.sh").chmod(mode)
    assert read_directory(root).files["hooks/run.sh"].executable == bool(mode & 0o100)


def _link_file(root: Path) -> None:
    (root / "agents/link.md").symlink_to(root / "agents/mine.md")


def _link_folder(root: Path) -> None:
    (root / "prompts").symlink_to(root / "agents")


def _link_into(root: Path) -> None:
    (root / "prompts").mkdir()
    (root / "prompts/agents").symlink_to(root / "agents")


def _dangle(root: Path) -> None:
    (root / "CLAUDE.md").symlink_to("nowhere")


def _fifo(root: Path) -> None:
    os.mkfifo(root / "agents/pipe.md")


def _context_folder(root: Path) -> None:
    (root / "CLAUDE.md").mkdir()


def _settings_folder(root: Path) -> None:
    (root / "pack.toml").mkdir()


def _link_pyproject(root: Path) -> None:
    (root / "pyproject.toml").rename(root / "real.toml")
    (root / "pyproject.toml").symlink_to("real.toml")


def _folder_file(root: Path) -> None:
    (root / "hooks").write_text("#!/bin/sh\n")


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (_link_file, "'agents/link.md' is a link"),
        (_link_folder, "'prompts' is a link"),
        (_link_into, "'prompts/agents' is a link"),
        (_dangle, "'CLAUDE.md' is a link"),
        (_fifo, "'agents/pipe.md' is a special file"),
        (_context_folder, "'CLAUDE.md' is a directory"),
        (_settings_folder, "'pack.toml' is a directory"),
        (_folder_file, "'hooks' is a file, and must be a directory"),
        (_link_pyproject, r"'pyproject\.toml' is a link"),
    ],
)
def test_what_is_no_plain_file_in_its_place_is_refused(
    tmp_path: Path, prepare: Callable[[Path], None], why: str
) -> None:
    root = write_pack(tmp_path / "mine")
    prepare(root)

    with pytest.raises(ClaudepackError, match=why) as caught:
        read_directory(root, "../mine")

    assert caught.value.code == "path"
    assert caught.value.message.startswith("../mine: ")
    assert caught.value.hint


@pytest.mark.parametrize("read", [read_directory, find_pack])
def test_a_pyproject_without_an_end_is_refused(tmp_path: Path, read: Callable[[Path, str], object]) -> None:
    root = write_pack(tmp_path / "mine")
    (root / "pyproject.toml").unlink()
    (root / "pyproject.toml").symlink_to("/dev/zero")
    with pytest.raises(ClaudepackError, match=r"\.\./mine/pyproject\.toml is a device"):
        read(root, "../mine")


def test_a_project_that_is_no_pack_links_its_pyproject_as_it_likes(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"other.toml": "[project]\nname = 'x'\n"})
    (root / "pyproject.toml").symlink_to("other.toml")
    assert find_pack(root, "here") is None


def test_an_installer_s_links_to_files_are_followed_and_to_folders_are_not(tmp_path: Path) -> None:
    store = write_tree(tmp_path / "store", {"a.md": "a"})
    root = write_tree(tmp_path / "module", {"agents/b.md": "b"})
    (root / "agents/a.md").symlink_to(store / "a.md")

    files = read_tree(root, "here", follow_links=True)
    assert {file.path: file.read() for file in files} == {"agents/a.md": b"a", "agents/b.md": b"b"}

    (root / "agents/store").symlink_to(store)
    with pytest.raises(ClaudepackError, match="'agents/store' is a link"):
        read_tree(root, "here", follow_links=True)


@pytest.mark.parametrize(
    ("make", "code", "why"),
    [
        (shutil.rmtree, "not-found", "no such directory"),
        (lambda root: (root / "pyproject.toml").unlink(), "pack", r"there is no pyproject\.toml"),
        (lambda root: (root / "pyproject.toml").write_text("["), "pack", r"mine/pyproject\.toml: not TOML"),
        (lambda root: (root / "pack.toml").write_text("fromat = 1"), "pack", r"mine/pack\.toml: unknown key"),
    ],
)
def test_what_is_no_pack_is_refused(tmp_path: Path, make: Callable[[Path], object], code: str, why: str) -> None:
    root = write_pack(tmp_path / "mine")
    make(root)
    with pytest.raises(ClaudepackError, match=why) as caught:
        read_directory(root)
    assert caught.value.code == code


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    file = write_tree(tmp_path, {"a.zip": "x"}) / "a.zip"
    with pytest.raises(ClaudepackError, match="not a directory"):
        read_directory(file)
