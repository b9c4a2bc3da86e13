"""Copies that are in no pack, clustered by what they say."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claudepack.fleet.copies import Cluster, find_clusters, join_near
from claudepack.fleet.unmanaged import Unmanaged
from surveys import make_thing

TEN = frozenset(range(10))


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        ({}, []),
        ({"a": TEN}, ["a"]),
        ({"a": TEN, "b": TEN}, ["ab"]),
        ({"a": TEN, "b": TEN | {10}}, ["ab"]),  # 10 of 11
        ({"a": TEN, "b": TEN - {0} | {10}}, ["ab"]),  # 9 of 11: 0.818
        ({"a": TEN, "b": TEN - {0, 1} | {10}}, ["a", "b"]),  # 8 of 11: 0.727
        ({"a": {1, 2, 3, 4}, "b": {1, 2, 3, 4, 5}}, ["ab"]),  # 4 of 5: 0.8 is enough
        ({"a": {1, 2, 3}, "b": {1, 2, 3, 4}}, ["a", "b"]),  # 3 of 4
        ({"a": TEN, "b": range(1, 11), "c": range(2, 12)}, ["abc"]),  # a and c are near to b, not to each other
        ({"a": TEN, "b": range(20, 30)}, ["a", "b"]),
        ({"a": {1}, "b": {1}, "c": {2}}, ["ab", "c"]),
        ({"a": (), "b": ()}, ["a", "b"]),  # nothing to tell them by but their bytes
    ],
)
def test_texts_are_joined_that_share_four_of_five_lines(texts: Mapping[str, frozenset[int]], groups: list[str]) -> None:
    joined = join_near({key: tuple(sorted(lines)) for key, lines in texts.items()})

    assert sorted("".join(sorted(group)) for group in joined) == groups


_LINES = st.frozensets(st.integers(0, 12), max_size=12)


def _join_by_comparing_all(texts: Mapping[str, frozenset[int]]) -> set[frozenset[str]]:
    groups = {key: frozenset([key]) for key in texts}
    for one, lines in texts.items():
        for other, others in texts.items():
            if lines and len(lines & others) / len(lines | others) >= 0.8:
                whole = groups[one] | groups[other]
                groups |= dict.fromkeys(whole, whole)
    return set(groups.values())


@settings(deadline=None)
@given(st.lists(_LINES, max_size=30))
def test_what_is_joined_is_what_comparing_all_with_all_would_join(lines: list[frozenset[int]]) -> None:
    texts = {str(number): item for number, item in enumerate(lines)}

    joined = join_near({key: tuple(sorted(item)) for key, item in texts.items()})

    assert {frozenset(group) for group in joined} == _join_by_comparing_all(texts)


_FOUND = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r2", "r3"]),
        st.builds(make_thing, st.sampled_from(["a", "b"]), _LINES, st.sampled_from(["agent", "hook"])),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(_FOUND.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_in_which_things_are_found_does_not_matter(
    orders: tuple[list[tuple[str, Unmanaged]], list[tuple[str, Unmanaged]]],
) -> None:
    one, other = orders

    assert find_clusters(one) == find_clusters(other)


def _describe(clusters: list[Cluster]) -> list[str]:
    return [str(cluster) for cluster in clusters]


def test_a_cluster_is_told_by_its_kind_its_name_and_how_far_it_has_spread() -> None:
    found = [(f"r{number}", make_thing("reviewer", [*range(40), 100 + number % 3])) for number in range(34)]
    found += [("r0", make_thing("critic", [*range(40), 100])), ("r1", make_thing("reviewer", range(40), "command"))]
    found += [("r2", make_thing("x", {7})), ("r3", make_thing("x", {7}))]

    clusters = find_clusters(found)

    assert _describe(clusters) == [
        "the agent reviewer is in 34 repositories, in 3 variants",
        "the agent x is in 2 repositories, all alike",
        "the command reviewer is in 1 repository",
    ]
    assert clusters[0].names == ("reviewer", "critic")
    assert [len(variant.places) for variant in clusters[0].variants] == [13, 11, 11]


def test_equal_bytes_without_a_line_are_one_variant() -> None:
    picture = Unmanaged("skill", "logo", ".claude/skills/logo/", "abc", ())

    clusters = find_clusters([("r1", picture), ("r2", picture)])

    assert _describe(clusters) == ["the skill logo is in 2 repositories, all alike"]


def test_a_thousand_repositories_with_fifty_files_are_clustered_in_one_go(*, full: bool) -> None:
    """`pytest --full` does it whole, CI a part."""
    repositories, files = (1000, 50) if full else (100, 20)
    found = [
        (f"r{number}", make_thing(f"a{file}", [*range(file * 100, file * 100 + 80), 10**6 + number * files + file]))
        for number in range(repositories)
        for file in range(files)
    ]

    clusters = find_clusters(found)

    assert [(len(cluster.repositories), len(cluster.variants)) for cluster in clusters] == [
        (repositories, repositories)
    ] * files
