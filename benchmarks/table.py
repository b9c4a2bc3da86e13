"""The table: medians and quartiles, each with its bound and whether it holds.

The bound is for the time of the clock. That of the processor stands beside it, since it is the steadier of the two
where others use the machine.
"""

import statistics
from collections.abc import Iterable, Sequence

from benchmarks.scenes import Line, Round

_TICK = 0.001


def judge(line: Line, rounds: Sequence[Round]) -> tuple[str, bool]:
    """A line of the table, and whether its bound holds."""
    if not line.floor:
        peak = max(measured[line.step].peak for measured in rounds)
        return _draw(f"{line.step}, memory", f"{peak:7.1f} MiB", f"{line.bound:g} MiB", "", peak <= line.bound)
    seen = [measured[line.step].seconds / measured[line.floor].seconds for measured in rounds]
    median = statistics.median(seen)
    first, _, last = statistics.quantiles(seen, n=4) if len(seen) > 1 else (median, median, median)
    cpu = statistics.median(measured[line.step].cpu / max(measured[line.floor].cpu, _TICK) for measured in rounds)
    spread = f"{first:.2f} to {last:.2f}, of the processor {cpu:.2f}"
    return _draw(line.step, f"{median:7.2f} x", f"{line.bound:g} x {line.floor}", spread, median <= line.bound)


def describe_floors(lines: Iterable[Line], rounds: Sequence[Round]) -> str:
    """What the floors themselves took, so that ratios can be read as times."""
    floors = dict.fromkeys(line.floor for line in lines if line.floor)
    times = {floor: statistics.median(measured[floor].seconds for measured in rounds) * 1000 for floor in floors}
    return ", ".join(f"{floor} {time:.0f} ms" for floor, time in times.items())


def _draw(name: str, value: str, bound: str, spread: str, holds: bool) -> tuple[str, bool]:  # noqa: FBT001 - handed on
    row = f"  {name:<32}{value:<14}at most {bound:<32}{spread}"
    return row.rstrip() + ("" if holds else "  MISSED"), holds
