"""What is to be had is asked once a run, and every pack of every project is judged by it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claudepack.commands.options import Mode, Opened, reopen
from claudepack.fleet.offers import Offer, Place, Standing, ask_places, find_place, judge_pack
from claudepack.fleet.reading import PackReading
from claudepack.project.location import find_project
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.manifest import EMPTY
from claudepack.project.state import Seen
from claudepack.source.pip import Index
from claudepack.source.requirement import Repository
from conftest import Tool
from indexes import serve_index, serve_pages
from repositories import commit_all, git
from trees import write_pack, write_wheel

HERE = Place("here", "x")
TAGS, BRANCH = Place("tags", "x", repository=Repository("u")), Place("branch", "x", repository=Repository("u", "main"))


@pytest.mark.parametrize(
    ("pack", "offer", "standing"),
    [
        (PackReading("x", "1.0"), Offer(fault="never asked"), Standing("1.0", "1.0", 0)),
        (PackReading("x", "", place=HERE), Offer(("2.0",)), Standing("", "", 0)),
        (PackReading("x", "1.0", place=HERE), Offer(("1.0",)), Standing("1.0", "1.0", 0)),
        (PackReading("x", "1.0", place=HERE), Offer(("1.2", "1.1", "1.0")), Standing("1.2", "1.2", 2)),
        (
            PackReading("x", "1.0", "<2", place=HERE),
            Offer(("2.0", "1.1", "1.0")),
            Standing("1.1", "2.0", 2, why="the manifest wants <2"),
        ),
        (PackReading("x", "1.0", place=HERE), Offer(("1.1rc1", "1.0")), Standing("1.0", "1.0", 0)),
        (PackReading("x", "1.1rc1", place=HERE), Offer(("1.1rc2", "1.1rc1")), Standing("1.1rc2", "1.1rc2", 1)),
        (
            PackReading("x", "1.1", place=HERE),
            Offer(("1.2", "1.0"), {"1.1": "yanked"}),
            Standing("1.2", "1.2", 1, is_yanked=True, why="yanked"),
        ),
        (
            PackReading("x", "1.1", place=HERE),
            Offer((), {"1.1": "gone"}),
            Standing("1.1", "1.1", 0, is_yanked=True, why="gone"),
        ),
        (PackReading("x", "1.0", place=HERE), Offer(fault="down"), Standing("1.0", "1.0", None, why="down")),
        (PackReading("x", "1", place=TAGS, ref="v1.0"), Offer(("v0.9", "v1.0", "odd")), Standing("v1.0", "v1.0", 0)),
        (
            PackReading("x", "1", place=TAGS, ref="v1.0"),
            Offer(("v1.0", "v1.1", "v2.0", "v3.0rc1")),
            Standing("v1.0", "v2.0", 2, why="the manifest names the tag v1.0"),
        ),
        (PackReading("x", "1", place=BRANCH, pin="a" * 40), Offer(("a" * 40,)), Standing("a" * 12, "a" * 12, 0)),
        (
            PackReading("x", "1", place=BRANCH, pin="a" * 40),
            Offer(("b" * 40,)),
            Standing("b" * 12, "b" * 12, 1, why="its branch has moved"),
        ),
    ],
)
def test_a_pack_is_judged_by_what_its_place_has(pack: PackReading, offer: Offer, standing: Standing) -> None:
    assert judge_pack(pack, {pack.place: offer} if pack.place else {}) == standing


Ask = Callable[[list[PackReading]], dict[Place, Offer]]


@pytest.fixture
def ask() -> Ask:
    def run(packs: list[PackReading]) -> dict[Place, Offer]:
        with ThreadPoolExecutor(4) as executor:
            return ask_places(packs, executor, offline=False)

    return run


def test_an_index_is_asked_once_for_all_who_have_a_pack_from_it(tmp_path: Path, ask: Ask) -> None:
    for version in ("1.0", "1.1", "2.0rc1"):
        write_wheel(tmp_path / "w", "corp", version)
    with serve_index(tmp_path / "w") as url:
        packs = [
            PackReading("corp", version, place=Place("index", "corp", Index(url)))
            for version in ("1.0", "1.1", "0.9") * 100
        ]
        offers = ask(packs)

    [offer] = offers.values()
    assert offer == Offer(("2.0rc1", "1.1", "1.0"), {"0.9": "0.9 is no longer there"})


def test_a_yanked_version_is_told_from_one_that_is_gone(tmp_path: Path, ask: Ask) -> None:
    wheel = write_wheel(tmp_path / "w", "corp", "1.0")
    page = f'<!DOCTYPE html><a href="/{wheel.name}" data-yanked="bad">{wheel.name}</a>'
    pages = {"": (200, "application/octet-stream", wheel.read_bytes())}
    pages["/simple/claudepack-corp/"] = (200, "text/html", page.encode())
    with serve_pages(pages) as url:
        [offer] = ask([PackReading("corp", "1.0", place=Place("index", "corp", Index(url)))]).values()

    assert offer == Offer((), {"1.0": "1.0 was yanked by its author"})


def test_who_does_not_answer_is_a_fault_of_that_place_alone(tmp_path: Path, ask: Ask) -> None:
    repository = write_pack(tmp_path / "r")
    commit_all(repository, tag="v1.0")
    git(repository, "tag", "v1.1")
    there, gone = repository.as_uri(), (tmp_path / "gone").as_uri()
    tags, lost = (Place("tags", "mine", repository=Repository(url)) for url in (there, gone))
    beside = Place("index", "mine", Index(folder="../wheels"))

    offers = ask([PackReading("mine", "1", place=place) for place in (tags, lost, beside)])

    assert offers[tags] == Offer(("v1.0", "v1.1"))
    assert "gone" in offers[lost].fault
    assert "../wheels" in offers[beside].fault


def test_offline_nobody_is_asked() -> None:
    with ThreadPoolExecutor(1) as executor:
        offers = ask_places([PackReading("x", "1.0", place=HERE)], executor, offline=True)

    assert offers == {HERE: Offer(fault="offline, nobody can tell what is new")}


def _open(root: Path) -> Opened:
    project = find_project(str(root), user=False)
    return reopen(Opened(project, EMPTY, EMPTY_LOCK, has_manifest=False, lock_bytes=None, seen=Seen()))


def test_the_place_of_a_pack_is_the_same_for_all_projects_that_have_it_from_there(tool: Tool, tmp_path: Path) -> None:
    packed = write_pack(tmp_path / "mine")
    commit = commit_all(packed, tag="v1.0")
    git(packed, "branch", "next")
    write_wheel(tmp_path / "w", "corp", "1.0")
    url = f"git+{packed.as_uri()}"
    with serve_index(tmp_path / "w") as index:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            done = tool("install", "corp", "--index-url", index, "-C", tmp_path / name)
            assert done.exit == 0, done.err
        places = [find_place(_open(tmp_path / name), Mode(), "corp") for name in ("one", "two")]
    assert places[0] == places[1]
    assert places[0] is not None
    assert places[0].kind == "index"

    expected = {
        f"{url}@v1.0": Place("tags", "mine", repository=Repository(packed.as_uri())),
        f"{url}@next": Place("branch", "mine", repository=Repository(packed.as_uri(), "next", "", "branch")),
        f"{url}@{commit}": None,
        str(packed): None,
    }
    for number, (word, place) in enumerate(expected.items()):
        root = tmp_path / f"p{number}"
        root.mkdir()
        assert tool("install", word, "-C", root).exit == 0
        assert find_place(_open(root), Mode(), "mine") == place
