"""What packs require of each other is brought together, or the conflict is named with both of its sides."""

from collections.abc import Mapping

import pytest
from packaging.specifiers import SpecifierSet

from claudepack.errors import ClaudepackError
from claudepack.pack.requires import Need
from claudepack.source.resolution import Ask, NoMatchError, Version, resolve

Index = Mapping[str, tuple[str, ...]]
INDEX: Index = {
    "a 1.0": ("claudepack-c<2",),
    "b 1.0": ("claudepack-c>=2",),
    "b 0.9": ("claudepack-c>=1",),
    "c 1.0": (),
    "c 2.0": ("claudepack-d",),
    "d 1.0": (),
    "x 1.0": ("claudepack-y>=1",),
    "y 1.0": ("claudepack-x>=1",),
    "m 1.0": ("claudepack-c; python_version < '3'", "claudepack-d; extra == 'x'"),
    "u 1.0": ("claudepack-c @ https://example.org/c.tar.gz",),
    "v 1.0": ("claudepack-c[all]",),
    "w 1.0": ("claudepack-c >> 1",),
    "n 1.0": ("claudepack-nowhere",),
    "k 1.0": ("claudepack-l>=2",),
    "k 0.5": ("claudepack-l<2",),
    "l 2.0": ("claudepack-k<1",),
    "l 1.0": ("claudepack-k>=1",),
    "s 1.0": ("claudepack-t>=2",),
    "s 0.5": ("claudepack-t<2",),
    "s 0.1": (),
    "t 2.0": ("claudepack-s<1",),
    "t 1.0": ("claudepack-s>=1",),
}


def _choose(wanted: Mapping[str, Ask]) -> dict[str, Version]:
    chosen = {}
    for name, ask in wanted.items():
        short = name.removeprefix("claudepack-")
        there = {key.split()[1]: requires for key, requires in INDEX.items() if key.split()[0] == short}
        fit = sorted(version for version in there if SpecifierSet(ask.specifier).contains(version))
        if not fit:
            raise NoMatchError(f"no {name}{ask.specifier}", distribution=name, versions=tuple(sorted(there)))
        chosen[name] = Version(fit[-1], there[fit[-1]])
    return chosen


def _ask(*words: str) -> list[Need]:
    needs = []
    for word in words:
        name = word.rstrip("<>=.0123456789")
        needs.append(Need("", f"claudepack-{name}", SpecifierSet(word[len(name) :]), word))
    return needs


@pytest.mark.parametrize(
    ("asked", "fixed", "chosen"),
    [
        (["c"], {}, {"c": "2.0", "d": "1.0"}),
        (["a"], {}, {"a": "1.0", "c": "1.0"}),
        (["c", "a"], {}, {"a": "1.0", "c": "1.0"}),
        (["x"], {}, {"x": "1.0", "y": "1.0"}),
        (["x", "y"], {}, {"x": "1.0", "y": "1.0"}),
        (["a", "b"], {}, {"a": "1.0", "b": "0.9", "c": "1.0"}),
        (["m"], {}, {"m": "1.0"}),
        (["a"], {"c": ("1.5", ())}, {"a": "1.0"}),
        ([], {"local": ("1.0", ("claudepack-c<2",))}, {"c": "1.0"}),
        (["b"], {"local": ("1.0", ("claudepack-c<2",))}, {"b": "0.9", "c": "1.0"}),
        ([], {}, {}),
        (["s"], {}, {"s": "0.1"}),
    ],
)
def test_versions_are_chosen_that_go_together(
    asked: list[str], fixed: dict[str, tuple[str, tuple[str, ...]]], chosen: dict[str, str]
) -> None:
    known = {f"claudepack-{name}": Version(*version) for name, version in fixed.items()}
    found = resolve(_ask(*asked), known, _choose)
    assert {name.removeprefix("claudepack-"): version.version for name, version in found.items()} == chosen


@pytest.mark.parametrize(
    ("asked", "fixed", "said"),
    [
        (
            ["a", "b>=1"],
            {},
            ["claudepack-a 1.0 requires claudepack-c<2", "claudepack-b 1.0 requires claudepack-c>=2", "1.0, 2.0"],
        ),
        (["a"], {"c": ("2.0", ())}, ["claudepack-a 1.0 requires claudepack-c<2", "the project has claudepack-c 2.0"]),
        (["c>=9"], {}, ["no claudepack-c>=9"]),
        (["n"], {}, ["claudepack-n 1.0 requires claudepack-nowhere", "no claudepack-nowhere"]),
        (["u"], {}, ["claudepack-u 1.0 requires claudepack-c with a URL"]),
        (["v"], {}, ["with extras"]),
        (["w"], {}, ["no requirement (PEP 508)"]),
        (["k"], {}, ["claudepack-k 1.0 requires claudepack-l>=2", "go round in circles"]),
    ],
)
def test_what_does_not_go_together_is_named(
    asked: list[str], fixed: dict[str, tuple[str, tuple[str, ...]]], said: list[str]
) -> None:
    known = {f"claudepack-{name}": Version(*version) for name, version in fixed.items()}
    with pytest.raises(ClaudepackError) as caught:
        resolve(_ask(*asked), known, _choose)
    assert all(text in caught.value.message for text in said), caught.value.message


def test_the_hint_says_what_would_satisfy_each_side() -> None:
    with pytest.raises(ClaudepackError) as caught:
        resolve(_ask("a", "b>=1"), {}, _choose)
    assert "claudepack-c<2 is satisfied by 1.0" in caught.value.hint
    assert "claudepack-c>=2 is satisfied by 2.0" in caught.value.hint
