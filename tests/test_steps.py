"""What a run is at is noted, and whoever shows it is told when it begins and when it is over."""

from collections.abc import Iterator

import pytest

from claudepack.steps import Step, Watcher, find_step, watch_steps


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
    watch_steps(heard)
    yield heard
    watch_steps(Watcher())


def test_the_innermost_step_is_what_goes_on(listener: Listener) -> None:
    with Step("one") as outer:
        with Step("two", 5) as inner:
            inner.done += 3
            assert find_step() is inner
            assert (inner.what, inner.done, inner.total) == ("two", 3, 5)
        assert find_step() is outer
        assert listener.heard == ["begin"]

    assert find_step() is None
    assert listener.heard == ["begin", "end"]


def test_a_step_that_fails_is_over(listener: Listener) -> None:
    with pytest.raises(ValueError, match="no"), Step("one"):
        raise ValueError("no")

    assert find_step() is None
    assert listener.heard == ["begin", "end"]


def test_steps_of_several_threads_may_end_in_any_order(listener: Listener) -> None:
    first, second = Step("one"), Step("two")
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)

    assert find_step() is second
    second.__exit__(None, None, None)

    assert find_step() is None
    assert listener.heard == ["begin", "end"]
