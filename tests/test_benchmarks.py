"""What the benchmark tells of its rounds: medians and quartiles, what is past its bound, and a chart of it."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from benchmarks.chart import draw_chart
from benchmarks.measures import COPY
from benchmarks.page import draw_page
from benchmarks.results import Shown, dump_results, judge_scene
from benchmarks.scenes import Line, Scene
from benchmarks.table import draw_table
from benchmarks.timing import Measured


def _measure_nothing(_: Path) -> object:
    raise AssertionError("the rounds are given")


LINES = (Line("install", COPY, 2.5), Line("all <new>", COPY, 5), Line("install", "", 45))
SCENE = Scene("2,000 files & more", 5, _measure_nothing, LINES)  # type: ignore[arg-type]  # nothing is measured here
FAST, SLOW = Measured(0.1, 0.08, 12), Measured(0.6, 0.4, 41)
ROUNDS = [
    {COPY: FAST, "install": Measured(0.1 * times, 0.16, 40 + times), "all <new>": SLOW} for times in (1, 2, 3, 2, 2)
]


def _show() -> Shown:
    return judge_scene("installed", SCENE, ROUNDS)


def test_a_line_is_the_median_of_ratios_within_a_round() -> None:
    install, every, memory = _show().lines

    assert [round(part, 2) for part in install.value] == [2, 2, 2]
    assert (round(install.cpu, 2), install.holds) == (2, True)
    assert (round(every.value.median, 2), every.holds) == (6, False)
    assert (memory.value.median, memory.holds) == (43, True)


def test_the_table_tells_what_is_past_its_bound() -> None:
    head, *rows = draw_table(_show())

    assert head == f"installed: 2,000 files & more; 5 rounds; {COPY} 100 ms"
    assert [row.endswith("MISSED") for row in rows] == [False, True, False]


def test_the_figures_are_json_that_names_the_machine() -> None:
    document = json.loads(dump_results([_show()]))

    assert set(document["machine"]) == {"claudepack", "python", "system", "processor", "file system"}
    [scene] = document["scenes"]
    assert scene["milliseconds"]["install"] == {"first": 200, "median": 200, "last": 200}
    assert [row["holds"] for row in scene["lines"]] == [True, False, True]


def test_the_chart_is_an_svg_with_a_bar_for_each_line() -> None:
    root = ET.fromstring(draw_chart([_show()]))  # noqa: S314 - we wrote it

    svg = "{http://www.w3.org/2000/svg}"
    assert [bar.get("class") for bar in root.iter(f"{svg}rect")] == ["bar", "over", "bar"]
    assert "all <new>" in [text.text for text in root.iter(f"{svg}text")]


def test_the_page_has_a_row_for_each_line_with_its_bound() -> None:
    page = draw_page([_show()], {"Your edit": {"claudepack": "kept", "other": "a | b"}}, {"node": "24"})

    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert "## 2,000 files & more" in page
    assert "node 24" in page
    assert rows == [
        "| Step | Median | Quartiles | At most |  |",
        f"| install | 2.00 x | 2.00 to 2.00 | 2.5 x `{COPY}` |  |",
        f"| all <new> | 6.00 x | 6.00 to 6.00 | 5 x `{COPY}` | **missed** |",
        "| install, memory | 43.0 MiB |  | 45 MiB |  |",
        "|  | claudepack | other |",
        "| Your edit | kept | a \u2223 b |",
    ]
