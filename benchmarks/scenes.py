"""What is measured: each scene runs its processes once a round, in a folder of the round's own.

Nothing is deleted before the end: ext4 does not give a freed inode away for a minute or more, and looks at each
again for every new file, which makes whatever comes next slow.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import install_pack, write_collection, write_large_pack, write_pack
from benchmarks.fleets import JOBS, REPOSITORIES, prepare_fleet
from benchmarks.timing import TOOL, Measured, make_environment, run

Round = Mapping[str, Measured]
FILES = 2000
AGENTS, SKILLS = 200, 180
VERSIONS = ("1.0.0", "1.0.1", "1.1.0")
LARGE = 200_000_000


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


def _prepare_small(base: Path) -> Callable[[Path], Round]:
    environment = make_environment(base)
    project = _make(base / "project")
    run([TOOL, "install", "backend"], project, environment)

    def measure(folder: Path) -> Round:
        return {
            "python -c pass": run([sys.executable, "-c", "pass"], project, environment),
            "--version": run([TOOL, "--version"], project, environment),
            "verify": run([TOOL, "verify"], project, environment),
            "no-op sync": run([TOOL, "sync"], project, environment),
            "first install": run([TOOL, "install", "backend"], _make(folder / "fresh"), make_environment(folder)),
        }

    return measure


def _prepare_installed(base: Path) -> Callable[[Path], Round]:
    """A pack that pip has installed: what comes next is in another environment, and `update` goes there."""
    packs = _write_packs(base, FILES, VERSIONS)
    places = _install_packs(base, packs, VERSIONS)

    def measure(folder: Path) -> Round:
        project, environment = _make(folder / "project"), make_environment(folder)
        seen = _copy(packs[0], folder, environment)
        seen["first install"] = run([TOOL, "install", "large"], project, environment | places[0])
        seen |= _hash(project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment | places[0])
        seen["one new"] = run([TOOL, "update"], project, environment | places[1])
        seen["all new"] = run([TOOL, "update"], project, environment | places[2])
        return seen

    return measure


def _prepare_directory(base: Path) -> Callable[[Path], Round]:
    """A pack in a directory, as its author has it: also a run that changes nothing has to read it."""
    packs = _write_packs(base, FILES, ("1.0.0", "1.0.0", "1.1.0"))  # a save does not change the version

    def measure(folder: Path) -> Round:
        project, environment = _make(folder / "project"), make_environment(folder)
        seen = _copy(packs[0], folder, environment)
        (folder / "pack").symlink_to(packs[0])
        seen["first install"] = run([TOOL, "install", "../pack"], project, environment)
        seen |= _hash(project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment)
        for step, pack in (("one new", packs[1]), ("all new", packs[2])):
            (folder / "pack").unlink()
            (folder / "pack").symlink_to(pack)
            seen[step] = run([TOOL, "sync"], project, environment)
        return seen

    return measure


def _prepare_collection(base: Path) -> Callable[[Path], Round]:
    """A plugin of a marketplace, as it was cloned: what its references lead to is named anew."""
    shop = write_collection(base / "shop", AGENTS, SKILLS)

    def measure(folder: Path) -> Round:
        project, environment = _make(folder / "project"), make_environment(folder)
        seen = _copy(shop / "box", folder, environment)
        seen[_PASS] = run([sys.executable, "-c", "pass"], project, environment)
        seen["first install"] = run([TOOL, "install", f"{shop}#box", "--allow", "executables"], project, environment)
        seen["no-op sync"] = run([TOOL, "sync"], project, environment)
        return seen

    return measure


def _prepare_sizes(base: Path) -> Callable[[Path], Round]:
    sizes = (FILES, 2 * FILES, 5 * FILES)
    ends = (VERSIONS[0], VERSIONS[2])
    places = {size: _install_packs(base, _write_packs(base, size, ends), ends) for size in sizes}

    def measure(folder: Path) -> Round:
        seen: dict[str, Measured] = {}
        for size in sizes:
            project, environment = _make(folder / f"project-{size}"), make_environment(folder / f"home-{size}")
            first, every = (environment | place for place in places[size])
            seen[f"first install of {size:,}"] = run([TOOL, "install", "large"], project, first)
            seen[f"no-op sync of {size:,}"] = run([TOOL, "sync"], project, first)
            if size != sizes[-1]:
                seen[f"all new of {size:,}"] = run([TOOL, "update"], project, every)
        return seen

    return measure


def _prepare_large(base: Path) -> Callable[[Path], Round]:
    pack = write_large_pack(base / "pack", LARGE)

    def measure(folder: Path) -> Round:
        project, environment = _make(folder / "project"), make_environment(folder)
        return {
            "first install": run([TOOL, "install", str(pack)], project, environment),
            "no-op sync": run([TOOL, "sync"], project, environment),
        }

    return measure


def _write_packs(base: Path, size: int, versions: Sequence[str]) -> list[Path]:
    """A pack, perhaps the same with one other file, and with all others; each with a version."""
    topics: list[str | dict[int, str]] = ["one thing", {size // 2: "another thing"}, "many things"]
    kept = topics if len(versions) == len(topics) else [topics[0], topics[-1]]
    return [
        write_pack(base / f"{number}-of-{size}", size, version, topic)
        for number, (version, topic) in enumerate(zip(versions, kept, strict=True))
    ]


def _install_packs(base: Path, packs: Sequence[Path], versions: Sequence[str]) -> list[dict[str, str]]:
    """An environment for each pack, as the variable that leads there."""
    return [
        {"VIRTUAL_ENV": str(install_pack(pack, base / f"environment-{pack.name}", version))}
        for pack, version in zip(packs, versions, strict=True)
    ]


def _copy(pack: Path, folder: Path, environment: Mapping[str, str]) -> dict[str, Measured]:
    words = ["sh", "-c", 'cp -r "$1" "$2" && sync -f "$2"', "sh", str(pack), str(folder / "copy")]
    return {"cp -r && sync -f": run(words, folder, environment)}


def _hash(project: Path, environment: Mapping[str, str]) -> dict[str, Measured]:
    paths = sorted(str(path) for path in (project / ".claude").rglob("*.md"))
    return {"sha256sum": run(["sha256sum", *paths], project, environment)}


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


_COPY, _HASH, _PASS = "cp -r && sync -f", "sha256sum", "python -c pass"
SCENES = {
    "small": Scene(
        "the pack that comes with claudepack, 7 files",
        31,
        _prepare_small,
        (
            Line("--version", _PASS, 1.25),
            Line("verify", _PASS, 3.5),
            Line("no-op sync", _PASS, 3.5),
            Line("first install", _PASS, 16),
        ),
    ),
    "installed": Scene(
        "2,000 files of 4 KB, a pack in a Python environment",
        15,
        _prepare_installed,
        (
            Line("first install", _COPY, 3),
            Line("all new", _COPY, 5),
            Line("no-op sync", _HASH, 2.3),
            Line("one new", _COPY, 3),
            *(Line(step, "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "directory": Scene(
        "2,000 files of 4 KB, a pack in a directory",
        15,
        _prepare_directory,
        (
            Line("first install", _COPY, 3),
            Line("all new", _COPY, 5),
            Line("no-op sync", _HASH, 3),
            Line("one new", "no-op sync", 4),
            *(Line(step, "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "collection": Scene(
        "200 agents and 180 skills, 620 files, a plugin of a marketplace",
        15,
        _prepare_collection,
        (
            Line("first install", _COPY, 5),
            Line("first install", _PASS, 25),
            Line("no-op sync", _PASS, 15),
        ),
    ),
    "sizes": Scene(
        "4,000 and 10,000 files of 4 KB against 2,000",
        15,
        _prepare_sizes,
        (
            *(Line(f"{step} of 4,000", f"{step} of 2,000", 2.2) for step in ("first install", "all new", "no-op sync")),
            *(Line(f"{step} of 10,000", f"{step} of 2,000", 5.5) for step in ("first install", "no-op sync")),
        ),
    ),
    "fleet": Scene(
        f"{REPOSITORIES} repositories of 300 files, {JOBS} at once",
        5,
        prepare_fleet,
        (
            Line("fleet of 100", "clone, copy, commit, push", 1.66),
            Line("again", "fleet of 100", 0.166),
            Line("fleet of 10", "", 70),
            Line("fleet of 100", "", 70),
        ),
    ),
    "large": Scene(
        "a pack with one file of 200 MB",
        1,
        _prepare_large,
        (Line("first install", "", 60), Line("no-op sync", "", 60)),
    ),
}
