"""`python -m benchmarks [SCENE…]`: whole processes against a floor, in paired rounds; exit 1 if a bound is missed.

Each round runs the floor and every command once, so that whatever else the machine does falls on all of them alike:
the ratio is formed within a round, and the median over all rounds is what the bound is for.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measures import Round
from benchmarks.scenes import SCENES, Scene

TYPE_CHECKING = False
if TYPE_CHECKING:
    from benchmarks.facts import Facts
    from benchmarks.programs import Programs
    from benchmarks.results import Shown

FACTS = "peers-facts"
PEER_SCENES = ("peers-7", "peers-2000", FACTS)


def main() -> int:
    arguments = read_arguments(sys.argv[1:])
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {tempfile.gettempdir()}; medians, and quartiles")
    with tempfile.TemporaryDirectory(prefix="claudepack-benchmark-") as place:
        folder = Path(place)
        programs, scenes = None, SCENES
        if arguments.peers:
            programs, contest = _invite(arguments.peers_in or folder / "programs")
            scenes = SCENES | contest
        shown = [
            _show(name, scenes[name], folder / name, arguments.rounds) for name in arguments.scenes if name != FACTS
        ]
        facts = _observe(folder / FACTS, programs) if programs and FACTS in arguments.scenes else {}
        if arguments.out:
            _write(arguments.out, shown, programs, facts)
    return 0 if all(judged.holds for scene in shown for judged in scene.lines) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """What is to be measured: without a word all that needs no network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split(":")[1].strip())
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join([*SCENES, *PEER_SCENES]))
    parser.add_argument("--rounds", type=int, default=0, help="instead of as many as each scene is worth")
    parser.add_argument(
        "--peers", action="store_true", help="install the peers from PyPI and npm, and measure them in the same rounds"
    )
    parser.add_argument(
        "--peers-in", type=Path, metavar="DIR", help="where they are installed, and stay; else they go with the data"
    )
    parser.add_argument(
        "--out", type=Path, help="a directory for results.json, figures.md, and their charts: results.svg, peers.svg"
    )
    arguments = parser.parse_args(words)
    arguments.peers = arguments.peers or arguments.peers_in is not None
    known = [*SCENES, *(PEER_SCENES if arguments.peers else ())]
    arguments.scenes = arguments.scenes or known
    for name in arguments.scenes:
        if name not in known:
            parser.error(f"{name} needs --peers" if name in PEER_SCENES else f"{name} is none of {', '.join(known)}")
    return arguments


def _invite(folder: Path) -> "tuple[Programs, dict[str, Scene]]":
    from benchmarks.contest import make_scenes
    from benchmarks.programs import install_programs

    programs = install_programs(folder.resolve())
    print("; ".join(f"{name} {version}" for name, version in programs.versions.items()), flush=True)
    for name, reason in programs.missing.items():
        print(f"{name}: {reason}", flush=True)
    return programs, make_scenes(programs)


def _observe(folder: Path, programs: "Programs") -> "Facts":
    from benchmarks.facts import SUBJECT, observe
    from benchmarks.table import draw_facts

    facts = observe(folder, programs)
    print("\n".join([f"{FACTS}: {SUBJECT}", *draw_facts(facts)]), flush=True)
    return facts


def _show(name: str, scene: Scene, folder: Path, rounds: int) -> "Shown":
    seen = _measure(scene, folder, rounds or scene.rounds)
    from benchmarks.results import judge_scene  # a process counts at least the memory of the one that began it
    from benchmarks.table import draw_table

    shown = judge_scene(name, scene, seen)
    print("\n".join(draw_table(shown)), flush=True)
    return shown


def _write(folder: Path, shown: "list[Shown]", programs: "Programs | None", facts: "Facts") -> None:
    from benchmarks.chart import draw_chart
    from benchmarks.page import draw_page
    from benchmarks.peer_chart import draw_peers
    from benchmarks.results import dump_results, is_contest

    folder.mkdir(parents=True, exist_ok=True)
    peers = {**programs._asdict(), "facts": facts} if programs else {}
    peers.pop("folders", None)
    (folder / "results.json").write_text(dump_results(shown, peers), encoding="utf-8")
    versions = {**programs.versions, **programs.missing} if programs else {}
    (folder / "figures.md").write_text(draw_page(shown, facts, versions), encoding="utf-8")
    alone = [scene for scene in shown if not is_contest(scene)]
    if alone:
        (folder / "results.svg").write_text(draw_chart(alone), encoding="utf-8")
    if programs:
        chart = draw_peers([scene for scene in shown if is_contest(scene)], facts, programs)
        (folder / "peers.svg").write_text(chart, encoding="utf-8")


def _measure(scene: Scene, folder: Path, rounds: int) -> list[Round]:
    measure = scene.prepare(folder / "given")
    if rounds > 1:
        measure(folder / "warm")  # fills the caches, and writes bytecode
    return [measure(folder / f"round-{number}") for number in range(rounds)]


if __name__ == "__main__":
    sys.exit(main())
