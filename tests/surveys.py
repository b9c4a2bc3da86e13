"""Surveys of fleets that are nowhere: what was read is made up, what is told of it is not."""

from collections.abc import Iterable, Sequence

from claudepack.fleet.offers import Offer, Place
from claudepack.fleet.reading import Fault, PackReading, Reading
from claudepack.fleet.survey import RepositoryReading, Survey, make_survey
from claudepack.fleet.unmanaged import Unmanaged

BACKEND, DESIGN = Place("here", "backend"), Place("here", "design")
OFFERS = {
    BACKEND: Offer(("1.2.0", "1.1.0", "1.0.0"), {"0.9": "0.9 was yanked by its author"}),
    DESIGN: Offer(fault="https://index.example.org does not answer"),
}


def read_pack(name: str = "backend", version: str = "1.2.0", **given: object) -> PackReading:
    """A pack as it was read; at rest unless told."""
    place = BACKEND if name == "backend" else DESIGN
    return PackReading(name, version, ">=0.9")._replace(place=place, **given)  # type: ignore[arg-type]  # the test says what it is


def read_repository(
    url: str, packs: Sequence[PackReading] = (), things: Sequence[Unmanaged] = (), fault: str = ""
) -> RepositoryReading:
    """A repository as it was read."""
    faults = (Fault("claudepack.lock", "lock", fault, "mend it"),) if fault else ()
    return RepositoryReading(url, "", "main", Reading(tuple(packs), tuple(things), faults))


def survey(readings: Iterable[RepositoryReading]) -> Survey:
    """A survey of them."""
    return make_survey(readings, OFFERS)


def make_thing(name: str, lines: Iterable[int], kind: str = "agent") -> Unmanaged:
    """Something that is in no lock; equal lines are equal bytes."""
    numbers = tuple(sorted(set(lines)))
    return Unmanaged(kind, name, f".claude/agents/{name}.md", str(numbers), numbers)


def survey_large(count: int) -> Survey:
    """A fleet of every kind of repository, each a little different."""
    readings = []
    for number in range(count):
        version = ("1.2.0", "1.1.0", "1.0.0", "0.9")[number % 4]
        packs = [read_pack(version=version, edits=(".claude/agents/a.md",) * (number % 7 == 0))]
        packs += [read_pack("design", "2.0", drift=(".claude/agents/d.md",))] if number % 11 == 0 else []
        packs = [] if number % 13 == 0 else packs
        things = [make_thing("reviewer", [*range(40), 1000 + number % 12])] if number % 3 == 0 else []
        fault = "claudepack.lock: it holds git's conflict markers" if number % 97 == 5 else ""
        url = f"https://git.example.org/team-{number % 20}/service-{number:04}.git"
        readings.append(read_repository(url, [] if fault else packs, things, fault))
    return survey(readings)
