"""A plan does what the table says, loses no edit, and leaves nothing to do for the next one."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.apply.operations import Write
from claudepack.plan.context import Place
from claudepack.plan.project import Plan, make_plan
from claudepack.plan.wanted import Wanted, want_locked, want_pack
from claudepack.project.lock import EMPTY as NO_LOCK
from claudepack.project.lock import Lock
from claudepack.project.manifest import EMPTY, Entry
from counting import ComparedText
from disk_in_memory import Files, carry_out, look_at, sha256
from packs_in_memory import make_test_pack

A = ".claude/agents/a.md"
PLACE = Place("", "CLAUDE.md")
OLD, NEW, MINE = b"old\n", b"new\n", b"mine\n"


def _want(files: Files, *, name: str = "x", executable: tuple[str, ...] = ()) -> dict[str, Wanted]:
    pack = make_test_pack({path: files[path] for path in files}, name=name, executable=executable)
    return {name: want_pack(pack, Entry(""), EMPTY, ".claude/", {})}


def _plan(wanted: Mapping[str, Wanted], lock: Lock, files: Files, executable: tuple[str, ...] = ()) -> Plan:
    return make_plan(wanted, lock, PLACE, ".claude/", look_at(files, executable))


def _install(files: Files, disk: Files | None = None) -> Lock:
    return _plan(_want(files), NO_LOCK, disk or {}).lock


ROWS = {
    "create": (None, None, NEW, {A: NEW}),
    "adopt": (None, NEW, NEW, {A: NEW}),
    "collision": (None, MINE, NEW, {A: MINE}),
    "replace": (OLD, OLD, NEW, {A: NEW}),
    "replace with CRLF": (OLD, b"old\r\n", NEW, {A: b"new\r\n"}),
    "keep": (OLD, MINE, OLD, {A: MINE}),
    "conflict": (OLD, MINE, NEW, {A: MINE, f".claudepack/conflicts/{A}.theirs": NEW}),
    "restore": (OLD, None, OLD, {A: OLD}),
    "restore the new": (OLD, None, NEW, {A: NEW}),
    "delete": (OLD, OLD, None, {}),
    "delete with CRLF": (OLD, b"old\r\n", None, {}),
    "orphan": (OLD, MINE, None, {A: MINE}),
}


@pytest.mark.parametrize(("base", "disk", "new", "after"), ROWS.values(), ids=ROWS.keys())
def test_the_table_carried_out(
    request: pytest.FixtureRequest, base: bytes | None, disk: bytes | None, new: bytes | None, after: Files
) -> None:
    lock = NO_LOCK if base is None else _install({"agents/a.md": base})
    files = {} if disk is None else {A: disk}

    plan = _plan({} if new is None else _want({"agents/a.md": new}), lock, files)

    action = request.node.callspec.id.split()[0]
    assert [(step.path, step.action, step.pack) for step in plan.steps] == [(A, action, "x")]
    assert plan.paths(action) == [A]
    assert carry_out(plan.changes, files) == after


@pytest.mark.parametrize(
    ("base", "disk", "new"), [(OLD, OLD, OLD), (OLD, NEW, NEW), (OLD, b"old\r\n", OLD), (OLD, None, None)]
)
def test_rows_that_nobody_needs_to_hear_of(base: bytes, disk: bytes | None, new: bytes | None) -> None:
    lock = _install({"agents/a.md": base})._replace(directories=())
    plan = _plan(_want({"agents/a.md": new}) if new else {}, lock, {A: disk} if disk else {})
    assert (plan.steps, bool(plan.changes)) == ((), False)


def test_the_base_stays_in_force_while_a_conflict_is_open() -> None:
    lock = _install({"agents/a.md": OLD})

    entry = _plan(_want({"agents/a.md": NEW}), lock, {A: MINE}).lock.packs["x"]

    assert entry.files == {A: sha256(OLD)}
    assert entry.pending == {A: sha256(NEW)}


@pytest.mark.parametrize(("ended", "action"), [(OLD, ["replace"]), (NEW, [])])
def test_what_lies_beside_a_conflict_goes_when_it_is_over(ended: bytes, action: list[str]) -> None:
    wanted = _want({"agents/a.md": NEW})
    first = _plan(wanted, _install({"agents/a.md": OLD}), {A: MINE})
    files = carry_out(first.changes, {A: MINE})
    assert not _plan(wanted, first.lock, files).changes

    last = _plan(wanted, first.lock, {**files, A: ended})

    assert [step.action for step in last.steps] == action
    assert carry_out(last.changes, {**files, A: ended}) == {A: NEW}
    assert last.lock.packs["x"].pending == {}
    assert f".claudepack/conflicts/{A}".rpartition("/")[0] in last.changes.remove_directories


def test_what_was_there_before_stays_after() -> None:
    wanted = _want({"agents/a.md": NEW})
    adopted = _plan(wanted, NO_LOCK, {A: NEW})
    assert adopted.lock.packs["x"].adopted == (A,)
    again = _plan(wanted, adopted.lock, {A: NEW})
    assert again.lock == adopted.lock

    leaving = _plan({}, again.lock, {A: NEW})

    assert [step.action for step in leaving.steps] == ["orphan"]
    assert carry_out(leaving.changes, {A: NEW}) == {A: NEW}


@pytest.mark.parametrize(
    ("was", "disk", "now", "writes"),
    [
        (False, False, True, [True]),
        (True, True, False, [False]),
        (False, True, False, []),
        (True, False, True, []),
        (False, True, True, []),
    ],
)
def test_the_exec_bit_follows_the_pack_unless_somebody_changed_it(
    *, was: bool, disk: bool, now: bool, writes: list[bool]
) -> None:
    path, files = ".claude/hooks/run", {".claude/hooks/run": NEW}
    before = _plan(_want({"hooks/run": NEW}, executable=("hooks/run",) if was else ()), NO_LOCK, {})

    wanted = _want({"hooks/run": NEW}, executable=("hooks/run",) if now else ())
    plan = _plan(wanted, before.lock, files, (path,) if disk else ())

    assert [step.action for step in plan.steps] == ["replace"] * len(writes)
    assert [operation.executable for operation in plan.changes.operations if isinstance(operation, Write)] == writes


def test_a_file_that_its_user_edited_keeps_the_edit_and_takes_the_exec_bit() -> None:
    path, files = ".claude/hooks/run", {".claude/hooks/run": MINE}
    before = _plan(_want({"hooks/run": NEW}), NO_LOCK, {})

    plan = _plan(_want({"hooks/run": NEW}, executable=("hooks/run",)), before.lock, files)

    assert [step.action for step in plan.steps] == ["keep"]
    [write] = plan.changes.operations
    assert (write.path, getattr(write, "executable", None)) == (path, True)
    assert carry_out(plan.changes, files) == files


@pytest.mark.parametrize(
    ("before", "made"),
    [
        ({}, (".claude", ".claude/agents", ".claude/prompts", ".claude/prompts/p")),
        ({".claude/settings.json": b"{}"}, (".claude/agents", ".claude/prompts", ".claude/prompts/p")),
        ({".claude/agents/mine.md": MINE}, (".claude/prompts", ".claude/prompts/p")),
        ({".claude/agents/m": MINE, ".claude/prompts/p/m": MINE}, ()),
    ],
)
def test_the_directories_that_were_made_are_removed(before: Files, made: tuple[str, ...]) -> None:
    plan = _plan(_want({"agents/a.md": NEW, "prompts/p/a.md": NEW}), NO_LOCK, before)
    assert plan.lock.directories == made

    files = carry_out(plan.changes, before)
    leaving = _plan({}, plan.lock, files)

    assert set(leaving.changes.remove_directories) == set(made)
    assert leaving.lock == NO_LOCK
    assert carry_out(leaving.changes, files) == before


def test_a_directory_with_something_of_the_user_s_stays() -> None:
    plan = _plan(_want({"prompts/p/a.md": NEW}), NO_LOCK, {})
    files = {**carry_out(plan.changes, {}), ".claude/prompts/mine.md": MINE}

    leaving = _plan({}, plan.lock, files)

    assert leaving.changes.remove_directories == (".claude/prompts/p",)
    assert carry_out(leaving.changes, files) == {".claude/prompts/mine.md": MINE}


@pytest.mark.parametrize(
    ("disk", "new", "actions", "after"),
    [
        (OLD, OLD, [], OLD),
        (OLD, NEW, ["replace"], NEW),
        (MINE, OLD, ["keep"], MINE),
        (b"old\r\n", OLD, [], b"old\r\n"),
    ],
)
@pytest.mark.parametrize("stays", [True, False], ids=["the first stays", "the first leaves"])
@pytest.mark.parametrize("first", ["a", "z"])
def test_a_file_goes_from_one_pack_to_another(
    disk: bytes, new: bytes, actions: list[str], after: bytes, first: str, *, stays: bool
) -> None:
    lock = _plan(_want({"agents/a.md": OLD, "rules/r.md": NEW}, name=first), NO_LOCK, {}).lock
    files = {A: disk, ".claude/rules/r.md": NEW}
    rest = _want({"rules/r.md": NEW}, name=first) if stays else {}

    plan = _plan({**_want({"agents/a.md": new}, name="m"), **rest}, lock, files)

    assert [step.action for step in plan.steps if step.path == A] == actions
    assert carry_out(plan.changes, files).get(A) == after
    assert plan.lock.packs["m"].files == {A: sha256(new)}
    assert plan.lock.packs["m"].adopted == ()


def test_steps_are_in_the_order_of_their_paths_and_packs_in_the_manifest_s() -> None:
    wanted = {**_want({"agents/z.md": NEW}, name="z"), **_want({"agents/a.md": NEW}, name="a")}
    plan = _plan(wanted, NO_LOCK, {})
    assert [step.path for step in plan.steps] == [A, ".claude/agents/z.md"]
    assert list(plan.lock.packs) == ["z", "a"]


def test_at_rest_the_lock_is_enough() -> None:
    lock = _install({"agents/a.md": NEW, "CLAUDE.md": b"context\n"})
    files = carry_out(_plan(_want({"agents/a.md": NEW, "CLAUDE.md": b"context\n"}), NO_LOCK, {}).changes, {})

    plan = _plan({"x": want_locked(lock.packs["x"])}, lock, files)

    assert (plan.steps, bool(plan.changes), plan.lock) == ((), False, lock)


CONTENTS = st.sampled_from([b"one\n", b"two\n", b"two\r\n", b"\0bin", b""])
PATHS = st.sampled_from(["agents/a.md", "prompts/p/a.md", "prompts/p/b/c.md"])
VERSIONS = st.dictionaries(st.one_of(PATHS, st.just("CLAUDE.md")), CONTENTS.filter(lambda data: b"\0" not in data))
EDITS = st.dictionaries(st.one_of(PATHS.map(".claude/".__add__)), st.one_of(st.none(), CONTENTS, st.just(MINE)))
CLAUDE_MD = st.sampled_from([None, b"", b"mine", b"# mine\r\n\r\n"])


@given(claude_md=CLAUDE_MD, history=st.lists(st.tuples(VERSIONS, EDITS), min_size=1, max_size=4))
def test_through_any_history_no_edit_is_lost_and_a_second_run_has_nothing_to_do(
    claude_md: bytes | None, history: list[tuple[dict[str, bytes], dict[str, bytes | None]]]
) -> None:
    files: dict[str, bytes] = {} if claude_md is None else {"CLAUDE.md": claude_md}
    lock = NO_LOCK
    for version, edits in [*history, ({}, {})]:
        wanted = _want(version) if version else {}
        plan = _plan(wanted, lock, files)
        if plan.paths("collision"):
            files = {path: data for path, data in files.items() if path not in plan.paths("collision")}
            plan = _plan(wanted, lock, files)
        before, files = files, carry_out(plan.changes, files)
        # A rename takes an edit along to another path.
        assert list(before.values()).count(MINE) <= list(files.values()).count(MINE)
        again = _plan(wanted, plan.lock, files)
        # Of directories only so much: the disk in memory holds no empty ones.
        assert (again.changes.operations, again.lock.packs) == ((), plan.lock.packs)
        lock = plan.lock
        for path, data in edits.items():
            files.pop(path, None)
            files.update({} if data is None else {path: data})
    plan = _plan({}, lock, files)
    left = carry_out(plan.changes, files)
    assert left.get("CLAUDE.md") == claude_md
    assert plan.lock.packs == {}


def test_what_is_executable_and_what_was_adopted_is_looked_up_rather_than_looked_through() -> None:
    files = {f"skills/s/{number}.sh": b"#!/bin/sh\n" for number in range(300)}
    disk = {f".claude/{path}": data for path, data in files.items()}
    wanted = _want(files, executable=tuple(files))
    entry = _plan(wanted, NO_LOCK, {}).lock.packs["x"]
    paths = tuple(map(ComparedText, disk))
    lock = Lock({"x": entry._replace(executable=paths, adopted=paths)}, ())
    ComparedText.times = 0

    plan = _plan(wanted, lock, disk, executable=tuple(disk))
    again = want_locked(lock.packs["x"])

    assert plan.lock.packs["x"].adopted == tuple(sorted(disk))
    assert all(file.executable for file in again.files.values())
    assert 0 < ComparedText.times < 20 * len(files)
