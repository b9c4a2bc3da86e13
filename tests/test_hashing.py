"""A file has the hash of its bytes, however many reads they take; what is no plain file is not read."""

import hashlib
import os
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.hashing import CHUNK, READ_ONLY, hash_open, read_plain
from trees import write_tree


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_a_file_is_hashed_whole(tmp_path: Path, size: int) -> None:
    data = (b"0123456789\r\n" * (size // 12 + 1))[:size]
    (tmp_path / "a").write_bytes(data)
    number = os.open(tmp_path / "a", READ_ONLY)
    try:
        assert hash_open(number, len(data)) == hashlib.sha256(data).hexdigest()
    finally:
        os.close(number)


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_a_plain_file_is_read_whole_up_to_its_limit(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    (tmp_path / "link").symlink_to("a")
    assert read_plain(str(tmp_path / "a"), "a", 100) == read_plain(str(tmp_path / "link"), "a", 100) == b"x" * size


def test_a_file_that_does_not_tell_its_size_is_read_whole() -> None:
    assert read_plain("/proc/self/cmdline", "it").startswith(b"/")
    with pytest.raises(ClaudepackError, match="it has more than 0 MiB"):
        read_plain("/proc/self/cmdline", "it", 3)


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    with pytest.raises(ClaudepackError, match="a has more than 0 MiB") as caught:
        read_plain(str(tmp_path / "a"), "a", 100)
    assert (caught.value.code, bool(caught.value.hint)) == ("too-large", True)


@pytest.mark.parametrize("name", ["folder", "pipe", "zero", "to-pipe"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, name: str) -> None:
    write_tree(tmp_path, {"folder/x": ""})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to("pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with pytest.raises(ClaudepackError, match="its name is a") as caught:
        read_plain(str(tmp_path / name), "its name")
    assert (caught.value.code, bool(caught.value.hint)) == ("path", True)
