"""What a survey comes to: how many repositories are what, and which version of each pack is in how many."""

from collections import Counter
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from claudepack.fleet.survey import STATES, PackStatus, RepositoryStatus, Survey

WITHOUT = "without"
PHRASES = {
    "unreadable": "could not be read",
    "conflict": "with open conflicts",
    "yanked": "on a yanked version",
    "drift": "with drift",
    "behind": "behind",
    "unknown": "of which nobody can tell",
    "edited": "with edits",
    "current": "up to date",
    WITHOUT: "without packs",
}


class VersionCount(NamedTuple):
    """A version of a pack.

    Attributes:
        pack: The pack.
        version: Empty for what is wanted and not installed.
        repositories: How many have it.
        behind: How many newer versions there are, for whoever is furthest behind; None where nobody can tell.
        is_yanked: Whether it was taken back.
    """

    pack: str
    version: str
    repositories: int
    behind: int | None
    is_yanked: bool

    @property
    def about(self) -> str:
        """What there is to say of it, in a few words."""
        if not self.version:
            return "wanted by the manifest, not in the lock"
        known = {None: "nobody can tell what is new", 0: "newest"}
        return known.get(self.behind, f"{self.behind} behind") + (", yanked" if self.is_yanked else "")


def count_states(survey: Survey) -> dict[str, int]:
    """How many repositories are what, the most pressing first; one may be several things."""
    counts = Counter(state for repository in survey.repositories for state in repository.states or (WITHOUT,))
    return {state: counts[state] for state in (*STATES, WITHOUT) if counts[state]}


def count_versions(survey: Survey) -> list[VersionCount]:
    """The versions of each pack, the newest first."""
    groups: dict[tuple[str, str], list[PackStatus]] = {}
    for repository in survey.repositories:
        for item in repository.packs:
            groups.setdefault((item.pack.name, item.pack.version), []).append(item)
    counts = [_count(name, version, items) for (name, version), items in groups.items()]
    counts.sort(key=lambda count: _order(count.version), reverse=True)
    return sorted(counts, key=lambda count: count.pack)


def list_pressing(survey: Survey) -> list[RepositoryStatus]:
    """The repositories that somebody has to look at, the most pressing first; edits are welcome."""
    calm = {"edited", "current", "unknown"}
    pressing = [item for item in survey.repositories if set(item.states) - calm]
    return sorted(pressing, key=lambda item: (STATES.index(item.states[0]), item.name))


def describe(repository: RepositoryStatus) -> str:
    """Why a repository is what it is first, in a line; what it is besides in a word each."""
    state, *others = repository.states
    told = [text for item in repository.packs if state in item.states and (text := _describe(item, state))]
    if state == "unreadable":
        told = [why.partition("\n")[0] for why in repository.why_unreadable]
    return "; ".join([*told, *([f"also {', '.join(others)}"] if others else [])])


def _describe(item: PackStatus, state: str) -> str:
    pack, standing = item
    if state == "conflict":
        return f"{pack.name}: {', '.join(pack.pending)}"
    if state == "drift":
        stale = ["not installed" if not pack.version else "the lock is stale"] if pack.is_stale else []
        return f"{pack.name}: {', '.join([*pack.drift, *stale])}"
    if state == "behind":
        why = f": {standing.why}" if standing.why else ""
        return f"{pack.name} {pack.version}, newest {standing.latest}{why}"
    return f"{pack.name}: {standing.why}"


def _count(name: str, version: str, items: list[PackStatus]) -> VersionCount:
    behind = [item.standing.behind for item in items if item.standing.behind is not None]
    is_yanked = any(item.standing.is_yanked for item in items)
    return VersionCount(name, version, len(items), max(behind, default=None), is_yanked)


def _order(version: str) -> tuple[bool, Version, str]:
    try:
        return True, Version(version), version
    except InvalidVersion:
        return False, Version("0"), version
