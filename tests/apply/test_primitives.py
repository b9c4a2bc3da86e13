"""What the calls that change a disk do where the system knows fewer of them."""

import errno
import fcntl
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack.apply import primitives
from conftest import Run
from trees import read_tree, write_pack, write_tree

Inline = Callable[..., Run]
PACK = {"prompts/p/a.md": "old\n", "prompts/q/b.md": "gone soon\n", "CLAUDE.md": "old\n"}


def _as_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primitives, "_find", lambda _: None)
    monkeypatch.setattr(primitives, "fcntl", None)


def _as_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No C library, no leases, no `sync`; a directory cannot be opened, nor a file be synced that is only read."""
    _as_macos(monkeypatch)
    monkeypatch.delattr(os, "sync")
    real_open, real_fsync = os.open, os.fsync

    def open_file(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if dir_fd is None and Path(path).is_dir():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real_open(path, flags, mode, dir_fd=dir_fd)

    def fsync(number: int) -> None:
        if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise PermissionError(errno.EBADF, os.strerror(errno.EBADF))
        real_fsync(number)

    monkeypatch.setattr(primitives, "_WINDOWS", True)
    monkeypatch.setattr(shutil, "_use_fd_functions", False)
    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(os, "fsync", fsync)


def _without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    _as_macos(monkeypatch)

    def link(source: str, target: str, **_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)

    monkeypatch.setattr(os, "link", link)


SYSTEMS = {"macOS": _as_macos, "Windows": _as_windows, "no hard links": _without_hard_links}


@pytest.mark.parametrize("pose", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_a_system_that_knows_less_gets_the_same_project(
    inline: Inline,
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pose: Callable[[pytest.MonkeyPatch], None],
) -> None:
    pose(monkeypatch)
    write_tree(project, {"own.md": "mine\n"})
    pack = write_pack(tmp_path / "mine", PACK)

    assert inline("install", pack).exit == 0
    write_tree(pack, {"prompts/p/a.md": "new\n", "prompts/r/c.md": "new\n"})
    (pack / "prompts/q/b.md").unlink()
    (project / ".claude/prompts/p/a.md").write_text("mine\n")
    assert inline("sync").exit == 3

    tree = read_tree(project)
    assert tree[".claude/prompts/p/a.md"] == b"mine\n"
    assert tree[".claude/prompts/r/c.md"] == b"new\n"
    assert ".claude/prompts/q/b.md" not in tree
    assert inline("uninstall", "mine").exit == 0
    assert {path: data for path, data in read_tree(project).items() if not path.startswith(".claude/prompts/p/")} == {
        "own.md": b"mine\n"
    }


@pytest.mark.parametrize(
    "disturb",
    [
        lambda path: path.write_text("mine"),
        lambda path: path.write_text("text"),
        os.utime,
        lambda path: path.chmod(0o600),
        lambda path: path.unlink() or path.write_text("text"),
    ],
    ids=["other bytes", "the same bytes", "another time", "another mode", "another file"],
)
def test_a_file_that_somebody_touched_since_it_was_looked_at_is_looked_at_again(
    tmp_path: Path, disturb: Callable[[Path], object]
) -> None:
    path = tmp_path / "file"
    path.write_text("text")
    time.sleep(0.05)
    path.chmod(0o640)  # as an exchange does, this changes what the file system knows of it, and not when it was written
    held, stamp = primitives.look_at(str(path))
    assert held == hashlib.sha256(b"text").hexdigest()
    assert stamp is not None
    assert primitives.is_untouched(str(path), stamp)

    disturb(path)

    assert not primitives.is_untouched(str(path), stamp)


def test_a_file_that_an_editor_has_open_may_still_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("text")
    time.sleep(0.05)
    path.chmod(0o640)
    _, stamp = primitives.look_at(str(path))
    assert stamp is not None

    with path.open("r+"):
        assert not primitives.is_untouched(str(path), stamp)

    assert primitives.is_untouched(str(path), stamp)


def test_a_file_that_was_written_just_now_is_looked_at_again(tmp_path: Path) -> None:
    """Another write in the same tick of the clock would leave no trace."""
    path = tmp_path / "file"
    path.write_text("text")
    _, stamp = primitives.look_at(str(path))
    assert stamp is not None

    assert not primitives.is_untouched(str(path), stamp)


@pytest.mark.parametrize("count", [3, 300])
def test_a_tree_goes_with_whatever_is_in_it(tmp_path: Path, count: int) -> None:
    write_tree(tmp_path / "tree", {f"{number}": "text" for number in range(count)} | {"folder/deep/file": "text"})
    (tmp_path / "tree/link").symlink_to(tmp_path)

    primitives.remove_tree(str(tmp_path / "tree"))

    assert list(tmp_path.iterdir()) == []


def test_a_tree_goes_where_the_system_gives_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path / "tree", {f"{number}": "text" for number in range(300)})

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)

    primitives.remove_tree(str(tmp_path / "tree"))

    assert list(tmp_path.iterdir()) == []
