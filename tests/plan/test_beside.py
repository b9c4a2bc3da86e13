"""What lies beside a file: the sides of a conflict for as long as it is open, and what made room."""

import io

import pytest

from claudepack.apply.operations import Changes, Operation
from claudepack.plan.beside import Content, block_key, conflict_path, keep_replaced, lay_beside
from disk_in_memory import Files, carry_out, look_at, sha256

A = ".claude/agents/a.md"
BESIDE = f".claudepack/conflicts/{A}"
REPLACED = f".claudepack/replaced/{A}"
BASE, MINE, NEW = b"one\ntwo\n", b"ONE\ntwo\n", b"won\ntwo\n"
MERGED = b"<<<<<<< yours\nONE\n=======\nwon\n>>>>>>> the pack's\ntwo\n"
SIDES = {"base": BASE, "theirs": NEW, "merged": MERGED}
LAID = {f"{BESIDE}.{side}": data for side, data in SIDES.items()}


def _do(operations: list[Operation], files: Files) -> Files:
    return carry_out(Changes(tuple(operations)), files)


def _content(data: bytes) -> Content:
    return Content(sha256(data), lambda: io.BytesIO(data))


def test_each_side_lies_beside_its_file_and_each_block_of_one_file_by_itself() -> None:
    assert conflict_path(A, "theirs") == f"{BESIDE}.theirs"
    assert conflict_path(block_key("CLAUDE.md", "x"), "base") == ".claudepack/conflicts/CLAUDE.md.x.base"
    assert _do(lay_beside(A, {**SIDES, "theirs": _content(NEW)}, look_at({})), {}) == LAID


def test_what_lies_there_already_is_not_written_again() -> None:
    assert lay_beside(A, {**SIDES, "theirs": _content(NEW)}, look_at(LAID)) == []


def test_sides_that_a_conflict_no_longer_has_go() -> None:
    files = {A: MINE, **LAID}

    assert _do(lay_beside(A, {}, look_at(files)), files) == {A: MINE}
    assert _do(lay_beside(A, {"ours": MINE}, look_at(files)), files) == {A: MINE, f"{BESIDE}.ours": MINE}
    assert lay_beside(A, {}, look_at({A: MINE})) == []


def test_a_merged_text_is_its_user_s_until_the_other_side_changes() -> None:
    files = {A: MINE, **LAID, f"{BESIDE}.merged": b"my work\n"}

    assert lay_beside(A, SIDES, look_at(files)) == []
    after = _do(lay_beside(A, {**SIDES, "theirs": b"NEWER\n"}, look_at(files)), files)

    assert after[f"{BESIDE}.merged"] == MERGED
    assert after[f"{REPLACED}.merged"] == b"my work\n"


@pytest.mark.parametrize(
    ("work", "known", "kept"),
    [
        (MERGED, [], False),
        (MERGED.replace(b"\n", b"\r\n"), [], False),
        (MERGED.replace(b"ONE", b"what stood there once"), [], False),
        (MINE, [], False),
        (NEW + MINE, [], False),
        (b"my work\n" + MERGED, [], True),
        (MERGED.replace(b"won", b"my work"), [], True),
        (b"my work\n", [], True),
        (b"my work\n", [b"two\nmy work\n"], False),
        (b"", [], False),
    ],
)
def test_work_on_a_merge_is_kept_where_it_is_nowhere_else(work: bytes, known: list[bytes], *, kept: bool) -> None:
    files = {A: MINE, **LAID, f"{BESIDE}.merged": work}

    after = _do(lay_beside(A, {}, look_at(files), known), files)

    assert after == {A: MINE, **({f"{REPLACED}.merged": work} if kept else {})}


def test_what_makes_room_is_kept_under_a_name_of_its_own_once() -> None:
    where, operations = keep_replaced(A, MINE, look_at({}))
    first = _do(operations, {})
    assert (where, first) == (REPLACED, {REPLACED: MINE})

    assert keep_replaced(A, MINE, look_at(first)) == (REPLACED, [])

    where, operations = keep_replaced(A, BASE, look_at(first))
    second = _do(operations, first)
    assert (where, second) == (f"{REPLACED}.1", {REPLACED: MINE, f"{REPLACED}.1": BASE})
    assert keep_replaced(A, BASE, look_at(second)) == (f"{REPLACED}.1", [])
