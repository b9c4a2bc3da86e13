"""What a run asks of the system, counted rather than timed: each file as often as it must be, no more for more."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from counting import count_run
from trees import write_pack

FILES = 60
_FEW = 5  # a module is looked for, whatever the size


def _write(root: Path, count: int, text: str = "A text, not in ÅSCII.\n") -> Path:
    return write_pack(root, {f"prompts/p{number % 7}/{number}.md": text for number in range(count)})


def _most(opened: Mapping[str, int], folder: Path) -> int:
    """How often the file of a folder is opened that is opened most."""
    return max(times for path, times in opened.items() if path.startswith(f"{folder}/"))


@pytest.mark.parametrize(("words", "of_pack"), [(("sync",), 1), (("install",), 1), (("verify",), 0), (("status",), 0)])
def test_a_run_that_changes_nothing_opens_each_file_once(tmp_path: Path, words: tuple[str, ...], of_pack: int) -> None:
    project, pack = tmp_path / "project", _write(tmp_path / "pack", FILES)
    count_run(project, "install", "../pack")

    _, opened = count_run(project, *words)

    assert _most(opened, project) == 1
    in_pack = [times for path, times in opened.items() if os.path.normpath(path).startswith(f"{pack}/")]
    assert in_pack == [1] * (FILES + 2) * of_pack  # an agent, and pyproject.toml
    assert pack.is_dir()


def test_a_first_install_reads_a_pack_once(tmp_path: Path) -> None:
    pack = _write(tmp_path / "pack", FILES)

    _, opened = count_run(tmp_path / "project", "install", "../pack")

    in_pack = {path: times for path, times in opened.items() if os.path.normpath(path).startswith(f"{pack}/prompts/")}
    assert set(in_pack.values()) == {1}
    assert len(in_pack) == FILES


INSTALL, SYNC, UPDATE, VERIFY = ("install", "../pack"), ("sync",), ("sync", "--project", "../changed"), ("verify",)


def _count_work(place: Path, count: int, words: tuple[str, ...]) -> dict[str, int]:
    """What a run does with a pack of so many files: UPDATE with one that has others, INSTALL for the first time."""
    _write(place / "pack", count)
    for name in ("project", "changed") if words != INSTALL else ():
        count_run(place / name, *INSTALL)
    if words == UPDATE:
        _write(place / "pack", count, "Another text.\n")
    return count_run(place / "project", *words)[0]


@pytest.mark.parametrize("words", [INSTALL, SYNC, UPDATE])
def test_twice_the_files_are_at_most_twice_the_work(tmp_path: Path, words: tuple[str, ...]) -> None:
    once, twice = (_count_work(tmp_path / str(count), count, words) for count in (FILES, 2 * FILES))

    assert twice["events"] <= 2 * once["events"]


@pytest.mark.parametrize(
    ("words", "stats", "written"),
    [
        (SYNC, 1, 0),  # each file is looked at
        (VERIFY, 1, 0),
        (INSTALL, 0, 1),  # into the stage, from where it is renamed
        (UPDATE, 2, 1),  # looked at, and once more for its mode
    ],
)
def test_no_file_is_looked_at_or_written_more_often_than_it_must_be(
    tmp_path: Path, words: tuple[str, ...], stats: int, written: int
) -> None:
    once, twice = (_count_work(tmp_path / str(count), count, words) for count in (FILES, 2 * FILES))

    assert twice["stats"] - once["stats"] <= stats * FILES + _FEW
    assert twice["written"] - once["written"] <= written * FILES


@pytest.mark.parametrize(("words", "times"), [(INSTALL, 0), (SYNC, 1), (UPDATE, 1), (VERIFY, 1)])
def test_the_lock_is_parsed_once_and_no_process_started(tmp_path: Path, words: tuple[str, ...], times: int) -> None:
    counts = _count_work(tmp_path, FILES, words)

    assert counts["locks"] == times
    assert counts["processes"] == 0
