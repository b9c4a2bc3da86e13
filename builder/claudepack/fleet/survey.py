"""A fleet, read: every repository cloned once and looked at, what is to be had asked once, nothing changed."""

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

from claudepack.commands.options import Mode
from claudepack.errors import ClaudepackError
from claudepack.fleet.clone import ask_heads, open_clone
from claudepack.fleet.conditions import Condition
from claudepack.fleet.copies import Cluster, find_clusters
from claudepack.fleet.fleet_file import Member
from claudepack.fleet.mapping import map_window
from claudepack.fleet.offers import Offer, Place, Standing, judge_pack
from claudepack.fleet.reading import Fault, PackReading, Reading, read_checkout
from claudepack.project.location import LOCK
from claudepack.urls import strip_credentials

# What a pack of a repository is, the most pressing first.
STATES = ("unreadable", "conflict", "yanked", "drift", "behind", "unknown", "edited", "current")


def name_repository(url: str, path: str) -> str:
    """A project of a repository as it is shown."""
    return url + (f"#{path}" if path else "")


class PackStatus(NamedTuple):
    """A pack of a repository, with how it stands to what is to be had."""

    pack: PackReading
    standing: Standing

    @property
    def states(self) -> tuple[str, ...]:
        """What it is, in the order of `STATES`."""
        pack, standing = self
        known = {
            "conflict": bool(pack.pending),
            "yanked": standing.is_yanked,
            "drift": bool(pack.drift or pack.is_stale),
            "behind": bool(standing.behind),
            "unknown": standing.behind is None,
            "edited": bool(pack.edits),
        }
        return tuple(state for state, holds in known.items() if holds) or ("current",)


class RepositoryReading(NamedTuple):
    """A repository of the fleet, read.

    Attributes:
        url: Without credentials.
        path: The project in it; empty for its top.
        branch: The one that was read.
        reading: What is there.
    """

    url: str
    path: str
    branch: str
    reading: Reading

    @property
    def name(self) -> str:
        """The repository as it is shown."""
        return name_repository(self.url, self.path)


class RepositoryStatus(NamedTuple):
    """The same, with its packs as they stand."""

    url: str
    path: str
    branch: str
    reading: Reading
    packs: tuple[PackStatus, ...]

    @property
    def name(self) -> str:
        """The repository as it is shown."""
        return name_repository(self.url, self.path)

    @property
    def why_unreadable(self) -> tuple[str, ...]:
        """What could not be read, and why; that it is this repository is told already."""
        return tuple(fault.message.removeprefix(f"{self.url}: ") for fault in self.reading.faults)

    @property
    def states(self) -> tuple[str, ...]:
        """What its packs are, and whether something could not be read; nothing where it has none."""
        states = {state for pack in self.packs for state in pack.states}
        states |= {"unreadable"} if self.reading.faults else set()
        return tuple(state for state in STATES if state in states and (state != "current" or len(states) == 1))


class Survey(NamedTuple):
    """A fleet as it is.

    Attributes:
        repositories: In the order of their names.
        clusters: What is in no pack, by the number of repositories that have it.
        notices: What is worth knowing.
    """

    repositories: tuple[RepositoryStatus, ...]
    clusters: tuple[Cluster, ...]
    notices: tuple[str, ...]


class Patience(NamedTuple):
    """How long a repository may take, and how often it is tried where the network fails."""

    seconds: float
    tries: int


def read_members(
    members: Iterable[Member], mode: Mode, patience: Patience, executor: Executor, window: int
) -> Iterator[RepositoryReading]:
    """Read the repositories of a fleet, each as soon as it is done.

    Args:
        members: The repositories.
        mode: Where packs come from.
        patience: How long each may take.
        executor: Where they are read.
        window: How many at once.
    """
    read = partial(_read_patiently, mode=mode, patience=patience)
    return map_window(executor, read, members, window=window, explain=_explain_death)


def is_meant(item: RepositoryReading, conditions: Iterable[Condition]) -> bool:
    """Whether all conditions hold for a repository; one whose lock cannot be read may be meant."""
    versions = {pack.name: pack.version for pack in item.reading.packs if pack.version}
    is_unknown = not versions and any(fault.path in ("", LOCK) for fault in item.reading.faults)
    return is_unknown or all(condition.holds(versions) for condition in conditions)


def make_survey(found: Iterable[RepositoryReading], offers: Mapping[Place, Offer]) -> Survey:
    """What was read and what is to be had, put together; pure."""
    repositories = tuple(
        RepositoryStatus(*item, tuple(PackStatus(pack, judge_pack(pack, offers)) for pack in item.reading.packs))
        for item in sorted(found, key=lambda item: (item.url, item.path, item.branch))
    )
    things = ((item.name, thing) for item in repositories for thing in item.reading.unmanaged)
    faults = sorted({f"{place.name}: {offer.fault}" for place, offer in offers.items() if offer.fault})
    return Survey(repositories, tuple(find_clusters(things)), tuple(faults))


def _explain_death(member: Member, error: Exception) -> RepositoryReading:
    """What is told of a repository that stopped whoever read it; the others are read all the same."""
    where = strip_credentials(member.url)
    fault = Fault("", "worker", f"{where}: {type(error).__name__}: {error}", "report it, please: no repository should")
    return RepositoryReading(where, member.path, member.branch, Reading(faults=(fault,)))


def _read_patiently(member: Member, mode: Mode, patience: Patience) -> RepositoryReading:
    """Read a repository; whatever goes wrong is a fault of its reading."""
    begin, failures = time.monotonic(), 0
    where = strip_credentials(member.url)
    while True:
        try:
            return _read(member, mode, begin + patience.seconds)
        except ClaudepackError as error:
            failures += 1
            pause = random.uniform(0.5, 1.5) * 2 ** (failures - 1)  # noqa: S311 - no secret
            has_time = time.monotonic() + pause < begin + patience.seconds
            if error.code == "network" and failures < patience.tries and has_time:
                time.sleep(pause)
                continue
            fault = Fault("", error.code, error.message, error.hint)
        except (OSError, UnicodeError) as error:
            fault = Fault("", "os", f"{where}: {error}", "check the disk, and the names of its files")
        return RepositoryReading(where, member.path, member.branch, Reading(faults=(fault,)))


def _read(member: Member, mode: Mode, until: float) -> RepositoryReading:
    asked = ask_heads(member.url, member.branch, until)
    heads = asked._replace(ours={})  # what is proposed is not there yet
    with open_clone(member.url, heads, member.path, until) as clone:
        reading = read_checkout(clone.locate_project(member.path), mode)
        return RepositoryReading(strip_credentials(member.url), member.path, heads.branch, reading)
