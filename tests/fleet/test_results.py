"""The file of a run's results: whatever has killed the run, every whole line of it counts."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from claudepack.errors import BusyError, ClaudepackError
from claudepack.fleet.results import Results, list_last, read_last, read_results, refuse_foreign
from claudepack.fleet.spec import RepositoryReport
from claudepack.report.result import Change, PackChange
from conftest import Tool

REPORT = RepositoryReport(
    url="https://example.org/a.git",
    path="services/a",
    key="k1",
    exit=0,
    state="pushed",
    branch="claudepack/0",
    commit="0" * 40,
    packs=(PackChange("mine", "1.1", "1.0"),),
    changes=(Change(".claude/agents/mine.md", "replace", "mine"),),
    notices=("a\nb",),
    seconds=1.5,
)
FAILED = replace(REPORT, key="k2", exit=2, state="failed", error={"code": "git", "message": "no", "hint": ""})


def _write(path: Path, *reports: RepositoryReport, goes_on: bool = False) -> None:
    with Results(path, goes_on=goes_on) as results:
        for report in reports:
            results.add(report)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    _write(tmp_path / "r.jsonl", REPORT, FAILED)

    assert list(read_results(tmp_path / "r.jsonl")) == [REPORT, FAILED]
    assert list_last(read_results(tmp_path / "r.jsonl")) == {"k1": 0, "k2": 2}


@pytest.mark.parametrize("torn", [1, 10, 100])
def test_a_line_that_was_cut_short_is_none_and_the_next_run_goes_on_behind_it(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "r.jsonl"
    _write(path, REPORT, FAILED)
    path.write_bytes(path.read_bytes()[:-torn])
    if torn > 1:
        assert list(read_results(path)) == [REPORT]

    _write(path, replace(FAILED, exit=0), goes_on=True)

    assert list_last(read_results(path)) == {"k1": 0, "k2": 0}


def test_of_each_the_last_counts(tmp_path: Path) -> None:
    done = replace(FAILED, exit=0, state="pushed", error=None)
    _write(tmp_path / "r.jsonl", FAILED, REPORT, done)

    assert list(read_last(tmp_path / "r.jsonl", {"k1", "k2"})) == [REPORT, done]
    assert list(read_last(tmp_path / "r.jsonl", {"k2"})) == [done], "another run asked for the others"


def test_a_new_run_begins_anew(tmp_path: Path) -> None:
    _write(tmp_path / "r.jsonl", REPORT)
    _write(tmp_path / "r.jsonl", FAILED)

    assert list(read_results(tmp_path / "r.jsonl")) == [FAILED]


def test_results_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(ClaudepackError, match="no results of an earlier run"):
        list(read_results(tmp_path / "r.jsonl"))


@pytest.mark.parametrize("content", ["[packs]\n", "notes", "{}\n", '{"key": "k1"}\n'])
def test_no_results_are_written_over_what_holds_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content)

    with pytest.raises(ClaudepackError, match="holds something else"):
        refuse_foreign(path)


def test_results_are_kept_in_a_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    for path in (tmp_path / "fifo", Path(os.devnull), tmp_path):
        with pytest.raises(ClaudepackError, match="a plain file"):
            refuse_foreign(path)


@pytest.mark.parametrize("torn", [0, 3, 200])
def test_results_of_an_earlier_run_are_written_over(tmp_path: Path, torn: int) -> None:
    path = tmp_path / "r.jsonl"
    _write(path, REPORT)
    path.write_bytes(path.read_bytes()[: -torn or None])

    refuse_foreign(path)
    _write(path, FAILED)

    assert list(read_results(path)) == [FAILED]


def test_there_need_be_no_results_yet(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "r.jsonl")
    _write(tmp_path / "r.jsonl", REPORT)

    assert list(read_results(tmp_path / "r.jsonl")) == [REPORT]


@pytest.mark.parametrize("goes_on", [False, True])
def test_one_run_at_a_time_writes_to_a_file(tmp_path: Path, *, goes_on: bool) -> None:
    path = tmp_path / "r.jsonl"
    with Results(path, goes_on=False) as first:
        first.add(REPORT)
        with pytest.raises(BusyError) as caught:
            Results(path, goes_on=goes_on)
        first.add(FAILED)

    assert caught.value.message == f"another run (process {os.getpid()}) writes its results to {path}"
    assert caught.value.hint == "wait until it has ended, or name another file with --results"
    assert list(read_results(path)) == [REPORT, FAILED]
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.jsonl"]
    _write(path, REPORT)
    assert list(read_results(path)) == [REPORT]


def test_a_second_run_ends_with_75_and_leaves_the_results_of_the_first(tmp_path: Path, tool: Tool) -> None:
    path = tmp_path / "fleet.jsonl"
    words = ("fleet", "sync", "--repo", tmp_path, "--author", "A <a@b>", "--json")
    with Results(path, goes_on=False) as first:
        first.add(REPORT)
        runs = [tool(*words, *more, cwd=tmp_path) for more in ((), ("--resume",), ("--failed",))]

    assert [(run.exit, run.json["error"]["code"]) for run in runs] == [(75, "busy")] * 3
    assert list(read_results(path)) == [REPORT]
    assert tool(*words, cwd=tmp_path).exit == 1
