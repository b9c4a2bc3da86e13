"""What is measured: each scene runs its processes once a round, in a folder of the round's own.

Nothing is deleted before the end: ext4 does not give a freed inode away for a minute or more, and looks at each
again for every new file, which makes whatever comes next slow.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import install_pack, write_large_pack, write_pack
from benchmarks.timing import TOOL, Measured, make_environment, run

Round = Mapping[str, Measured]
SIZES = (2000, 4000, 10_000)
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
    """Packs that pip has installed: what comes next is another environment, and `update` goes there."""
    packs = {size: _write_versions(base, size) for size in SIZES}
    places = {
        size: [install_pack(pack, base / f"environment-{size}-{pack.name}", pack.name) for pack in versions]
        for size, versions in packs.items()
    }

    def measure(folder: Path) -> Round:
        seen: dict[str, Measured] = {}
        for size in SIZES:
            project, environment = _make(folder / f"project-{size}"), make_environment(folder / f"home-{size}")
            first, one, every = ({**environment, "VIRTUAL_ENV": str(place)} for place in places[size])
            if size == SIZES[0]:
                seen |= _copy(packs[size][0], folder, environment)
            seen[f"first install of {size:,}"] = run([TOOL, "install", "large"], project, first)
            if size == SIZES[0]:
                seen |= _hash(project, environment)
            seen[f"no-op sync of {size:,}"] = run([TOOL, "sync"], project, first)
            if size == SIZES[0]:
                seen[f"one new of {size:,}"] = run([TOOL, "update"], project, one)
            if size != SIZES[-1]:
                seen[f"all new of {size:,}"] = run([TOOL, "update"], project, every)
        return seen

    return measure


def _prepare_directory(base: Path) -> Callable[[Path], Round]:
    """A pack in a directory, as its author has it: also a run that changes nothing has to read it."""
    size = SIZES[0]
    versions = _write_versions(base, size)

    def measure(folder: Path) -> Round:
        project, environment = _make(folder / "project"), make_environment(folder)
        seen = _copy(versions[0], folder, environment)
        for step, words, version in zip(
            ("first install", "no-op sync", "one new", "all new"),
            (["install", "../pack"], ["sync"], ["sync"], ["sync"]),
            (versions[0], versions[0], versions[1], versions[2]),
            strict=True,
        ):
            (folder / "pack").unlink(missing_ok=True)
            (folder / "pack").symlink_to(version)
            seen[f"{step} of {size:,}"] = run([TOOL, *words], project, environment)
            if step == "first install":
                seen |= _hash(project, environment)
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


def _write_versions(base: Path, size: int) -> list[Path]:
    """A pack, the same with one other file, and with all others."""
    return [
        write_pack(base / f"packs-{size}" / "1.0.0", size, "1.0.0"),
        write_pack(base / f"packs-{size}" / "1.0.1", size, "1.0.1", {size // 2: "another thing"}),
        write_pack(base / f"packs-{size}" / "1.1.0", size, "1.1.0", "many things"),
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
        "a pack of files of 4 KB in a Python environment",
        15,
        _prepare_installed,
        (
            Line("first install of 2,000", _COPY, 3),
            Line("all new of 2,000", _COPY, 5),
            Line("no-op sync of 2,000", _HASH, 2.3),
            Line("one new of 2,000", "no-op sync of 2,000", 4),
            *(Line(f"{step} of 4,000", f"{step} of 2,000", 2.2) for step in ("first install", "all new", "no-op sync")),
            *(Line(f"{step} of 10,000", f"{step} of 2,000", 5.5) for step in ("first install", "no-op sync")),
            *(Line(f"{step} of 2,000", "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "directory": Scene(
        "a pack of files of 4 KB in a directory, as its author has it",
        15,
        _prepare_directory,
        (
            Line("first install of 2,000", _COPY, 3),
            Line("all new of 2,000", _COPY, 5),
            Line("no-op sync of 2,000", _HASH, 3),
            Line("one new of 2,000", "no-op sync of 2,000", 4),
            *(Line(f"{step} of 2,000", "", 45) for step in ("first install", "all new", "no-op sync")),
        ),
    ),
    "large": Scene(
        "a pack with one file of 200 MB",
        1,
        _prepare_large,
        (Line("first install", "", 60), Line("no-op sync", "", 60)),
    ),
}
