"""The scenes with the peers: the same skills, in the same rounds, each by its own program.

What a peer fails at, or takes too long for, it does not go on with in that round: the table says so.
"""

from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path

from benchmarks.measures import COPY, HASH, PASS, VERSIONS, Round, copy_pack, hash_files, make_folder, run_pass
from benchmarks.peers import LIMIT, OURS, PEERS, Peer, fill, make_surroundings, write_package
from benchmarks.programs import Programs
from benchmarks.scenes import Line, Scene
from benchmarks.timing import Measured, run

VERSION, FIRST, AGAIN = "--version", "first install", "no-op"
ONE, ALL = "update of one file", "update of all files"
_FLOORS = {VERSION: PASS, FIRST: COPY, AGAIN: HASH, ONE: HASH, ALL: COPY}
_TOPICS: Mapping[str, str | dict[int, str]] = {AGAIN: "one thing", ONE: {3: "another thing"}, ALL: "many things"}
_SMALL, _LARGE = (1, 7), (200, 10)  # skills, and the files of each


def make_scenes(programs: Programs) -> dict[str, Scene]:
    """The scenes, with those that could be installed."""
    peers = [peer for peer in (OURS, *PEERS) if peer.name in programs.versions]
    small, large = (VERSION, FIRST, AGAIN, ONE), (FIRST, AGAIN, ONE, ALL)
    return {
        "peers-7": Scene(
            "claudepack and its peers: a skill of 7 files, in a directory",
            15,
            lambda base: _prepare(base, programs, peers, _SMALL, small),
            tuple(Line(name_step(peer, step), PASS, inf) for step in small for peer in peers),
        ),
        "peers-2000": Scene(
            "claudepack and its peers: 200 skills of 10 files of 4 KB, in a directory",
            5,
            lambda base: _prepare(base, programs, peers, _LARGE, large),
            (
                *(Line(name_step(peer, step), _FLOORS[step], inf) for step in large for peer in peers),
                *(Line(name_step(peer, FIRST), "", inf) for peer in peers),
            ),
        ),
    }


def name_step(peer: Peer, step: str) -> str:
    """A step of a round, as whose it is."""
    return f"{peer.name}: {step}"


def split_name(name: str) -> tuple[str, str]:
    """Whose a step is, and which."""
    whose, _, step = name.partition(": ")
    return whose, step


def _prepare(
    base: Path, programs: Programs, peers: Sequence[Peer], size: tuple[int, int], steps: Sequence[str]
) -> Callable[[Path], Round]:
    for peer in peers:
        for (step, topic), version in zip(_TOPICS.items(), VERSIONS, strict=True):
            write_package(base / peer.name / step, peer, size, version, topic)
        (base / peer.name / "home").mkdir()
    copied = base / OURS.name / AGAIN / OURS.skills

    def measure(folder: Path) -> Round:
        make_folder(folder)
        environment = make_surroundings(folder, programs.folders[""])
        run_pass(folder, environment)  # whoever comes after others finds caches that are theirs, so none counts at once
        seen = {**run_pass(folder, environment), **copy_pack(copied, folder, environment)}
        for peer in peers:
            seen |= _take_turn(peer, base / peer.name, folder / peer.name, programs, steps)
        return seen | hash_files(folder / OURS.name / "project", environment)

    return measure


def _take_turn(peer: Peer, given: Path, folder: Path, programs: Programs, steps: Sequence[str]) -> dict[str, Measured]:
    """One peer's steps in a new project. A package lies beside that while it is the newest."""
    project = make_folder(folder / "project")
    environment = make_surroundings(given / "home", programs.folders[peer.registry])
    program = str(programs.folders[peer.registry] / peer.program)
    seen: dict[str, Measured] = {}
    failed: Measured | None = None
    run([program, "--version"], project, environment, _limit(peer))  # warms its caches, and is not told of
    for step in steps:
        newest = given / (step if step in _TOPICS else AGAIN)
        words = {VERSION: ("--version",), FIRST: peer.install}.get(step, peer.again)
        newest.rename(folder / "pack")
        taken = failed or run([program, *fill(words, folder / "pack")], project, environment, _limit(peer))
        (folder / "pack").rename(newest)
        if step != VERSION and not taken.failure and not _is_installed(newest / peer.skills, project):
            taken = taken._replace(failure="ends as if it had done it, and has not")
        failed = taken if taken.failure else None
        seen[name_step(peer, step)] = taken
    return seen


def _limit(peer: Peer) -> float | None:
    return LIMIT if peer.registry else None  # what ours fails at ends the run


def _is_installed(skills: Path, project: Path) -> bool:
    """Whether all texts have arrived; of a SKILL.md a peer may write the header anew."""
    for path in skills.rglob("*.md"):
        target = project / ".claude" / "skills" / path.relative_to(skills)
        if not target.is_file() or (path.name != "SKILL.md" and target.read_bytes() != path.read_bytes()):
            return False
    return True
