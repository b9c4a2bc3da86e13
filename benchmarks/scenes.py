"""The scenes: what is told of each, and what it may take."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.agents import prepare_check
from benchmarks.fleets import JOBS, REPOSITORIES, prepare_fleet
from benchmarks.measures import (
    COPY,
    HASH,
    PASS,
    WITH,
    ZIP,
    Round,
    prepare_build,
    prepare_collection,
    prepare_collection_floor,
    prepare_directory,
    prepare_floor,
    prepare_installed,
    prepare_large,
    prepare_sizes,
    prepare_small,
    prepare_some,
)


class Line(NamedTuple):
    """One line of the table: a step against another, at most so many times; against nothing: MiB at its peak."""

    step: str
    floor: str
    bound: float


class Scene(NamedTuple):
    """What belongs together.

    Attributes:
        about: What it is.
        rounds: How often it is measured.
        prepare: Makes what every round needs, once, and gives what one round does.
        lines: What is told of it.
    """

    about: str
    rounds: int
    prepare: Callable[[Path], Callable[[Path], Round]]
    lines: tuple[Line, ...]


SCENES = {
    "small": Scene(
        "the pack that comes with claudepack, 7 files",
        31,
        prepare_small,
        (
            Line("--version", PASS, 1.25),
            Line("--help", PASS, 1.5),
            Line("verify", PASS, 3.5),
            Line("no-op sync", PASS, 3.5),
            Line("first install", PASS, 16),
            Line("uninstall", PASS, 16),
        ),
    ),
    "some": Scene(
        "250 files of 4 KB, a pack in a Python environment",
        31,
        prepare_some,
        (
            Line("first install", PASS, 16),
            Line("no-op sync", PASS, 5),
            Line("uninstall", PASS, 16),
        ),
    ),
    "installed": Scene(
        "2,000 files of 4 KB, a pack in a Python environment",
        15,
        prepare_installed,
        (
            Line("first install", COPY, 2.5),
            Line("all new", COPY, 5),
            Line("no-op sync", HASH, 2.3),
            Line("one new", "no-op sync", 4),
            Line("uninstall", COPY, 5),
            *(Line(step, "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "directory": Scene(
        "2,000 files of 4 KB, a pack in a directory",
        15,
        prepare_directory,
        (
            Line("first install", COPY, 3),
            Line("all new", COPY, 5),
            Line("no-op sync", HASH, 3),
            Line("one new", "no-op sync", 4),
            *(Line(step, "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "collection": Scene(
        "200 agents and 180 skills, 620 files, a plugin of a marketplace",
        15,
        prepare_collection,
        (
            Line("first install", COPY, 5),
            Line("first install", PASS, 25),
            Line("no-op sync", PASS, 15),
        ),
    ),
    "sizes": Scene(
        "4,000 and 10,000 files of 4 KB against 2,000",
        15,
        prepare_sizes,
        (
            *(Line(f"{step} of 4,000", f"{step} of 2,000", 2.2) for step in ("first install", "all new", "no-op sync")),
            *(Line(f"{step} of 10,000", f"{step} of 2,000", 5.5) for step in ("first install", "no-op sync")),
        ),
    ),
    "check": Scene(
        "2,000 agents of 4 KB, 8 % of which are not YAML",
        15,
        prepare_check,
        (Line("check", HASH, 20),),
    ),
    "fleet": Scene(
        f"{REPOSITORIES} repositories of 300 files, {JOBS} at once",
        5,
        prepare_fleet,
        (
            Line("fleet of 100", "a shell loop", 1.66),
            Line("again", "fleet of 100", 0.166),
            Line("fleet of 10", "", 70),
            Line("fleet of 100", "", 70),
        ),
    ),
    "large": Scene(
        "a pack with one file of 200 MB",
        1,
        prepare_large,
        (Line("first install", "", 60), Line("no-op sync", "", 60)),
    ),
    "build": Scene("the wheel of 2,000 files of 4 KB", 7, prepare_build, (Line("build", ZIP, 5),)),
    "floor": Scene(
        "the protocol's own floor: 2,000 files of 4 KB, and nothing else of what a run does",
        15,
        prepare_floor,
        (
            *(Line(step, COPY, 2.5) for step in ("create", f"create, {WITH}")),
            *(Line(step, COPY, 5) for step in ("replace", f"replace, {WITH}")),
        ),
    ),
    "collection-floor": Scene(
        "the protocol's own floor: 200 agents and 180 skills, 620 files",
        15,
        prepare_collection_floor,
        tuple(Line(step, COPY, 5) for step in ("create", f"create, {WITH}")),
    ),
}
