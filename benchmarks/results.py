"""What was measured, as numbers: each line of the table with its spread, its bound and whether that holds; as JSON."""

import json
import math
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.contest import split_name
from benchmarks.measures import Round
from benchmarks.scenes import Line, Scene
from claudepack import __version__

_TICK = 0.001


class Spread(NamedTuple):
    """A median between its quartiles."""

    first: float
    median: float
    last: float


class Judged(NamedTuple):
    """A line of the table.

    Attributes:
        line: What was to be told.
        value: Times the floor, by the clock; of memory the highest peak in MiB, three times.
        cpu: Times the floor, of the processor: the steadier where others use the machine.
        holds: Whether the bound does.
        failure: Why there are no figures.
    """

    line: Line
    value: Spread
    cpu: float
    holds: bool
    failure: str = ""


class Shown(NamedTuple):
    """A scene as it was measured: the milliseconds of each step, and the lines."""

    name: str
    about: str
    rounds: int
    steps: dict[str, Spread]
    lines: tuple[Judged, ...]


def is_contest(shown: Shown) -> bool:
    """Whether a scene is of several programs, which have no bounds."""
    return any(judged.line.bound == math.inf for judged in shown.lines)


def group_steps(shown: Shown) -> dict[tuple[str, str], dict[str, Judged]]:
    """The lines of several programs, by step and floor, and by program."""
    grouped: dict[tuple[str, str], dict[str, Judged]] = {}
    for judged in shown.lines:
        whose, step = split_name(judged.line.step)
        grouped.setdefault((step, judged.line.floor), {})[whose] = judged
    return grouped


def judge_scene(name: str, scene: Scene, seen: Sequence[Round]) -> Shown:
    """Look at what the rounds of a scene took."""
    times = {step: _spread([taken[step].seconds * 1000 for taken in seen]) for step in seen[0]}
    return Shown(name, scene.about, len(seen), times, tuple(_judge(line, seen) for line in scene.lines))


def _judge(line: Line, seen: Sequence[Round]) -> Judged:
    if failure := next((taken[line.step].failure for taken in seen if taken[line.step].failure), ""):
        return Judged(line, Spread(0, 0, 0), 0, line.bound == math.inf, failure)
    if not line.floor:
        peak = max(taken[line.step].peak for taken in seen)
        return Judged(line, Spread(peak, peak, peak), 0, peak <= line.bound)
    value = _spread([taken[line.step].seconds / taken[line.floor].seconds for taken in seen])
    cpu = statistics.median(taken[line.step].cpu / max(taken[line.floor].cpu, _TICK) for taken in seen)
    return Judged(line, value, cpu, value.median <= line.bound)


def _spread(values: Sequence[float]) -> Spread:
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


def describe_machine() -> dict[str, str]:
    """What the figures were taken on, without the name of anything that is somebody's."""
    return {
        "claudepack": __version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
        "processor": f"{os.cpu_count()} x {_read_processor()}",
        "file system": _read_file_system(Path(tempfile.gettempdir()).resolve()),
    }


def _read_processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(": ")[2] for line in text.splitlines() if line.startswith("model name")), "unknown")


def _read_file_system(folder: Path) -> str:
    try:
        rows = [row.split() for row in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    except OSError:
        return "unknown"
    mounts = {row[1]: row[2] for row in rows}
    return next(mounts[str(path)] for path in (folder, *folder.parents) if str(path) in mounts)


def dump_results(shown: Sequence[Shown], peers: Mapping[str, object] | None = None) -> str:
    """All of it as JSON, with what was seen of the peers."""
    scenes = [
        {
            "scene": scene.name,
            "about": scene.about,
            "rounds": scene.rounds,
            "milliseconds": {step: _round(spread) for step, spread in scene.steps.items()},
            "lines": [_as_row(judged) for judged in scene.lines],
        }
        for scene in shown
    ]
    document = {"machine": describe_machine(), "scenes": scenes, **({"peers": peers} if peers else {})}
    return json.dumps(document, indent=1) + "\n"


def _as_row(judged: Judged) -> dict[str, object]:
    line = judged.line
    told: dict[str, object] = {"step": line.step}
    if line.bound != math.inf:
        told |= {"bound": line.bound, "holds": judged.holds}
    if line.floor:
        told["floor"] = line.floor
    if judged.failure:
        return {**told, "failure": judged.failure}
    if not line.floor:
        return {**told, "peak MiB": round(judged.value.median, 1)}
    return {**told, "times": _round(judged.value), "of the processor": round(judged.cpu, 2)}


def _round(spread: Spread) -> dict[str, float]:
    return {name: round(value, 2) for name, value in spread._asdict().items()}
