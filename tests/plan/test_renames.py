"""A file that a pack renamed is known again, by the name of its agent or by its bytes, and takes along what it has."""

from collections.abc import Mapping

import pytest

from claudepack.plan.choices import Choices
from claudepack.plan.project import Plan, make_plan
from claudepack.plan.renames import find_renames
from claudepack.plan.spots import Place
from claudepack.plan.wanted import Wanted, want_pack
from claudepack.project.lock import EMPTY as NO_LOCK
from claudepack.project.lock import Lock
from claudepack.project.manifest import EMPTY, Entry
from counting import ComparedText
from disk_in_memory import Files, carry_out, look_at
from packs_in_memory import make_test_pack

BODY = b"one\ntwo\nthree\n"


def _agent(name: str, body: bytes = BODY) -> bytes:
    return b'---\nname: %b\ndescription: "d"\n---\n' % name.encode() + body


def _want(files: Files) -> Wanted:
    return want_pack(make_test_pack(files, name="x"), Entry(""), EMPTY, ".claude/", {})


def _plan(new: Files, lock: Lock, disk: Files, choices: Choices = Choices(), bases: tuple[bytes, ...] = ()) -> Plan:  # noqa: B008 - it is frozen
    return make_plan({"x": _want(new)}, lock, Place("", "CLAUDE.md"), ".claude/", look_at(disk, bases=bases), choices)


def _live(files: Mapping[str, bytes]) -> Files:
    return {f".claude/{path}": data for path, data in files.items()}


A, B = _agent("a"), _agent("b")
RENAMES: dict[str, tuple[Files, Files, dict[str, str]]] = {
    "an agent, by its name": (
        {"agents/a.md": A},
        {"agents/n.md": _agent("a", b"new\n")},
        {"agents/n.md": "agents/a.md"},
    ),
    "into a folder": ({"agents/a.md": A}, {"agents/team/a.md": A}, {"agents/team/a.md": "agents/a.md"}),
    "two agents that change places with others": (
        {"agents/1.md": A, "agents/2.md": B},
        {"agents/3.md": B, "agents/4.md": A},
        {"agents/3.md": "agents/2.md", "agents/4.md": "agents/1.md"},
    ),
    "two agents that swap their files are no rename": (
        {"agents/1.md": A, "agents/2.md": B},
        {"agents/1.md": B, "agents/2.md": A},
        {},
    ),
    "an agent with another name is another": ({"agents/a.md": A}, {"agents/b.md": _agent("b", b"new\n")}, {}),
    "an agent with another name and the same file": ({"agents/a.md": A}, {"agents/a.md": B}, {}),
    "a prompt, by its bytes": (
        {"prompts/p/a.md": BODY},
        {"prompts/q/b.md": BODY},
        {"prompts/q/b.md": "prompts/p/a.md"},
    ),
    "a prompt with other bytes": ({"prompts/p/a.md": BODY}, {"prompts/q/b.md": b"new\n"}, {}),
    "an agent that cannot be read, by its bytes": (
        {"agents/a.md": b"---\nname: [\n---\n"},
        {"agents/b.md": b"---\nname: [\n---\n"},
        {"agents/b.md": "agents/a.md"},
    ),
    "the same bytes as another kind": ({"prompts/p/a.md": BODY}, {"rules/a.md": BODY}, {}),
    "two that it could have been": ({"prompts/p/a.md": BODY, "prompts/p/b.md": BODY}, {"prompts/p/c.md": BODY}, {}),
    "two that it could be": ({"prompts/p/a.md": BODY}, {"prompts/p/b.md": BODY, "prompts/p/c.md": BODY}, {}),
    "one stays, so another is no rename": (
        {"prompts/p/a.md": BODY},
        {"prompts/p/a.md": BODY, "prompts/p/b.md": BODY},
        {},
    ),
    "nothing comes": ({"prompts/p/a.md": BODY}, {}, {}),
    "nothing leaves": ({}, {"prompts/p/a.md": BODY}, {}),
}


@pytest.mark.parametrize(("old", "new", "renames"), RENAMES.values(), ids=RENAMES.keys())
def test_what_leaves_one_path_and_comes_at_another(old: Files, new: Files, renames: dict[str, str]) -> None:
    lock = _plan(old, NO_LOCK, {}).lock.packs["x"]
    outside = look_at(_live(old), bases=tuple(old.values()))

    found = find_renames("x", lock.files, _want(new), outside)

    assert found == {f".claude/{path}": f".claude/{origin}" for path, origin in renames.items()}


@pytest.mark.parametrize(
    ("disk", "bases"),
    [(_agent("b", b"mine\n"), (A,)), (_agent("a", b"mine\n"), ())],
    ids=["the base, whatever the user calls it", "the disk, where nobody has the base"],
)
def test_an_agent_is_known_by_the_name_of(disk: bytes, bases: tuple[bytes, ...]) -> None:
    lock = _plan({"agents/a.md": A}, NO_LOCK, {}).lock

    plan = _plan({"agents/n.md": _agent("a", b"new\n")}, lock, {".claude/agents/a.md": disk}, bases=bases)

    [step] = plan.steps
    assert (step.path, step.detail.partition(":")[0]) == (".claude/agents/n.md", "from .claude/agents/a.md")


def test_a_file_that_its_user_deleted_is_not_brought_back_by_a_new_name() -> None:
    lock = _plan({"agents/a.md": A}, NO_LOCK, {}).lock

    plan = _plan({"agents/n.md": A}, lock, {})

    assert [(step.path, step.action) for step in plan.steps] == [(".claude/agents/n.md", "create")]


def test_the_exec_bit_of_the_disk_goes_along() -> None:
    lock = _plan({"hooks/a.sh": BODY}, NO_LOCK, {}).lock
    wanted = {"x": _want({"hooks/b.sh": BODY})}
    outside = look_at({".claude/hooks/a.sh": b"mine\n"}, [".claude/hooks/a.sh"], [BODY])

    plan = make_plan(wanted, lock, Place("", "CLAUDE.md"), ".claude/", outside)

    [write] = [operation for operation in plan.changes.operations if operation.path == ".claude/hooks/b.sh"]
    assert getattr(write, "executable", None) is True


@pytest.mark.parametrize("new", [_agent("a", b"theirs\n"), _agent("a", b"newer\n")], ids=["the same bytes", "newer"])
def test_a_conflict_that_was_written_into_a_file_goes_along_and_stays_open(new: bytes) -> None:
    mine = _agent("a", b"mine\n")
    lock = _plan({"agents/a.md": A}, NO_LOCK, {}).lock
    old, path = ".claude/agents/a.md", ".claude/agents/n.md"
    plan = _plan({"agents/a.md": _agent("a", b"theirs\n")}, lock, {old: mine}, Choices(markers=True), (A,))
    files = carry_out(plan.changes, {old: mine})
    assert b"<<<<<<< yours" in files[old]

    moved = _plan({"agents/n.md": new}, plan.lock, files, bases=(A,))

    after = carry_out(moved.changes, files)
    assert after == {path: files[old], f".claudepack/conflicts/{path}.ours": mine}
    assert [(step.path, step.action) for step in moved.steps] == [(path, "conflict")]
    again = _plan({"agents/n.md": new}, moved.lock, after, bases=(A,))
    assert (again.changes.operations, again.lock.packs) == ((), moved.lock.packs)
    assert [step.action for step in again.steps] == ["conflict"]


def test_an_open_conflict_lies_beside_the_new_path_alone() -> None:
    mine = _agent("a", b"mine\n")
    lock = _plan({"agents/a.md": A}, NO_LOCK, {}).lock
    old, path = ".claude/agents/a.md", ".claude/agents/n.md"
    theirs = _agent("a", b"theirs\n")
    plan = _plan({"agents/a.md": theirs}, lock, {old: mine}, bases=(A,))
    files = carry_out(plan.changes, {old: mine})

    moved = _plan({"agents/n.md": theirs}, plan.lock, files, bases=(A,))

    after = carry_out(moved.changes, files)
    beside = {name: data for name, data in after.items() if name.startswith(".claudepack/")}
    assert after[path] == mine
    assert {name.removeprefix(f".claudepack/conflicts/{path}.") for name in beside} == {"base", "theirs", "merged"}
    assert beside[f".claudepack/conflicts/{path}.theirs"] == theirs


def test_many_that_are_renamed_are_looked_up_rather_than_looked_through() -> None:
    old = {f"agents/{number}.md": _agent(f"a{number}", b"old\n") for number in range(300)}
    new = {path.replace("agents/", "agents/new/"): data for path, data in old.items()}
    bases: dict[str, str] = {
        ComparedText(path): sha256 for path, sha256 in _plan(old, NO_LOCK, {}).lock.packs["x"].files.items()
    }
    ComparedText.times = 0

    found = find_renames("x", bases, _want(new), look_at(_live(old), bases=tuple(old.values())))

    assert len(found) == len(old)
    assert ComparedText.times < 20 * len(old)
