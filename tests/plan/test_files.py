"""The table of what happens to a file, row by row: base, disk and pack give an action, a disk and a lock."""

from typing import NamedTuple

import pytest

from claudepack.plan.choices import NONE, Choices, Resolution
from claudepack.plan.project import Plan, make_plan
from claudepack.plan.spots import Place
from claudepack.plan.wanted import Wanted, want_pack
from claudepack.project.lock import EMPTY as NO_LOCK
from claudepack.project.lock import Lock
from claudepack.project.manifest import EMPTY, Entry
from disk_in_memory import Files, carry_out, look_at, sha256
from packs_in_memory import make_test_pack

A = ".claude/prompts/p/a.md"
BASE = b"one\ntwo\nthree\nfour\nfive\n"
MINE = b"ONE\ntwo\nthree\nfour\nfive\n"
NEW = b"one\ntwo\nthree\nfour\nFIVE\n"
BOTH = b"ONE\ntwo\nthree\nfour\nFIVE\n"
RIVAL = b"won\ntwo\nthree\nfour\nfive\n"
MARKED = b"<<<<<<< yours\nONE\n=======\nwon\n>>>>>>> the pack's\ntwo\nthree\nfour\nfive\n"
BINARY = b"\0binary\n"
BESIDE = f".claudepack/conflicts/{A}"
REPLACED = f".claudepack/replaced/{A}"


def _want(files: Files) -> dict[str, Wanted]:
    pack = make_test_pack({path.removeprefix(".claude/"): data for path, data in files.items()}, name="x")
    return {"x": want_pack(pack, Entry(""), EMPTY, ".claude/", {})}


def _plan(wanted: dict[str, Wanted], lock: Lock, files: Files, choices: Choices = NONE) -> Plan:
    bases = (BASE, NEW, RIVAL, BINARY)
    return make_plan(wanted, lock, Place("", "CLAUDE.md"), ".claude/", look_at(files, bases=bases), choices)


def _locked(base: bytes | None, pending: bytes | None = None) -> Lock:
    if base is None:
        return NO_LOCK
    lock = _plan(_want({A: base}), NO_LOCK, {}).lock._replace(directories=())
    pack = lock.packs["x"]
    return lock._replace(packs={"x": pack._replace(pending={} if pending is None else {A: sha256(pending)})})


class Row(NamedTuple):
    """B, D and N; what is reported; what is there afterwards; the base in the lock, and whether it is pending."""

    base: bytes | None
    disk: bytes | None
    new: bytes | None
    action: str
    after: dict[str, bytes]
    locked: bytes | None
    pending: bool = False


TABLE = {
    "D = N: nothing": Row(BASE, BASE, BASE, "", {A: BASE}, BASE),
    "D = N, in no lock: taken into it": Row(None, BASE, BASE, "adopt", {A: BASE}, BASE),
    "no B, no D: written": Row(None, None, NEW, "create", {A: NEW}, NEW),
    "D = B: N is written": Row(BASE, BASE, NEW, "replace", {A: NEW}, NEW),
    "N = B: D is kept": Row(BASE, MINE, BASE, "keep", {A: MINE}, BASE),
    "all differ, and go together: merged": Row(BASE, MINE, NEW, "merge", {A: BOTH}, NEW),
    "all differ, D has all of N already: kept": Row(BASE, BOTH, NEW, "keep", {A: BOTH}, NEW),
    "all differ, one line twice: D stays, all sides beside": Row(
        BASE,
        MINE,
        RIVAL,
        "conflict",
        {A: MINE, f"{BESIDE}.base": BASE, f"{BESIDE}.theirs": RIVAL, f"{BESIDE}.merged": MARKED},
        BASE,
        pending=True,
    ),
    "all differ, binary: D stays, both sides beside": Row(
        BASE, BINARY, NEW, "conflict", {A: BINARY, f"{BESIDE}.base": BASE, f"{BESIDE}.theirs": NEW}, BASE, pending=True
    ),
    "all differ, no base to be had: D stays": Row(
        b"lost\n", MINE, NEW, "conflict", {A: MINE, f"{BESIDE}.theirs": NEW}, b"lost\n", pending=True
    ),
    "D absent: N comes back": Row(BASE, None, BASE, "restore", {A: BASE}, BASE),
    "D absent: the new N comes back": Row(BASE, None, NEW, "restore", {A: NEW}, NEW),
    "no B, D differs: in the way": Row(None, MINE, NEW, "collision", {A: MINE}, None),
    "N absent, D = B: deleted": Row(BASE, BASE, None, "delete", {}, None),
    "N absent, D edited: left to its user": Row(BASE, MINE, None, "orphan", {A: MINE}, None),
    "D and N absent: out of the lock": Row(BASE, None, None, "", {}, None),
    "D is N with CRLF: nothing": Row(
        BASE, BASE.replace(b"\n", b"\r\n"), BASE, "", {A: BASE.replace(b"\n", b"\r\n")}, BASE
    ),
    "D is B with CRLF: N is written so": Row(
        BASE, BASE.replace(b"\n", b"\r\n"), NEW, "replace", {A: NEW.replace(b"\n", b"\r\n")}, NEW
    ),
    "all differ, D with CRLF: merged so": Row(
        BASE, MINE.replace(b"\n", b"\r\n"), NEW, "merge", {A: BOTH.replace(b"\n", b"\r\n")}, NEW
    ),
    "N with CRLF, D with LF: merged with LF": Row(
        BASE, MINE, NEW.replace(b"\n", b"\r\n"), "merge", {A: BOTH}, NEW.replace(b"\n", b"\r\n")
    ),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_the_table(row: Row) -> None:
    files = {} if row.disk is None else {A: row.disk}
    wanted = {} if row.new is None else _want({A: row.new})

    plan = _plan(wanted, _locked(row.base), files)

    assert [step.action for step in plan.steps] == ([row.action] if row.action else [])
    assert carry_out(plan.changes, files) == row.after
    assert _bases(plan.lock) == ({} if row.locked is None else {A: sha256(row.locked)})
    assert _pending(plan.lock) == ({A: sha256(row.new or b"")} if row.pending else {})


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_a_second_run_finds_nothing_to_do(row: Row) -> None:
    files = {} if row.disk is None else {A: row.disk}
    wanted = {} if row.new is None else _want({A: row.new})
    plan = _plan(wanted, _locked(row.base), files)
    after = carry_out(plan.changes, files)

    again = _plan(wanted, plan.lock, after)

    assert again.changes.operations == ()
    assert again.lock.packs == plan.lock.packs
    assert ("conflict" in {step.action for step in again.steps}) == row.pending


def _bases(lock: Lock) -> dict[str, str]:
    return dict(lock.packs["x"].files) if "x" in lock.packs else {}


def _pending(lock: Lock) -> dict[str, str]:
    return dict(lock.packs["x"].pending) if "x" in lock.packs else {}


def test_a_folder_in_a_files_place_is_a_conflict_and_stays() -> None:
    files = {f"{A}/mine.md": MINE}

    plan = _plan(_want({A: NEW}), _locked(BASE), files)

    assert [(step.action, step.detail) for step in plan.steps] == [("conflict", "it is no plain file any more")]
    assert carry_out(plan.changes, files) == {**files, f"{BESIDE}.theirs": NEW}
    assert (_bases(plan.lock), _pending(plan.lock)) == ({A: sha256(BASE)}, {A: sha256(NEW)})


ALL = frozenset(["*"])


@pytest.mark.parametrize(
    ("choices", "action", "after"),
    [
        (Choices(adopt=ALL), "adopt", {A: MINE}),
        (Choices(adopt=frozenset([A])), "adopt", {A: MINE}),
        (Choices(adopt=frozenset(["other"])), "collision", {A: MINE}),
        (Choices(replace=ALL), "replace", {A: NEW, REPLACED: MINE}),
        (Choices(replace=frozenset([A])), "replace", {A: NEW, REPLACED: MINE}),
        (Choices(adopt=ALL, replace=frozenset([A])), "replace", {A: NEW, REPLACED: MINE}),
    ],
)
def test_who_is_in_the_way_is_adopted_or_replaced(choices: Choices, action: str, after: Files) -> None:
    plan = _plan(_want({A: NEW}), NO_LOCK, {A: MINE}, choices)

    assert [step.action for step in plan.steps] == [action]
    assert carry_out(plan.changes, {A: MINE}) == after
    if action != "collision":
        assert _bases(plan.lock) == {A: sha256(NEW)}
        files = carry_out(plan.changes, {A: MINE})
        assert not _plan(_want({A: NEW}), plan.lock, files).changes


def test_a_file_that_was_adopted_stays_when_the_pack_leaves_whatever_it_holds() -> None:
    lock = _plan(_want({A: NEW}), NO_LOCK, {A: MINE}, Choices(adopt=ALL)).lock

    for disk in (MINE, NEW):
        plan = _plan({}, lock, {A: disk})
        assert [step.action for step in plan.steps] == ["orphan"]
        assert carry_out(plan.changes, {A: disk}) == {A: disk}


def test_what_is_replaced_twice_is_kept_twice() -> None:
    files = {A: MINE, REPLACED: BINARY}

    plan = _plan(_want({A: NEW}), NO_LOCK, files, Choices(replace=ALL))

    assert carry_out(plan.changes, files) == {A: NEW, REPLACED: BINARY, f"{REPLACED}.1": MINE}


SIDES = {f"{BESIDE}.base": BASE, f"{BESIDE}.theirs": RIVAL, f"{BESIDE}.merged": MARKED}
UNITED = b"one and won\ntwo\nthree\nfour\nfive\n"


@pytest.mark.parametrize(
    ("resolution", "action", "after"),
    [
        (Resolution("ours"), "keep", {A: MINE}),
        (Resolution("theirs"), "replace", {A: RIVAL, REPLACED: MINE}),
        (Resolution("merged", UNITED), "merge", {A: UNITED, REPLACED: MINE}),
        (Resolution("merged", MINE), "keep", {A: MINE}),
    ],
)
def test_a_conflict_ends_as_its_user_says(resolution: Resolution, action: str, after: Files) -> None:
    files = {A: MINE, **SIDES}

    plan = _plan(_want({A: RIVAL}), _locked(BASE, RIVAL), files, Choices(resolve={A: resolution}))

    assert [step.action for step in plan.steps] == [action]
    assert carry_out(plan.changes, files) == after
    assert (_bases(plan.lock), _pending(plan.lock)) == ({A: sha256(RIVAL)}, {})


@pytest.mark.parametrize("disk", [RIVAL, BASE, None], ids=["the pack's", "the base", "nothing"])
def test_a_conflict_is_over_once_there_is_only_one_side(disk: bytes | None) -> None:
    files = {**SIDES, **({} if disk is None else {A: disk})}

    plan = _plan(_want({A: RIVAL}), _locked(BASE, RIVAL), files)

    assert carry_out(plan.changes, files) == {A: RIVAL}
    assert _pending(plan.lock) == {}


def test_a_merged_text_that_its_user_works_on_is_not_written_over() -> None:
    files = {A: MINE, **SIDES, f"{BESIDE}.merged": UNITED}

    plan = _plan(_want({A: RIVAL}), _locked(BASE, RIVAL), files)

    assert plan.changes.operations == ()


def _write_markers() -> tuple[Lock, dict[str, bytes]]:
    """The lock and the files once a conflict was written into the file itself."""
    plan = _plan(_want({A: RIVAL}), _locked(BASE), {A: MINE}, Choices(markers=True))
    return plan.lock, carry_out(plan.changes, {A: MINE})


def test_where_it_is_asked_for_the_conflict_is_written_into_the_file_and_its_text_beside() -> None:
    lock, files = _write_markers()

    assert files == {A: MARKED, f"{BESIDE}.ours": MINE}
    assert (_bases(lock), _pending(lock)) == ({A: sha256(RIVAL)}, {A: sha256(RIVAL)})


@pytest.mark.parametrize("new", [RIVAL, NEW], ids=["the same version", "the next one"])
def test_a_conflict_stays_open_while_its_markers_stand_in_the_file(new: bytes) -> None:
    lock, files = _write_markers()

    again = _plan(_want({A: new}), lock, files)

    assert [step.action for step in again.steps] == ["conflict"]
    assert again.changes.operations == ()
    assert _pending(again.lock) == {A: sha256(RIVAL)}


def test_a_conflict_is_over_once_its_markers_are_gone_from_the_file() -> None:
    lock, marked = _write_markers()
    files = {**marked, A: UNITED}

    plan = _plan(_want({A: RIVAL}), lock, files)

    assert carry_out(plan.changes, files) == {A: UNITED}
    assert _pending(plan.lock) == {}


OLD_PATH, NEW_PATH = ".claude/agents/old.md", ".claude/agents/team/new.md"


def _agent(body: str, *, model: str = "sonnet") -> bytes:
    return f'---\nname: n\ndescription: "d"\nmodel: {model}\n---\n\nfirst\n\n{body}\n'.encode()


@pytest.mark.parametrize(
    ("disk", "new", "action", "after", "base"),
    [
        (_agent("x"), _agent("x"), "rename", _agent("x"), _agent("x")),
        (_agent("x"), _agent("y"), "rename", _agent("y"), _agent("y")),
        (_agent("x", model="opus"), _agent("x"), "rename", _agent("x", model="opus"), _agent("x")),
        (_agent("x", model="opus"), _agent("y"), "rename", _agent("y", model="opus"), _agent("y")),
        (_agent("mine"), _agent("y"), "conflict", _agent("mine"), _agent("x")),
    ],
    ids=["as it was", "changed", "edited", "both, and merged", "both, in one line"],
)
def test_a_renamed_agent_takes_its_edits_along(disk: bytes, new: bytes, action: str, after: bytes, base: bytes) -> None:
    lock = _plan(_want({OLD_PATH: _agent("x")}), NO_LOCK, {}).lock
    outside = look_at({OLD_PATH: disk}, bases=[_agent("x")])

    plan = make_plan(_want({NEW_PATH: new}), lock, Place("", "CLAUDE.md"), ".claude/", outside)

    files = carry_out(plan.changes, {OLD_PATH: disk})
    assert [(step.path, step.action, step.detail) for step in plan.steps] == [(NEW_PATH, action, f"from {OLD_PATH}")]
    assert {path: data for path, data in files.items() if not path.startswith(".claudepack/")} == {NEW_PATH: after}
    assert plan.lock.packs["x"].files == {NEW_PATH: sha256(base)}


def test_a_renamed_file_of_another_kind_is_known_by_its_bytes() -> None:
    moved = ".claude/prompts/q/b.md"

    plan = _plan(_want({moved: BASE}), _locked(BASE), {A: MINE})

    assert carry_out(plan.changes, {A: MINE}) == {moved: MINE}


@pytest.mark.parametrize(
    ("news", "files"),
    [
        ({NEW_PATH: _agent("y"), ".claude/agents/third.md": _agent("z")}, {OLD_PATH: _agent("mine")}),
        ({NEW_PATH: _agent("y")}, {OLD_PATH: _agent("mine"), NEW_PATH: b"mine too\n"}),
    ],
    ids=["two could be it", "its place is taken"],
)
def test_where_it_is_not_plain_nothing_is_renamed(news: Files, files: Files) -> None:
    lock = _plan(_want({OLD_PATH: _agent("x")}), NO_LOCK, {}).lock

    plan = _plan(_want(news), lock, files)

    assert {step.path: step.action for step in plan.steps}[OLD_PATH] == "orphan"
    assert carry_out(plan.changes, files)[OLD_PATH] == files[OLD_PATH]
