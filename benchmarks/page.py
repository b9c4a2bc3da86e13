"""The figures as a page of the docs: what the charts show, for who reads rather than looks, with its bounds."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.facts import SUBJECT, Facts
from benchmarks.results import Judged, Shown, describe_machine, group_steps, is_contest
from benchmarks.table import tell_figure


def draw_page(shown: Sequence[Shown], facts: Facts, versions: Mapping[str, str]) -> str:
    """All scenes as Markdown, and what was seen of each program."""
    told = {**describe_machine(), **versions}
    lines = [
        "# Figures",
        "",
        "Written by `python -m benchmarks`; what they mean is in [how fast it is](../explanation/speed.md).",
        f"Taken with {', '.join(f'{name} {value}' for name, value in told.items())}.",
    ]
    for scene in shown:
        floors = dict.fromkeys(judged.line.floor for judged in scene.lines if judged.line.floor)
        times = "; ".join(f"`{floor}` {scene.steps[floor].median:.0f} ms" for floor in floors)
        lines += ["", f"## {scene.about[0].upper()}{scene.about[1:]}", "", f"{scene.rounds} rounds. {times}", ""]
        lines += _draw_contest(scene) if is_contest(scene) else _draw_scene(scene)
    if facts:
        lines += ["", f"## {SUBJECT}", "", *_draw_rows("", list(next(iter(facts.values()))))]
        lines += [_row([question, *answers.values()]) for question, answers in facts.items()]
    return "\n".join(lines).rstrip() + "\n"


def _draw_scene(scene: Shown) -> Iterator[str]:
    yield from _draw_rows("Step", ["Median", "Quartiles", "At most", ""])
    for judged in scene.lines:
        line, value = judged.line, judged.value
        missed = "" if judged.holds else "**missed**"
        if line.floor:
            spread, bound = f"{value.first:.2f} to {value.last:.2f}", f"{line.bound:g} x `{line.floor}`"
            yield _row([line.step, f"{value.median:.2f} x", spread, bound, missed])
        else:
            yield _row([f"{line.step}, memory", f"{value.median:.1f} MiB", "", f"{line.bound:g} MiB", missed])


def _draw_contest(scene: Shown) -> Iterator[str]:
    groups = group_steps(scene)
    yield from _draw_rows("Step", list(next(iter(groups.values()))))
    for (step, floor), lines in groups.items():
        yield _row([f"{step}, x `{floor}`" if floor else f"{step}, memory", *_tell(scene, lines)])


def _tell(scene: Shown, lines: Mapping[str, Judged]) -> list[str]:
    return [tell_figure(judged, scene.steps[judged.line.step]) for judged in lines.values()]


def _draw_rows(label: str, names: Sequence[str]) -> Iterator[str]:
    yield _row([label, *names])
    yield "|---" * (len(names) + 1) + "|"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(0x2223)) for cell in cells)} |"
