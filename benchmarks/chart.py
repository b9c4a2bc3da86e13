"""The chart: a bar for each line of the table, as a part of what it may take; readable on light and on dark."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from benchmarks.results import Judged, Shown, describe_machine

_WIDTH, _ROW, _HEAD = 930, 22, 34
_LEFT, _SCALE = 250, 330  # where the bars begin, and how long one is that takes all that it may
_MOST = 1.25  # of the bound: what takes more is cut off
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f } .head { font-weight: 600 } .note { fill: #656d76 }
.bar { fill: #2f81a8 } .over { fill: #c2410c } .spread { stroke: #24292f; stroke-width: 1.5 }
.bound { stroke: #656d76; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .note { fill: #9198a1 } .bar { fill: #58a6c9 } .over { fill: #f0883e }
.spread { stroke: #e6edf3 } .bound { stroke: #9198a1 } }
"""


def draw_chart(shown: Sequence[Shown]) -> str:
    """All scenes as one SVG."""
    body: list[str] = []
    top = 10
    for scene in shown:
        body.append(draw_text(10, top + 20, scene.about, "head"))
        top += _HEAD
        for judged in scene.lines:
            body += _draw_line(judged, top)
            top += _ROW
        top += 6
    bound = _LEFT + _SCALE
    rule = f'<line class="bound" x1="{bound}" y1="10" x2="{bound}" y2="{top}"/>'
    machine = ", ".join(f"{name} {value}" for name, value in describe_machine().items())
    body.append(draw_text(10, top + 18, "Medians, with quartiles; the dashed line is what each may take.", "note"))
    body.append(draw_text(10, top + 36, machine, "note"))
    size = f'width="{_WIDTH}" height="{top + 46}" viewBox="0 0 {_WIDTH} {top + 46}"'
    title = "<title>What claudepack takes, as a part of what it may</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{title}<style>{_STYLE}</style>'
    return "\n".join([head, rule, *body, "</svg>\n"])


def _draw_line(judged: Judged, top: int) -> Iterator[str]:
    line, value = judged.line, judged.value
    first, median, last = (_LEFT + _SCALE * min(part / line.bound, _MOST) for part in value)
    middle = top + _ROW / 2
    told = f"{value.median:.2f} x {line.floor}" if line.floor else f"{value.median:.0f} MiB"
    limit = f"of {line.bound:g}"
    yield draw_text(22, middle + 4, line.step if line.floor else f"{line.step}, memory", "")
    kind = "bar" if judged.holds else "over"
    yield f'<rect class="{kind}" x="{_LEFT}" y="{top + 4}" width="{median - _LEFT:.1f}" height="{_ROW - 8}" rx="2"/>'
    if last > first:
        yield f'<line class="spread" x1="{first:.1f}" y1="{middle}" x2="{last:.1f}" y2="{middle}"/>'
    yield draw_text(_LEFT + int(_SCALE * _MOST) + 12, middle + 4, f"{told}, {limit}", "note")


def draw_text(left: int, top: float, text: str, kind: str) -> str:
    """A line of text of a kind that the style knows."""
    return f'<text class="{kind}" x="{left}" y="{top:g}">{escape(text)}</text>'
