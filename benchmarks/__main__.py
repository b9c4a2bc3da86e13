"""`python -m benchmarks [SCENE…]`: whole processes against a floor, in paired rounds; exit 1 if a bound is missed.

Each round runs the floor and every command once, so that whatever else the machine does falls on all of them alike:
the ratio is formed within a round, and the median over all rounds is what the bound is for.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.scenes import SCENES, Round, Scene
from benchmarks.table import describe_floors, judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split(":")[1].strip())
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--rounds", type=int, default=0, help="instead of as many as each scene is worth")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {tempfile.gettempdir()}; medians, and quartiles")
    verdicts: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="claudepack-benchmark-") as folder:
        for name in arguments.scenes or SCENES:
            verdicts += _show(name, SCENES[name], Path(folder, name), arguments.rounds)
    return 0 if all(verdicts) else 1


def _show(name: str, scene: Scene, folder: Path, rounds: int) -> list[bool]:
    seen = _measure(scene, folder, rounds or scene.rounds)
    print(f"{name}: {scene.about}; {len(seen)} rounds; {describe_floors(scene.lines, seen)}")
    judged = [judge(line, seen) for line in scene.lines]
    print("\n".join(row for row, _ in judged), flush=True)
    return [holds for _, holds in judged]


def _measure(scene: Scene, folder: Path, rounds: int) -> list[Round]:
    measure = scene.prepare(folder / "given")
    if rounds > 1:
        measure(folder / "warm")  # fills the caches, and writes bytecode
    return [measure(folder / f"round-{number}") for number in range(rounds)]


if __name__ == "__main__":
    sys.exit(main())
