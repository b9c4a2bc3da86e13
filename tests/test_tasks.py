"""What a run is at is noted, and whoever shows it is told when it begins and when it is over."""

from collections.abc import Iterator

import pytest

from claudepack.tasks import Task, Watcher, find_task, watch_tasks


class Listener(Watcher):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def begin(self) -> None:
        self.heard.append("begin")

    def end(self) -> None:
        self.heard.append("end")


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()
    watch_tasks(heard)
    yield heard
    watch_tasks(Watcher())


def test_the_innermost_task_is_what_goes_on(listener: Listener) -> None:
    with Task("one") as outer:
        with Task("two", 5) as inner:
            inner.done += 3
            assert find_task() is inner
            assert (inner.what, inner.done, inner.total) == ("two", 3, 5)
        assert find_task() is outer
        assert listener.heard == ["begin"]

    assert find_task() is None
    assert listener.heard == ["begin", "end"]


def test_a_task_that_fails_is_over(listener: Listener) -> None:
    with pytest.raises(ValueError, match="no"), Task("one"):
        raise ValueError("no")

    assert find_task() is None
    assert listener.heard == ["begin", "end"]


def test_tasks_of_several_threads_may_end_in_any_order(listener: Listener) -> None:
    first, second = Task("one"), Task("two")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)

    assert find_task() is second
    second.__exit__(None, None, None)

    assert find_task() is None
    assert listener.heard == ["begin", "end"]
