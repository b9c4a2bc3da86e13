"""A new directory is there as a whole or not at all, with the modes that the user's umask gives."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from claudepack.apply.fresh import write_fresh
from claudepack.apply.operations import Write
from claudepack.errors import ClaudepackError, IntegrityError
from disk_in_memory import sha256
from trees import read_tree, write_tree


def _make(path: str, data: bytes, *, executable: bool = False) -> Write:
    return Write(path, lambda: io.BytesIO(data), sha256(data), None, executable)


WRITES = [_make("a.md", b"a\n"), _make("hooks/deep/run.sh", b"#!/bin/sh\n", executable=True)]
AFTER = {"new/a.md": b"a\n", "new/hooks/deep/run.sh": b"#!/bin/sh\n"}


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_it_is_written_with_the_modes_of_the_umask(tmp_path: Path, umask: int) -> None:
    write_fresh(str(tmp_path / "below/new"), WRITES)

    new = tmp_path / "below/new"
    assert read_tree(tmp_path / "below") == AFTER
    modes = {path: (new / path).stat().st_mode & 0o777 for path in (".", "hooks", "a.md", "hooks/deep/run.sh")}
    assert modes == {
        ".": 0o777 & ~umask,
        "hooks": 0o777 & ~umask,
        "a.md": 0o666 & ~umask,
        "hooks/deep/run.sh": 0o777 & ~umask,
    }


def test_an_empty_directory_may_be_there(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()

    write_fresh(str(tmp_path / "new"), WRITES)

    assert read_tree(tmp_path) == AFTER


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ({"new/mine.md": "mine\n"}, "Directory not empty"),
        ({"new": "a file\n"}, "Not a directory"),
    ],
)
def test_what_is_there_stays_and_nothing_is_left_beside_it(tmp_path: Path, there: dict[str, str], why: str) -> None:
    write_tree(tmp_path, there)
    before = read_tree(tmp_path)

    with pytest.raises(ClaudepackError, match=f"new: {why}; nothing was written") as caught:
        write_fresh(str(tmp_path / "new"), WRITES)

    assert (caught.value.code, bool(caught.value.hint)) == ("os", True)
    assert read_tree(tmp_path) == before


def test_a_content_that_cannot_be_had_leaves_nothing(tmp_path: Path) -> None:
    def lose() -> io.BytesIO:
        raise IntegrityError("it holds other bytes by now", code="integrity", hint="fetch it again")

    with pytest.raises(IntegrityError):
        write_fresh(str(tmp_path / "new"), [*WRITES, Write("b.md", lose, "", None)])

    assert read_tree(tmp_path) == {}


def test_a_file_in_the_place_of_the_parent_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path, {"file": ""})

    with pytest.raises(ClaudepackError, match="nothing was written"):
        write_fresh(str(tmp_path / "file/new"), WRITES)
