"""What the user decided beforehand: a path that is named goes before all others, and nothing decides by itself."""

import pytest

from claudepack.plan.choices import NONE, Choices

A, B, ALL = "a.md", "b.md", "*"


@pytest.mark.parametrize(
    ("adopt", "replace", "of_a", "of_b"),
    [
        ((), (), "collision", "collision"),
        ((A,), (), "adopt", "collision"),
        ((), (A,), "replace", "collision"),
        ((A,), (B,), "adopt", "replace"),
        ((ALL,), (), "adopt", "adopt"),
        ((), (ALL,), "replace", "replace"),
        ((A,), (ALL,), "adopt", "replace"),
        ((ALL,), (A,), "replace", "adopt"),
        ((ALL,), (ALL,), "adopt", "adopt"),
        ((A,), (A,), "adopt", "collision"),
    ],
)
def test_a_file_that_is_in_the_way(adopt: tuple[str, ...], replace: tuple[str, ...], of_a: str, of_b: str) -> None:
    choices = Choices(frozenset(adopt), frozenset(replace))

    assert (choices.choose_collision(A), choices.choose_collision(B)) == (of_a, of_b)


def test_without_a_decision_nothing_is_decided() -> None:
    assert Choices() == NONE
    assert (NONE.choose_collision(A), dict(NONE.resolve), NONE.markers) == ("collision", {}, False)
