"""A job mapped over an executor: a window of it, at a pace, until it is enough."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from claudepack.errors import ClaudepackError
from claudepack.fleet.mapping import map_window
from claudepack.source.git_process import run_git


def double(number: int) -> int:
    time.sleep(0.01 * (number % 3))
    return 2 * number


def _explain(number: int, error: Exception) -> int:
    return -len(str(error)) if number else 0


def test_what_goes_wrong_with_one_stops_no_other() -> None:
    with ThreadPoolExecutor(2) as executor:
        answers = list(map_window(executor, lambda number: 12 // number, range(4), window=2, explain=_explain))

    assert sorted(answers) == [0, 4, 6, 12]


def test_every_answer_comes_once() -> None:
    with ThreadPoolExecutor(3) as executor:
        answers = list(map_window(executor, double, range(20), window=3, explain=_explain))

    assert sorted(answers) == list(range(0, 40, 2))


def test_no_more_is_asked_for_than_there_is_room_for() -> None:
    asked = 0

    def items() -> Iterator[int]:
        nonlocal asked
        for number in range(100):
            asked += 1
            yield number

    with ThreadPoolExecutor(4) as executor:
        for done, _ in enumerate(map_window(executor, double, items(), window=4, explain=_explain), start=1):
            assert asked <= done + 4

    assert asked == 100


def test_no_more_are_begun_in_a_minute_than_is_said() -> None:
    begin = time.monotonic()
    with ThreadPoolExecutor(4) as executor:
        list(map_window(executor, double, range(4), window=4, per_minute=600, explain=_explain))

    assert time.monotonic() - begin >= 0.3


def test_no_more_are_begun_than_there_is_room_for() -> None:
    done = 0
    source = iter(range(100))

    def room() -> int:
        return 5 - done

    with ThreadPoolExecutor(2) as executor:
        for _ in map_window(executor, double, source, window=2, room=room, explain=_explain):
            done += 1

    assert done == 5
    assert next(source) == done


def _wait_long(port: int) -> str:
    try:
        run_git(["ls-remote", f"git://127.0.0.1:{port}/x"], until=time.monotonic() + 60)
    except ClaudepackError as error:
        return error.code
    return ""


def test_whoever_goes_away_leaves_nothing_running(silent_port: int) -> None:
    begin = time.monotonic()
    with ThreadPoolExecutor(2) as executor:
        answers = map_window(
            executor,
            lambda number: _wait_long(silent_port) if number else "",
            range(4),
            window=2,
            explain=lambda *_: "died",
        )
        assert next(answers) == ""
        answers.close()  # type: ignore[attr-defined]  # it is a generator

    assert time.monotonic() - begin < 30
