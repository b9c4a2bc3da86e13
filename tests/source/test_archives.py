"""The cache of archives gives the bytes that were put in, or nothing, to any number of processes at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.source.archives import (
    Kept,
    drop_damaged,
    find_archive,
    hash_file,
    keep_archive,
    list_archives,
    open_stage,
    read_archive,
)
from claudepack.source.cache_room import clean


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _put(data: bytes = b"bytes", name: str = "x.whl") -> str:
    with open_stage() as stage:
        (stage / name).write_bytes(data)
        return keep_archive(stage / name, {"kind": "index"}).sha256


def test_what_was_put_in_comes_out_with_where_it_came_from() -> None:
    sha256 = _put()
    kept = find_archive(sha256)
    assert kept
    assert (kept.path.name, kept.path.read_bytes(), kept.origin) == ("x.whl", b"bytes", {"kind": "index"})
    assert [item.sha256 for item in list_archives()] == [sha256] == [hash_file(kept.path)]


@pytest.mark.parametrize("damage", ["other bytes", "truncated", "no origin", "two files"])
def test_what_is_damaged_is_not_used_and_is_replaced(damage: str) -> None:
    sha256 = _put()
    kept = find_archive(sha256)
    assert kept
    if damage == "no origin":
        (kept.path.parent / "origin.json").unlink()
    elif damage == "two files":
        (kept.path.parent / "y.whl").write_bytes(b"y")
    else:
        kept.path.write_bytes(b"other" if damage == "other bytes" else b"byt")

    assert find_archive(sha256) is None
    assert _put() == sha256
    again = find_archive(sha256)
    assert again
    assert again.path.read_bytes() == b"bytes"


def test_what_another_process_has_mended_meanwhile_is_not_dropped() -> None:
    sha256 = _put()
    drop_damaged(sha256)  # it was damaged when this was decided
    assert find_archive(sha256)


def test_what_another_run_takes_out_before_it_is_read_is_put_there_anew() -> None:
    read: list[Path] = []

    def keep() -> Kept:
        kept = find_archive(_put())
        assert kept
        if len(read) < 2:
            clean()
        return kept

    def read_whole(kept: Kept) -> bytes:
        read.append(kept.path)
        return kept.path.read_bytes()

    assert read_archive(keep, read_whole) == b"bytes"
    assert len(read) == 3


def test_what_cannot_be_read_though_it_is_there_is_told_at_once() -> None:
    def keep() -> Kept:
        kept = find_archive(_put())
        assert kept
        return kept

    def refuse(kept: Kept) -> bytes:
        raise ClaudepackError(kept.path.name, code="archive")

    with pytest.raises(ClaudepackError, match=r"x\.whl"):
        read_archive(keep, refuse)


@pytest.mark.parametrize("sha256", ["", "../../../etc", "0" * 63, "0" * 64])
def test_what_is_no_hash_or_not_there_is_not_found(sha256: str) -> None:
    assert find_archive(sha256) is None


def test_many_processes_may_write_the_same_and_damage_it() -> None:
    script = (
        "import contextlib\n"
        "from claudepack.source.archives import *\n"
        "for number in range(30):\n"
        "    with open_stage() as stage:\n"
        "        (stage / 'x.whl').write_bytes(b'bytes' * 1000)\n"
        "        kept = keep_archive(stage / 'x.whl', {})\n"
        "    assert kept.sha256\n"
        "    with contextlib.suppress(FileNotFoundError):\n"  # another process may just have dropped it
        "        if number % 7 == 3: kept.path.write_bytes(b'damaged')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE) for _ in range(4)]
    told = [process.communicate(timeout=120)[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 4, told
    sha256 = _put(b"bytes" * 1000)
    kept = find_archive(sha256)
    assert kept
    assert kept.path.read_bytes() == b"bytes" * 1000
