"""One file gets other bytes in one step, or stays as it is."""

import os
from pathlib import Path

import pytest

from claudepack.apply.mended import replace_file
from claudepack.errors import ClaudepackError


def test_a_file_gets_other_bytes_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "agents" / "a.md"
    file.parent.mkdir()
    file.write_bytes(b"old")
    file.chmod(0o640)

    replace_file(str(tmp_path), "agents/a.md", b"old", b"new and longer")

    assert file.read_bytes() == b"new and longer"
    assert file.stat().st_mode & 0o7777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["a.md"]


def test_what_was_named_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.md").write_bytes(b"old")
    (tmp_path / "named").symlink_to("real")

    replace_file(str(tmp_path / "named"), "a.md", b"old", b"new")

    assert (tmp_path / "real" / "a.md").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["link.md", "folder/a.md", "gone.md", "../outside.md", "fifo"])
def test_nothing_is_written_through_a_link_or_outside(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    for file in (root / "real" / "a.md", tmp_path / "outside.md"):
        file.write_bytes(b"old")
    (root / "link.md").symlink_to("real/a.md")
    (root / "folder").symlink_to("real")
    os.mkfifo(root / "fifo")

    with pytest.raises(ClaudepackError) as caught:
        replace_file(str(root), path, b"old", b"new")

    assert caught.value.code == "path"
    assert (root / "real" / "a.md").read_bytes() == b"old"
    assert (tmp_path / "outside.md").read_bytes() == b"old"
    assert (root / "link.md").is_symlink()


def test_what_somebody_saved_meanwhile_stays(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"theirs")

    with pytest.raises(ClaudepackError, match="somebody changed it"):
        replace_file(str(tmp_path), "a.md", b"old", b"new")

    assert (tmp_path / "a.md").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
