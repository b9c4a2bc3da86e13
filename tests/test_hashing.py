"""A file has the hash of its bytes, however many reads they take."""

import hashlib
import os
from pathlib import Path

import pytest

from claudepack.hashing import CHUNK, READ_ONLY, hash_open


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_a_file_is_hashed_whole(tmp_path: Path, size: int) -> None:
    data = (b"0123456789\r\n" * (size // 12 + 1))[:size]
    (tmp_path / "a").write_bytes(data)
    number = os.open(tmp_path / "a", READ_ONLY)
    try:
        assert hash_open(number) == hashlib.sha256(data).hexdigest()
    finally:
        os.close(number)
