"""The table: medians and quartiles, each with its bound and whether it holds.

The bound is for the time of the clock. That of the processor stands beside it, since it is the steadier of the two
where others use the machine.
"""

from collections.abc import Iterator

from benchmarks.results import Judged, Shown


def draw_table(shown: Shown) -> Iterator[str]:
    """A scene as lines: what the floors took themselves, so that ratios can be read as times, then each step."""
    floors = dict.fromkeys(judged.line.floor for judged in shown.lines if judged.line.floor)
    times = [f"{floor} {shown.steps[floor].median:.0f} ms" for floor in floors]
    yield "; ".join([f"{shown.name}: {shown.about}", f"{shown.rounds} rounds", *([", ".join(times)] if times else [])])
    yield from map(_draw, shown.lines)


def _draw(judged: Judged) -> str:
    line, value = judged.line, judged.value
    if line.floor:
        name, taken, bound = line.step, f"{value.median:7.2f} x", f"{line.bound:g} x {line.floor}"
        spread = f"{value.first:.2f} to {value.last:.2f}, of the processor {judged.cpu:.2f}"
    else:
        name, taken, bound, spread = f"{line.step}, memory", f"{value.median:7.1f} MiB", f"{line.bound:g} MiB", ""
    row = f"  {name:<32}{taken:<14}at most {bound:<32}{spread}"
    return row.rstrip() + ("" if judged.holds else "  MISSED")
