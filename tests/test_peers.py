"""The benchmark with the peers: what takes part, what fails, what is seen of each; without a network but for one."""

import json
import os
import sys
from collections.abc import Callable
from math import inf
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from benchmarks.__main__ import PEER_SCENES, read_arguments
from benchmarks.contest import FIRST, make_scenes
from benchmarks.facts import QUESTIONS, Facts
from benchmarks.laboratory import Laboratory, read_tree
from benchmarks.measures import COPY, Round
from benchmarks.peer_chart import draw_peers
from benchmarks.peers import OURS, PEERS, Peer, write_package
from benchmarks.programs import Programs, install_programs
from benchmarks.results import Shown, dump_results, judge_scene
from benchmarks.scenes import SCENES, Line, Scene
from benchmarks.table import draw_facts, draw_table
from benchmarks.timing import TOOL, Measured, run

_REAL_ENVIRONMENT = dict(os.environ)  # taken before any test changes it: pip needs whoever's settings
HERE = Programs({"": Path(TOOL).parent}, {OURS.name: "0"}, {"apm-cli": "there is no npm"})
FACTS: Facts = {"Your edit": {"claudepack": "kept", "slow": "lost & <gone>"}}
NAMES = ("claudepack", "slow", "broken")
LINES = (*(Line(f"{name}: {FIRST}", COPY, inf) for name in NAMES), Line(f"claudepack: {FIRST}", "", inf))


def _prepare_nothing(_: Path) -> Callable[[Path], Round]:
    raise AssertionError("the rounds are given")


def _show() -> Shown:
    rounds = [
        {
            COPY: Measured(0.1, 0.08, 12),
            f"claudepack: {FIRST}": Measured(0.2, 0.1, 40),
            f"slow: {FIRST}": Measured(seconds, 12, 90),
            f"broken: {FIRST}": Measured(60, 1, 1, "over 60 s" if seconds > 17 else ""),
        }
        for seconds in (16, 17, 18)
    ]
    return judge_scene("peers-2000", Scene("2,000 files", 3, _prepare_nothing, LINES), rounds)


def test_the_table_has_a_row_of_programs_for_each_step() -> None:
    rows = [" ".join(row.split()) for row in draw_table(_show())]

    assert rows == [
        "peers-2000: 2,000 files; 3 rounds; cp -r && sync -f 100 ms",
        "claudepack slow broken",
        "first install, x cp -r && 2.0 x, 200 ms 170 x, 17.0 s over 60 s",
        "sync -f",
        "first install, memory 40 MiB",
        "broken: first install: over 60 s",
    ]
    assert [row.split() for row in draw_facts(FACTS)] == [
        ["claudepack", "slow"],
        ["Your", "edit", "kept", "lost", "&", "<gone>"],
    ]


def test_what_has_no_bound_has_none_in_json() -> None:
    document = json.loads(dump_results([_show()], {"facts": FACTS}))

    ours, _, broken, memory = document["scenes"][0]["lines"]
    assert (ours["times"]["median"], "bound" in ours, memory["peak MiB"]) == (2, False, 40)
    assert broken == {"step": f"broken: {FIRST}", "floor": COPY, "failure": "over 60 s"}
    assert document["peers"]["facts"] == FACTS


def test_the_chart_has_a_bar_for_what_did_not_fail_and_the_facts() -> None:
    root = ET.fromstring(draw_peers([_show()], FACTS, HERE))  # noqa: S314 - we wrote it

    svg = "{http://www.w3.org/2000/svg}"
    bars = {bar.get("class", ""): float(bar.get("width", 0)) for bar in root.iter(f"{svg}rect")}
    texts = [text.text for text in root.iter(f"{svg}text")]
    assert bars.keys() == {"ours", "peer"}
    assert 0 < bars["ours"] < bars["peer"] < 10 * bars["ours"]
    assert {"170 x, 17.0 s", "over 60 s", "lost & <gone>", "apm-cli there is no npm."} <= set(texts)


@pytest.mark.parametrize(
    ("words", "scenes"),
    [([], [*SCENES]), (["--peers"], [*SCENES, *PEER_SCENES]), (["--peers-in", "x", "peers-7"], ["peers-7"])],
)
def test_peers_take_part_where_they_are_asked_for(words: list[str], scenes: list[str]) -> None:
    arguments = read_arguments(words)

    assert (arguments.scenes, arguments.peers) == (scenes, bool(words))


def test_a_scene_of_the_peers_without_them_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["peers-7"])

    assert "peers-7 needs --peers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("pass", ""),
        ("import sys; print('no such pack', file=sys.stderr); sys.exit(3)", "exit 3: no such pack"),
        ("import time; time.sleep(30)", "over 0.5 s"),
    ],
)
def test_what_a_peer_fails_at_is_a_result(code: str, failure: str, tmp_path: Path) -> None:
    assert run([sys.executable, "-c", code], tmp_path, os.environ, limit=0.5).failure == failure


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_is_given_the_same_files(peer: Peer, tmp_path: Path) -> None:
    ours = write_package(tmp_path / "ours", OURS, (2, 3), "1.0.0", {4: "another thing"})
    theirs = write_package(tmp_path / "theirs", peer, (2, 3), "1.0.0", {4: "another thing"})

    skills = read_tree(ours / "skills")
    assert read_tree(theirs / peer.skills) == skills
    assert [4000 < len(data) <= 4096 for data in skills.values()] == [True] * 6


def test_ours_takes_part_alone_where_no_peer_could_be_installed(tmp_path: Path) -> None:
    scene = make_scenes(HERE)["peers-7"]
    seen = scene.prepare(tmp_path / "given")(tmp_path / "round")

    assert {line.step for line in scene.lines} <= seen.keys()
    assert not any(taken.failure for taken in seen.values())


@pytest.fixture
def copying(tmp_path: Path) -> Laboratory:
    """A program that copies, and knows nothing of what it copied before."""
    program = tmp_path / "bin" / "copy"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nrm -rf .claude/skills && mkdir -p .claude && cp -r "$1/skills" .claude/\n')
    program.chmod(0o755)
    words = ("{pack}",)
    peer = Peer("copy", "PyPI", "copy", "skills", {}, ("", ""), install=words, again=words)
    return Laboratory(tmp_path / "tried", peer, Programs({"PyPI": program.parent}, {"copy": "1"}, {}))


@pytest.fixture
def ours(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path / "ours", OURS, HERE)


@pytest.mark.parametrize(
    ("question", "by_ours", "by_copying"),
    [
        ("Files that a no-op writes", "none", "200 of 200"),
        ("Your edit, after a no-op", "kept", "lost"),
        ("Your edit, and a new version of the file", "merged", "lost"),
        ("An uninstall leaves", "nothing", "no command"),
    ],
)
def test_an_experiment_tells_who_keeps_what(
    question: str, by_ours: str, by_copying: str, ours: Laboratory, copying: Laboratory
) -> None:
    ask = QUESTIONS[question]

    assert (ask(ours), ask(copying)) == (by_ours, by_copying)


@pytest.mark.network
def test_a_peer_is_installed_and_measured(tmp_path: Path, *, full: bool) -> None:
    if not full:
        pytest.skip("it is installed from PyPI: pytest --full tests/test_peers.py")
    [peer] = [peer for peer in PEERS if peer.name == "agentbundle"]
    programs = install_programs(tmp_path / "programs", _REAL_ENVIRONMENT, [peer])
    found = programs._replace(versions={**programs.versions, "claudepack": "0"})
    seen = make_scenes(found)["peers-7"].prepare(tmp_path / "given")(tmp_path / "round")

    assert not programs.missing
    assert {name: taken.failure for name, taken in seen.items() if taken.failure} == {}
    assert f"agentbundle: {FIRST}" in seen
