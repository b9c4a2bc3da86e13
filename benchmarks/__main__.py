"""`python -m benchmarks [SCENE…]`: whole processes against a floor, in paired rounds; exit 1 if a bound is missed.

Each round runs the floor and every command once, so that whatever else the machine does falls on all of them alike:
the ratio is formed within a round, and the median over all rounds is what the bound is for.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.measures import Round
from benchmarks.scenes import SCENES, Scene

TYPE_CHECKING = False
if TYPE_CHECKING:
    from benchmarks.results import Shown


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split(":")[1].strip())
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--rounds", type=int, default=0, help="instead of as many as each scene is worth")
    parser.add_argument("--out", type=Path, help="a directory for results.json, and the chart of it, results.svg")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {tempfile.gettempdir()}; medians, and quartiles")
    with tempfile.TemporaryDirectory(prefix="claudepack-benchmark-") as folder:
        names = arguments.scenes or SCENES
        shown = [_show(name, SCENES[name], Path(folder, name), arguments.rounds) for name in names]
    if arguments.out:
        _write(arguments.out, shown)
    return 0 if all(judged.holds for scene in shown for judged in scene.lines) else 1


def _show(name: str, scene: Scene, folder: Path, rounds: int) -> "Shown":
    seen = _measure(scene, folder, rounds or scene.rounds)
    from benchmarks.results import judge_scene  # a process counts at least the memory of the one that began it
    from benchmarks.table import draw_table

    shown = judge_scene(name, scene, seen)
    print("\n".join(draw_table(shown)), flush=True)
    return shown


def _write(folder: Path, shown: "list[Shown]") -> None:
    from benchmarks.chart import draw_chart
    from benchmarks.results import dump_results

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(dump_results(shown), encoding="utf-8")
    (folder / "results.svg").write_text(draw_chart(shown), encoding="utf-8")


def _measure(scene: Scene, folder: Path, rounds: int) -> list[Round]:
    measure = scene.prepare(folder / "given")
    if rounds > 1:
        measure(folder / "warm")  # fills the caches, and writes bytecode
    return [measure(folder / f"round-{number}") for number in range(rounds)]


if __name__ == "__main__":
    sys.exit(main())
