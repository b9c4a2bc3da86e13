"""What is to be had of the packs of a fleet: each place is asked for each pack once a run, and every project judged."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from packaging.version import Version

from claudepack.commands.finding import DEPENDENCY
from claudepack.commands.newer import ask_after, find_index, judge, list_offered, read_tag
from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.project.lock import read_version
from claudepack.source.git import find_pin, list_tags
from claudepack.source.pip import Index
from claudepack.source.places import list_versions_here
from claudepack.source.requirement import Repository

if TYPE_CHECKING:
    from claudepack.fleet.reading import PackReading


@dataclass(frozen=True)
class Place:
    """Where the versions of a pack are to be had; equal for all projects that would be told the same.

    Attributes:
        kind: How it is asked.
        name: The pack.
        index: The index that is asked.
        repository: The repository that is asked, for its tags or for the commit of a branch.
    """

    kind: Literal["index", "here", "tags", "branch"]
    name: str
    index: Index | None = None
    repository: Repository | None = None


class Offer(NamedTuple):
    """What a place has.

    Attributes:
        versions: Versions, tags, or the one commit of a branch.
        taken_back: Of installed versions that are not among them: why.
        fault: Why nobody can tell; empty where somebody can.
    """

    versions: tuple[str, ...] = ()
    taken_back: Mapping[str, str] = {}
    fault: str = ""


class Standing(NamedTuple):
    """How an installed version stands to what is to be had.

    Attributes:
        wanted: The one that `update` would take.
        latest: The newest.
        behind: How many newer ones there are, without pre-releases and yanked ones; None where nobody can tell.
        is_yanked: Whether the installed one is no longer offered.
        why: Why the newest is not taken, the installed one was taken back, or nobody can tell.
    """

    wanted: str
    latest: str
    behind: int | None
    is_yanked: bool = False
    why: str = ""


def find_place(opened: Opened, mode: Mode, name: str) -> Place | None:
    """Where newer versions of a pack would be; None where it is pinned, or lies in the repository itself.

    Raises:
        ClaudepackError: The lock names a version that is none.
    """
    locked = opened.lock.packs[name]
    kind, entry = locked.source.get("kind"), opened.manifest.packs.get(name, DEPENDENCY)
    if kind == "git":
        ref_kind, ref = entry.ref
        repository = Repository(entry.git or locked.source.get("url", ""), ref, locked.source.get("subdirectory", ""))
        if ref_kind == "tag":  # the tags are the same for all who ask
            return Place("tags", name, repository=Repository(repository.url))
        return None if ref_kind == "rev" else Place("branch", name, repository=repository._replace(kind=ref_kind))
    if kind in ("path", "archive"):
        return None
    read_version(name, locked)
    if kind != "index":
        return Place("here", name)
    index = find_index(opened, mode, name, locked)
    if index.folder:  # whose path says the same in every project, and leads to another place in each
        index = Index(folder=index.folder)
    return Place("index", name, index)


def ask_places(packs: Iterable["PackReading"], executor: Executor, *, offline: bool) -> dict[Place, Offer]:
    """Ask each place once, whatever the number of projects, and after those versions that it does not offer."""
    installed: dict[Place, set[str]] = {}
    for pack in packs:
        if pack.place:
            installed.setdefault(pack.place, set()).add(pack.version)
    if offline:
        return dict.fromkeys(installed, Offer(fault="offline, nobody can tell what is new"))
    return dict(zip(installed, executor.map(_ask, installed, installed.values()), strict=True))


def judge_pack(pack: "PackReading", offers: Mapping[Place, Offer]) -> Standing:
    """How a pack of a project stands; pure."""
    if not pack.version or pack.place is None:
        return Standing(pack.version, pack.version, 0)
    offer = offers[pack.place]
    if offer.fault:
        return Standing(pack.version, pack.version, None, why=offer.fault)
    if pack.place.kind == "branch":
        [commit] = offer.versions
        is_moved = commit != pack.pin
        return Standing(commit[:12], commit[:12], int(is_moved), why="its branch has moved" if is_moved else "")
    if pack.place.kind == "tags":
        newer = [tag for tag in offer.versions if read_tag(tag) > read_tag(pack.ref)]
        latest = max(newer, key=read_tag, default=pack.ref)
        return Standing(pack.ref, latest, len(newer), why=f"the manifest names the tag {pack.ref}" if newer else "")
    taken_back = offer.taken_back.get(pack.version, "")
    judged = judge(pack.name, pack.version, pack.specifier, offer.versions, pack.needs, taken_back)
    behind = count_newer(pack.version, offer.versions)
    return Standing(judged.wanted, judged.latest, behind, bool(taken_back), judged.why)


def count_newer(installed: str, versions: Iterable[str]) -> int:
    """How many of some versions are newer; pre-releases count where the installed one is such."""
    here = Version(installed)
    parsed = {Version(text) for text in versions}
    return sum(version > here and (here.is_prerelease or not version.is_prerelease) for version in parsed)


def _ask(place: Place, installed: Iterable[str]) -> Offer:
    try:
        if place.index:
            return _ask_index(place.name, place.index, installed)
        if place.kind == "tags" and place.repository:
            return Offer(tuple(list_tags(place.repository)))
        if place.repository:
            return Offer((find_pin(place.repository).commit,))
        return Offer(tuple(list_versions_here(place.name, Path())))
    except ClaudepackError as error:
        return Offer(fault=error.message)
    except OSError as error:
        return Offer(fault=str(error))


def _ask_index(name: str, index: Index, installed: Iterable[str]) -> Offer:
    if index.folder:
        return Offer(fault=f"its index is a folder beside each project, {index.folder}")
    versions = list_offered(name, index)
    offered = set(map(Version, versions))
    gone = sorted(version for version in installed if Version(version) not in offered)
    return Offer(tuple(versions), {version: ask_after(name, version, index) for version in gone})
