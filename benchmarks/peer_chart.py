"""The chart of the peers: for each step a bar a program, on a logarithmic scale, and what was seen of each."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log10
from textwrap import wrap

from benchmarks.chart import draw_text
from benchmarks.facts import SUBJECT, Facts
from benchmarks.peers import OURS
from benchmarks.programs import Programs
from benchmarks.results import Judged, Shown, Spread, describe_machine, group_steps
from benchmarks.table import tell_figure

_WIDTH, _ROW, _HEAD = 1000, 19, 30
_PANEL, _LEFT, _SCALE = 490, 96, 250  # a panel is half of the width; where its bars begin, and how long they may be
_LABEL, _COLUMN, _LINE = 200, 158, 15  # of the table
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f } .head { font-weight: 600 } .note { fill: #656d76 }
.ours { fill: #2f81a8 } .peer { fill: #a8b1bb } .spread { stroke: #24292f; stroke-width: 1.5 }
.rule { stroke: #d0d7de } .tick { font-size: 10px; fill: #656d76 } .own { font-weight: 600; fill: #1f6a8f }
.cell { font-size: 11.5px }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note { fill: #9198a1 } .ours { fill: #58a6c9 } .peer { fill: #545d68 }
.spread { stroke: #e6edf3 } .rule { stroke: #3d444d } .tick { fill: #9198a1 } .own { fill: #79c0e0 } }
"""


def draw_peers(shown: Sequence[Shown], facts: Facts, programs: Programs) -> str:
    """All scenes of the peers as one SVG, and the facts below."""
    body: list[str] = []
    top = 12
    for scene in shown:
        drawn, top = _draw_scene(scene, top)
        body += drawn
    if facts:
        body.append(draw_text(10, top + 14, SUBJECT, "head"))
        top += 24
        names = {name: name for name in next(iter(facts.values()))}
        for question, answers in {"": names, **facts}.items():
            drawn, top = _draw_answers(question, answers, top)
            body += drawn
    top += 6
    for line in _list_notes(programs):
        top += 16
        body.append(draw_text(10, top, line, "note"))
    top += 14
    size = f'width="{_WIDTH}" height="{top}" viewBox="0 0 {_WIDTH} {top}"'
    title = "<title>claudepack and its peers: how long each takes, and what each leaves undone</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{title}<style>{_STYLE}</style>'
    return "\n".join([head, *body, "</svg>\n"])


def _list_notes(programs: Programs) -> list[str]:
    machine = {name: value for name, value in describe_machine().items() if name != OURS.name}
    told = ", ".join(f"{name} {value}" for name, value in {**programs.versions, **machine}.items())
    missing = [f"{name} {reason}." for name, reason in programs.missing.items()]
    return [line for note in (f"Medians, with quartiles. {told}.", *missing) for line in wrap(note, 150)]


def _draw_scene(scene: Shown, top: int) -> tuple[list[str], int]:
    """The steps of a scene, two in a row, and where the next scene begins."""
    floors = dict.fromkeys(judged.line.floor for judged in scene.lines if judged.line.floor)
    times = ", ".join(f"{floor} takes {scene.steps[floor].median:.0f} ms" for floor in floors)
    body = [
        draw_text(10, top + 14, scene.about, "head"),
        draw_text(10, top + 30, f"Times the floor, on a logarithmic scale: {times}.", "note"),
    ]
    top += 42
    most = max(judged.value.last for judged in scene.lines if judged.line.floor)
    decades = max(ceil(log10(max(most, 1))), 1)  # all steps of a scene have one scale
    panels = [(step, floor, lines) for (step, floor), lines in group_steps(scene).items() if floor]
    for number, (step, floor, lines) in enumerate(panels):
        place = (number % 2 * (_WIDTH - _PANEL), top)
        body += _draw_panel(f"{step}, x {floor}", lines, scene.steps, place, decades)
        if number % 2 or number == len(panels) - 1:
            top += _HEAD + len(lines) * _ROW + 14
    return body, top + 8


def _draw_panel(
    title: str, lines: Mapping[str, Judged], steps: Mapping[str, Spread], place: tuple[int, int], decades: int
) -> Iterator[str]:
    """A step: a bar for each program, but for one that failed."""
    left, top = place
    yield draw_text(left + 10, top + 12, title, "")
    below = top + _HEAD + len(lines) * _ROW
    for decade in range(decades + 1):
        x = left + _LEFT + _SCALE * decade / decades
        yield f'<line class="rule" x1="{x:g}" y1="{top + _HEAD - 4}" x2="{x:g}" y2="{below}"/>'
        yield f'<text class="tick" text-anchor="middle" x="{x:g}" y="{top + _HEAD - 6}">{10**decade:,}</text>'
    for number, (whose, judged) in enumerate(lines.items()):
        y = top + _HEAD + number * _ROW
        yield draw_text(left + 10, y + 14, whose, "own" if whose == OURS.name else "")
        first, median, last = (left + _LEFT + _SCALE * log10(max(part, 1.02)) / decades for part in judged.value)
        if not judged.failure:
            kind = "ours" if whose == OURS.name else "peer"
            where = f'x="{left + _LEFT}" y="{y + 3}" width="{median - left - _LEFT:.1f}" height="{_ROW - 6}"'
            yield f'<rect class="{kind}" {where} rx="2"/>'
            yield f'<line class="spread" x1="{first:.1f}" y1="{y + 9.5}" x2="{last:.1f}" y2="{y + 9.5}"/>'
        told = tell_figure(judged, steps[judged.line.step])
        yield draw_text(left + _LEFT + _SCALE + 10, y + 14, told, "own" if whose == OURS.name else "note")


def _draw_answers(question: str, answers: Mapping[str, str], top: int) -> tuple[list[str], int]:
    """A row of the table, and where the next one begins."""
    cells = [(10, wrap(question, 33), "note")]
    for number, (whose, answer) in enumerate(answers.items()):
        cells.append((_LABEL + 10 + number * _COLUMN, wrap(answer, 25), "own" if whose == OURS.name else "cell"))
    below = top + max(len(lines) for _, lines, _ in cells) * _LINE + 7
    rule = f'<line class="rule" x1="10" y1="{below}" x2="{_WIDTH - 10}" y2="{below}"/>'
    texts = [
        draw_text(left, top + 16 + number * _LINE, line, kind)
        for left, lines, kind in cells
        for number, line in enumerate(lines)
    ]
    return [rule, *texts], below
