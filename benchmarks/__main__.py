"""`python -m benchmarks`: start-up and runs that change nothing, against `python -c pass`.

Each round runs every command once, so that whatever else the machine does falls on all of them alike;
the medians of the ratios within a round are printed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 41
FLOOR = "python -c pass"


def main() -> int:
    script = Path(sys.executable).with_name("claudepack")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([script, "install", "backend"], cwd=folder, env=environment, check=True, capture_output=True)
        commands: dict[str, tuple[list[str], float]] = {
            FLOOR: ([sys.executable, "-c", "pass"], 1.0),
            "--version": ([str(script), "--version"], 1.25),
            "verify": ([str(script), "verify"], 4.0),
            "no-op sync": ([str(script), "sync"], 4.0),
        }
        ratios = measure({name: words for name, (words, _) in commands.items()}, Path(folder), environment)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, medians of {ROUNDS} paired rounds")
    for name, (_, bound) in commands.items():
        seen = ratios[name]
        quartiles = statistics.quantiles(seen, n=4)
        print(
            f"{name:<15} {statistics.median(seen):5.2f} x  at most {bound:.2f}"
            f"  (quartiles {quartiles[0]:.2f} to {quartiles[2]:.2f})"
        )
    return int(any(statistics.median(ratios[name]) > bound for name, (_, bound) in commands.items()))


def measure(
    commands: dict[str, Sequence[str]] | dict[str, list[str]], folder: Path, environment: dict[str, str]
) -> dict[str, list[float]]:
    """The ratio of each command to the floor, a round each."""
    ratios: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(ROUNDS + 3):
        seconds: dict[str, float] = {}
        for name, words in commands.items():
            start = time.perf_counter()
            subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
            seconds[name] = time.perf_counter() - start
        if number >= 3:  # the first rounds warm the caches
            for name in commands:
                ratios[name].append(seconds[name] / seconds[FLOOR])
    return ratios


if __name__ == "__main__":
    sys.exit(main())
