"""The table: medians and quartiles, each with its bound and whether it holds.

The bound is for the time of the clock. That of the processor stands beside it, since it is the steadier of the two
where others use the machine. What is measured beside other programs has no bound, and stands in a row with theirs.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from benchmarks.facts import Facts
from benchmarks.results import Judged, Shown, Spread, group_steps, is_contest

_LABEL, _COLUMN = 27, 20


def draw_table(shown: Shown) -> Iterator[str]:
    """A scene as lines: what the floors took themselves, so that ratios can be read as times, then each step."""
    floors = dict.fromkeys(judged.line.floor for judged in shown.lines if judged.line.floor)
    times = [f"{floor} {shown.steps[floor].median:.0f} ms" for floor in floors]
    yield "; ".join([f"{shown.name}: {shown.about}", f"{shown.rounds} rounds", *([", ".join(times)] if times else [])])
    yield from _draw_contest(shown) if is_contest(shown) else map(_draw, shown.lines)


def draw_facts(facts: Facts) -> Iterator[str]:
    """What was seen of each program, a question a row."""
    yield from _draw_row("", list(next(iter(facts.values()))))
    for question, answers in facts.items():
        yield from _draw_row(question, list(answers.values()))


def _draw(judged: Judged) -> str:
    line, value = judged.line, judged.value
    if line.floor:
        name, taken, bound = line.step, f"{value.median:7.2f} x", f"{line.bound:g} x {line.floor}"
        spread = f"{value.first:.2f} to {value.last:.2f}, of the processor {judged.cpu:.2f}"
    else:
        name, taken, bound, spread = f"{line.step}, memory", f"{value.median:7.1f} MiB", f"{line.bound:g} MiB", ""
    row = f"  {name:<32}{taken:<14}at most {bound:<32}{spread}"
    return row.rstrip() + ("" if judged.holds else "  MISSED")


def _draw_contest(shown: Shown) -> Iterator[str]:
    groups = group_steps(shown)
    yield from _draw_row("", list(next(iter(groups.values()))))
    for (step, floor), lines in groups.items():
        label = f"{step}, x {floor}" if floor else f"{step}, memory"
        yield from _draw_row(label, [tell_figure(judged, shown.steps[judged.line.step]) for judged in lines.values()])
    for judged in shown.lines:
        if judged.failure:
            yield f"  {judged.line.step}: {judged.failure}"


def tell_figure(judged: Judged, taken: Spread) -> str:
    """How often the floor, and what that is in time; or how much memory."""
    if judged.failure:
        return judged.failure.partition(":")[0]
    if not judged.line.floor:
        return f"{judged.value.median:.0f} MiB"
    seconds = taken.median / 1000
    time = f"{seconds:.1f} s" if seconds >= 1 else f"{taken.median:.0f} ms"
    return f"{judged.value.median:.{1 if judged.value.median < 100 else 0}f} x, {time}"


def _draw_row(label: str, cells: Sequence[str]) -> Iterator[str]:
    wrapped = [wrap(label, _LABEL - 2), *(wrap(cell, _COLUMN - 2) for cell in cells)]
    for number in range(max(map(len, wrapped))):
        first, *others = (lines[number] if number < len(lines) else "" for lines in wrapped)
        yield f"  {first:<{_LABEL}}{''.join(f'{part:<{_COLUMN}}' for part in others)}".rstrip()
