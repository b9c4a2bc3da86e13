"""Entries come into a text and go from it, with the objects and lists that were made for them."""

import json

import pytest

from claudepack.errors import ClaudepackError
from claudepack.plan.json_changes import At, JsonChanges, carry_out, nest
from claudepack.project.fragments import Entry, take_apart
from claudepack.project.json_text import JSON

PATH = "settings.json"


def _change(text: str, add: JSON, remove: JSON, made: list[At]) -> tuple[str, set[At], bool]:
    return carry_out(text, PATH, JsonChanges(list(take_apart(add)), list(take_apart(remove))), made)


P, ALLOW = ("p",), ("p", "allow")
A: JSON = {"p": {"allow": ["a"]}}
B: JSON = {"p": {"allow": ["b"]}}


@pytest.mark.parametrize(
    ("text", "add", "remove", "made", "after", "made_after"),
    [
        ("{}", {}, {}, [], "{}", []),
        ('{"x": 1}', {"y": 2}, {}, [], '{"x": 1, "y": 2}', []),
        ('{"x": 1}', {"x": 2}, {}, [], '{"x": 2}', []),
        ('{"x": 1}', A, {}, [], '{"x": 1, "p": {"allow": ["a"]}}', [P, ALLOW]),
        ('{"p": {"x": 1}}', A, {}, [], '{"p": {"x": 1, "allow": ["a"]}}', [ALLOW]),
        ('{"p": {"allow": []}}', A, {}, [], '{"p": {"allow": ["a"]}}', []),
        ('{"p": {"allow": ["b"]}}', A, {}, [], '{"p": {"allow": ["b", "a"]}}', []),
        ('{"x": 1, "p": {"allow": ["a"]}}', {}, A, [P, ALLOW], '{"x": 1}', []),
        ('{"p": {"allow": ["a"]}}', {}, A, [ALLOW], '{"p": {}}', []),
        ('{"p": {"allow": ["a"]}}', {}, A, [], '{"p": {"allow": []}}', []),
        ('{"p": {"allow": ["a", "b"]}}', {}, A, [P, ALLOW], '{"p": {"allow": ["b"]}}', [P, ALLOW]),
        ('{"p": {"allow": ["a"], "x": 1}}', {}, A, [P, ALLOW], '{"p": {"x": 1}}', [P]),
        ('{"p": {"allow": ["a"]}, "x": 1}', B, A, [P, ALLOW], '{"p": {"allow": ["b"]}, "x": 1}', [P, ALLOW]),
        (
            '{"p": {"allow": ["a"]}}',
            {"p": {"deny": ["a"]}},
            A,
            [P, ALLOW],
            '{"p": {"deny": ["a"]}}',
            [P, ("p", "deny")],
        ),
        ('{"x": 1}', {}, A, [P, ALLOW], '{"x": 1}', []),
        ('{"p": 7}', {}, A, [P, ALLOW], '{"p": 7}', [P]),
        ('{"p": {"allow": ["a", 1, "a"]}}', {}, A, [], '{"p": {"allow": [1]}}', []),
        ('{"p": {"allow": [1, 1.0]}}', {}, {"p": {"allow": [1.0]}}, [], '{"p": {"allow": [1]}}', []),
        ('{"x": 1, "y": 2, "z": 3}', {}, {"x": 1, "z": 3}, [], '{"y": 2}', []),
        (
            '{"a": {}}',
            {"a": {"b": {"c": 1, "d": [2]}}, "e": 3},
            {},
            [],
            '{"a": {"b": {"c": 1, "d": [2]}}, "e": 3}',
            [("a", "b"), ("a", "b", "d")],
        ),
    ],
)
def test_entries_come_and_go(
    text: str, add: JSON, remove: JSON, made: list[At], after: str, made_after: list[At]
) -> None:
    changed, ours, is_empty = _change(text, add, remove, made)

    assert (changed, sorted(ours)) == (after, made_after)
    assert is_empty == (after == "{}")


@pytest.mark.parametrize(
    ("text", "add", "why"),
    [
        ('{"p": 7}', A, "p has to be an object"),
        ('{"p": ["allow"]}', A, "p has to be an object"),
        ('{"p": null}', A, "p has to be an object"),
        ('{"p": {"allow": {"a": 1}}}', A, "p.allow has to be a list"),
        ('{"p": {"allow": "a"}}', A, "p.allow has to be a list"),
        ('{"p": [[]]}', {"p": {"allow": {"x": 1}}}, "p has to be an object"),
    ],
)
def test_something_else_in_the_place_of_an_object_or_a_list_is_refused(text: str, add: JSON, why: str) -> None:
    with pytest.raises(ClaudepackError, match=f"^{PATH}: {why}") as caught:
        _change(text, add, {}, [])
    assert 'exclude = ["settings.json"]' in caught.value.hint


def test_one_fragment_cannot_have_a_key_as_a_list_and_an_object() -> None:
    with pytest.raises(TypeError, match="'p' is a list and an object"):
        nest([Entry(("p",), is_item=True, text="1"), Entry(("p", "x"), is_item=False, text="1")])


def test_items_of_one_list_are_put_in_together_and_in_their_order() -> None:
    add: JSON = {"hooks": {"Stop": [{"b": 1}, "a", None]}, "env": {"Z": "1", "A": "2"}}

    changed, _, _ = _change("{}", add, {}, [])

    assert changed == json.dumps(add, indent=2)
