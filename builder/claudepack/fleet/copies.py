"""What lies in many repositories and in no pack, clustered: copies that are equal, or nearly so."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from claudepack.fleet.unmanaged import Unmanaged
from claudepack.report.text import count_things

# Two texts are near when four of five of their lines, each counted once, are in both.
_NEAR, _OF = 4, 5
_BITS = 512


@dataclass(frozen=True)
class Variant:
    """Copies that are equal, but perhaps for their line endings.

    Attributes:
        sha256: Their hash.
        places: Each copy: the repository that it is in, and its path there.
    """

    sha256: str
    places: tuple[tuple[str, str], ...]

    @property
    def repositories(self) -> list[str]:
        """The repositories that have it."""
        return sorted({repository for repository, _ in self.places})


@dataclass(frozen=True)
class Cluster:
    """Copies that are near to each other, or to one between them.

    Attributes:
        kind: What they are.
        names: What they are called, the most frequent name first.
        variants: The one with the most copies first.
    """

    kind: str
    names: tuple[str, ...]
    variants: tuple[Variant, ...]

    @property
    def repositories(self) -> list[str]:
        """The repositories that have one of them."""
        return sorted({repository for variant in self.variants for repository, _ in variant.places})

    def __str__(self) -> str:
        """As a sentence; what it is called besides is not said."""
        count, variants = len(self.repositories), len(self.variants)
        alike = f", in {variants} variants" if variants > 1 else ", all alike" if count > 1 else ""
        return f"the {self.kind} {self.names[0]} is in {count_things(count, 'repository', 'repositories')}{alike}"


def find_clusters(found: Iterable[tuple[str, Unmanaged]]) -> list[Cluster]:
    """Cluster what was found, whatever the order that it comes in.

    Args:
        found: Each thing, with the repository that it is in.

    Returns:
        The clusters, the one in the most repositories first.
    """
    copies: dict[tuple[str, str], list[tuple[str, Unmanaged]]] = {}
    for repository, item in found:
        copies.setdefault((item.kind, item.sha256), []).append((repository, item))
    texts: dict[str, dict[str, Sequence[int]]] = {}
    for (kind, sha256), listed in copies.items():
        texts.setdefault(kind, {})[sha256] = listed[0][1].lines
    clusters = [
        _make_cluster(kind, {sha256: copies[kind, sha256] for sha256 in group})
        for kind, variants in texts.items()
        for group in join_near(variants)
    ]
    return sorted(clusters, key=_order)


def _order(cluster: Cluster) -> tuple[int, str, tuple[str, ...], str]:
    return -len(cluster.repositories), cluster.kind, cluster.names, cluster.variants[0].sha256


def _make_cluster(kind: str, copies: Mapping[str, list[tuple[str, Unmanaged]]]) -> Cluster:
    names = Counter(item.name for listed in copies.values() for _, item in listed)
    variants = (
        Variant(sha256, tuple(sorted((repository, item.path) for repository, item in listed)))
        for sha256, listed in copies.items()
    )
    return Cluster(
        kind,
        tuple(sorted(names, key=lambda name: (-names[name], name))),
        tuple(sorted(variants, key=lambda variant: (-len(variant.places), variant.sha256))),
    )


def join_near(texts: Mapping[str, Sequence[int]]) -> list[list[str]]:
    """Group texts, so that those which are near to each other are in one group.

    Two sets of which so many members are shared have one in common among the rarest of each (Chaudhuri's prefix
    filter), so only those are looked up, and only among texts that are not yet in one group.

    Args:
        texts: The lines of each, as numbers; one without lines is near to none.
    """
    frequency = Counter(line for lines in texts.values() for line in lines)
    groups = {key: key for key in texts}
    postings: dict[int, dict[str, list[_Text]]] = {}
    for key in sorted(texts, key=lambda key: (len(texts[key]), key)):
        text, lines = _Text(key, texts[key], _sketch(texts[key])), frozenset(texts[key])
        rarest = sorted(text.lines, key=lambda line: (frequency[line], line))
        prefix = rarest[: len(rarest) - _ceil(len(rarest)) + 1]
        for line in prefix:
            for other, shorter in postings.get(line, {}).items():
                if _find(groups, other) != _find(groups, key) and _has_near(shorter, text, lines):
                    groups[_find(groups, key)] = _find(groups, other)  # the older stays: postings name it
        for line in prefix:
            postings.setdefault(line, {}).setdefault(_find(groups, key), []).append(text)
    joined: dict[str, list[str]] = {}
    for key in texts:
        joined.setdefault(_find(groups, key), []).append(key)
    return list(joined.values())


class _Text(NamedTuple):
    """A text with its lines, and a bit set for each of them: several lines may share one."""

    key: str
    lines: Sequence[int]
    sketch: int


def _sketch(lines: Iterable[int]) -> int:
    sketch = 0
    for line in lines:
        sketch |= 1 << line % _BITS
    return sketch


def _ceil(count: int) -> int:
    """How many lines of so many another text must have to be near."""
    return -(-_NEAR * count // _OF)


def _has_near(shorter: Iterable[_Text], text: _Text, lines: frozenset[int]) -> bool:
    """Whether one of some texts, none longer than this one, is near to it; its lines come along as a set."""
    count = len(lines)
    for other in shorter:
        # Each bit that only this one has is a line that only this one has: that is counted faster.
        most = min(count - (text.sketch & ~other.sketch).bit_count(), len(other.lines))
        if _is_near(most, count, len(other.lines)):
            shared = len(lines.intersection(other.lines))
            if _is_near(shared, count, len(other.lines)):
                return True
    return False


def _is_near(shared: int, count: int, other: int) -> bool:
    return _OF * shared >= _NEAR * (count + other - shared)


def _find(groups: dict[str, str], key: str) -> str:
    """The representative of a group; the way to it is made shorter."""
    while groups[key] != key:
        groups[key] = groups[groups[key]]
        key = groups[key]
    return key
