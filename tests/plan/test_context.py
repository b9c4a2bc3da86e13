"""The table of what happens to a context, row by row: a block of CLAUDE.md, a rule, a file that is imported."""

from typing import NamedTuple

import pytest

from claudepack.plan.choices import NONE, Choices, Resolution
from claudepack.plan.project import Plan, make_plan
from claudepack.plan.spots import Place
from claudepack.plan.wanted import Wanted, want_pack
from claudepack.project.lock import EMPTY as NO_LOCK
from claudepack.project.lock import Lock
from claudepack.project.manifest import EMPTY, Entry
from disk_in_memory import Files, carry_out, look_at
from packs_in_memory import make_test_pack

BASE = b"one\ntwo\nthree\nfour\nfive\n"
MINE = b"ONE\ntwo\nthree\nfour\nfive\n"
NEW = b"one\ntwo\nthree\nfour\nFIVE\n"
BOTH = b"ONE\ntwo\nthree\nfour\nFIVE\n"
RIVAL = b"won\ntwo\nthree\nfour\nfive\n"
MARKED = b"<<<<<<< yours\nONE\n=======\nwon\n>>>>>>> the pack's\ntwo\nthree\nfour\nfive\n"
TOP, END = b"# Mine\n\n", b"\nThe end\n"
RULE, IMPORTED = ".claude/rules/claudepack-x.md", ".claude/context/x.md"
BESIDE = ".claudepack/conflicts/CLAUDE.md.x"


def _block(body: bytes, name: bytes = b"x") -> bytes:
    return b"<!-- claudepack:begin %s -->\n%s<!-- claudepack:end %s -->\n" % (name, body, name)


def _want(text: bytes | None, name: str = "x") -> dict[str, Wanted]:
    if text is None:
        return {}
    pack = make_test_pack({"CLAUDE.md": text}, name=name)
    return {name: want_pack(pack, Entry(""), EMPTY, ".claude/", {})}


def _plan(wanted: dict[str, Wanted], lock: Lock, files: Files, *, mode: str = "", choices: Choices = NONE) -> Plan:
    outside = look_at(files, bases=(BASE, NEW, RIVAL))
    return make_plan(wanted, lock, Place(mode, "CLAUDE.md"), ".claude/", outside, choices)


def _locked(base: bytes | None, files: Files | None = None, *, mode: str = "") -> Lock:
    return NO_LOCK if base is None else _plan(_want(base), NO_LOCK, files or {}, mode=mode).lock


class Row(NamedTuple):
    """B; CLAUDE.md; N; what is reported; CLAUDE.md afterwards; whether the conflict is pending."""

    base: bytes | None
    disk: bytes | None
    new: bytes | None
    action: str
    after: bytes | None
    pending: bool = False


CRLF = (TOP + _block(BASE)).replace(b"\n", b"\r\n")
TABLE = {
    "the block, once and whole, as it was": Row(BASE, TOP + _block(BASE) + END, BASE, "", TOP + _block(BASE) + END),
    "the block as it was, a new text": Row(BASE, TOP + _block(BASE) + END, NEW, "replace", TOP + _block(NEW) + END),
    "the block edited": Row(BASE, TOP + _block(MINE), BASE, "keep", TOP + _block(MINE)),
    "the block edited, a new text: merged": Row(BASE, TOP + _block(MINE), NEW, "merge", TOP + _block(BOTH)),
    "the block edited in the same line": Row(
        BASE, TOP + _block(MINE), RIVAL, "conflict", TOP + _block(MINE), pending=True
    ),
    "the block moved by its user": Row(BASE, END + _block(BASE) + TOP, NEW, "replace", END + _block(NEW) + TOP),
    "none, and none in the lock: appended": Row(None, TOP, NEW, "create", TOP + _block(NEW)),
    "none, and no final newline": Row(None, b"# Mine", NEW, "create", TOP + _block(NEW)),
    "none, but the lock has one: it comes back": Row(BASE, TOP, BASE, "restore", TOP + _block(BASE)),
    "no CLAUDE.md: made": Row(None, None, NEW, "create", _block(NEW)),
    "twice, equal: the first": Row(BASE, _block(BASE) + TOP + _block(BASE), BASE, "", _block(BASE) + TOP),
    "differing twins: left": Row(
        BASE, _block(BASE) + _block(MINE), NEW, "conflict", _block(BASE) + _block(MINE), pending=True
    ),
    "a begin without an end: left": Row(
        BASE, TOP + _block(BASE)[:-25], NEW, "conflict", TOP + _block(BASE)[:-25], pending=True
    ),
    "git's conflict markers: left": Row(
        BASE, b"<<<<<<< HEAD\n" + _block(BASE), NEW, "conflict", b"<<<<<<< HEAD\n" + _block(BASE), pending=True
    ),
    "a fence that is never closed: left": Row(
        BASE, _block(BASE) + b"```\n", NEW, "conflict", _block(BASE) + b"```\n", pending=True
    ),
    "markers inside a fence only: none": Row(
        None, b"```\n" + _block(MINE) + b"```\n", NEW, "create", b"```\n" + _block(MINE) + b"```\n\n" + _block(NEW)
    ),
    "a block that no lock knows: in the way": Row(None, _block(MINE), NEW, "collision", _block(MINE)),
    "a block that no lock knows, equal": Row(None, _block(NEW), NEW, "adopt", _block(NEW)),
    "CRLF stays": Row(BASE, CRLF, NEW, "replace", CRLF.replace(b"five", b"FIVE")),
    "a BOM stays": Row(None, b"\xef\xbb\xbf# Mine\n", NEW, "create", b"\xef\xbb\xbf# Mine\n\n" + _block(NEW)),
    "it leaves as it was, with its blank line": Row(BASE, TOP + _block(BASE) + END, None, "delete", b"# Mine\n" + END),
    "it leaves edited: left to its user": Row(BASE, TOP + _block(MINE), None, "orphan", TOP + _block(MINE)),
    "it leaves, and is gone already": Row(BASE, TOP, None, "", TOP),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_the_table_of_claude_md(row: Row) -> None:
    files = {} if row.disk is None else {"CLAUDE.md": row.disk}

    plan = _plan(_want(row.new), _locked(row.base, {"CLAUDE.md": b"# Mine\n"}), files)

    after = carry_out(plan.changes, files)
    assert [(step.path, step.action) for step in plan.steps] == ([("CLAUDE.md", row.action)] if row.action else [])
    assert after.get("CLAUDE.md") == row.after
    assert ("CLAUDE.md" in plan.lock.packs["x"].pending if "x" in plan.lock.packs else False) == row.pending
    again = _plan(_want(row.new), plan.lock, after)
    assert (again.changes.operations, again.lock.packs) == ((), plan.lock.packs)


def test_a_conflict_in_a_block_lies_beside_with_all_its_sides() -> None:
    files = {"CLAUDE.md": TOP + _block(MINE)}

    plan = _plan(_want(RIVAL), _locked(BASE), files)

    after = carry_out(plan.changes, files)
    assert after == {**files, f"{BESIDE}.base": BASE, f"{BESIDE}.theirs": RIVAL, f"{BESIDE}.merged": MARKED}


@pytest.mark.parametrize(
    ("resolution", "action", "body", "kept"),
    [
        (Resolution("ours"), "keep", MINE, {}),
        (Resolution("theirs"), "replace", RIVAL, {".claudepack/replaced/CLAUDE.md.x": MINE}),
        (Resolution("merged", BOTH), "merge", BOTH, {".claudepack/replaced/CLAUDE.md.x": MINE}),
    ],
)
def test_a_conflict_in_a_block_ends_as_its_user_says(
    resolution: Resolution, action: str, body: bytes, kept: Files
) -> None:
    lock = _plan(_want(RIVAL), _locked(BASE), {"CLAUDE.md": _block(MINE)}).lock
    files = {"CLAUDE.md": _block(MINE), f"{BESIDE}.theirs": RIVAL}

    plan = _plan(_want(RIVAL), lock, files, choices=Choices(resolve={"CLAUDE.md.x": resolution}))

    assert [step.action for step in plan.steps] == [action]
    assert carry_out(plan.changes, files) == {"CLAUDE.md": _block(body), **kept}
    assert plan.lock.packs["x"].pending == {}


@pytest.mark.parametrize("choices", [Choices(adopt=frozenset(["*"])), Choices(replace=frozenset(["CLAUDE.md"]))])
def test_a_block_in_the_way_is_adopted_or_replaced(choices: Choices) -> None:
    files = {"CLAUDE.md": _block(MINE)}

    plan = _plan(_want(NEW), NO_LOCK, files, choices=choices)

    kept = {".claudepack/replaced/CLAUDE.md.x": MINE} if choices.replace else {}
    assert carry_out(plan.changes, files) == {"CLAUDE.md": _block(MINE if choices.adopt else NEW), **kept}


def test_no_marker_is_ever_written_into_claude_md() -> None:
    files = {"CLAUDE.md": TOP + _block(MINE)}

    plan = _plan(_want(RIVAL), _locked(BASE), files, choices=Choices(markers=True))

    after = carry_out(plan.changes, files)
    assert after == {**files, f"{BESIDE}.base": BASE, f"{BESIDE}.theirs": RIVAL, f"{BESIDE}.merged": MARKED}
    assert "CLAUDE.md" in plan.lock.packs["x"].pending


MODES = ("inline", "rules", "import")
IMPORT_BLOCK = _block(b"@.claude/context/x.md\n")


def _files(mode: str, text: bytes) -> dict[str, bytes]:
    """What a project with a CLAUDE.md has, with a context in some mode."""
    if mode == "rules":
        return {"CLAUDE.md": b"# Mine\n", RULE: text}
    block = _block(text) if mode == "inline" else IMPORT_BLOCK
    return {"CLAUDE.md": TOP + block, **({IMPORTED: text} if mode == "import" else {})}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_goes_all_the_way(mode: str) -> None:
    before = {"CLAUDE.md": b"# Mine\n"}
    plan = _plan(_want(BASE), NO_LOCK, before, mode=mode)
    files = carry_out(plan.changes, before)
    assert files == _files(mode, BASE)

    for disk, new, action, after in [
        (BASE, NEW, "replace", NEW),
        (MINE, NEW, "merge", BOTH),
        (MINE, BASE, "keep", MINE),
    ]:
        edited = _files(mode, disk)
        changed = _plan(_want(new), plan.lock, edited, mode=mode)
        assert [step.action for step in changed.steps] == [action]
        assert carry_out(changed.changes, edited) == _files(mode, after)

    assert carry_out(_plan({}, plan.lock, files, mode=mode).changes, files) == before


@pytest.mark.parametrize("body", [BASE, MINE], ids=["as it was", "edited"])
@pytest.mark.parametrize(("old", "new"), [(old, new) for old in MODES for new in MODES if old != new])
def test_changing_the_mode_moves_the_text_with_its_edits(old: str, new: str, body: bytes) -> None:
    lock = _plan(_want(BASE), NO_LOCK, {"CLAUDE.md": b"# Mine\n"}, mode=old).lock
    files = _files(old, body)

    plan = _plan(_want(BASE), lock, files, mode=new)

    after = carry_out(plan.changes, files)
    assert after == _files(new, body)
    [step] = [step for step in plan.steps if step.detail]
    assert (step.action, step.detail.startswith("moved from ")) == ("keep", True)
    again = _plan(_want(BASE), plan.lock, after, mode=new)
    assert again.changes.operations == ()
    if body == BASE:
        assert carry_out(_plan({}, plan.lock, after, mode=new).changes, after) == {"CLAUDE.md": b"# Mine\n"}


def test_a_block_that_its_user_moved_keeps_its_place_when_it_becomes_an_import() -> None:
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"})
    files = {"CLAUDE.md": _block(MINE) + END}

    after = carry_out(_plan(_want(BASE), lock, files, mode="import").changes, files)

    assert after == {"CLAUDE.md": IMPORT_BLOCK + END, IMPORTED: MINE}


def test_a_block_that_imports_comes_back_alone_and_is_relative_to_its_file() -> None:
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"}, mode="import")
    files = {"CLAUDE.md": b"# Mine\n", IMPORTED: MINE}

    plan = _plan(_want(BASE), lock, files, mode="import")

    assert carry_out(plan.changes, files) == _files("import", MINE)
    assert ("CLAUDE.md", "restore") in [(step.path, step.action) for step in plan.steps]
    inner = make_plan(_want(BASE), NO_LOCK, Place("import", ".claude/CLAUDE.md"), ".claude/", look_at({}))
    assert carry_out(inner.changes, {})[".claude/CLAUDE.md"] == _block(b"@context/x.md\n")


def test_what_somebody_wrote_into_a_block_that_imports_stays() -> None:
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"}, mode="import")
    files = {"CLAUDE.md": TOP + _block(b"my words\n"), IMPORTED: BASE}

    after = carry_out(_plan(_want(NEW), lock, files, mode="import").changes, files)

    assert after == {**files, IMPORTED: NEW}
    assert carry_out(_plan({}, lock, files, mode="import").changes, files) == {"CLAUDE.md": files["CLAUDE.md"]}


def test_two_packs_have_a_block_each_and_neither_touches_the_other() -> None:
    both = {**_want(BASE, "x"), **_want(NEW, "y")}
    plan = _plan(both, NO_LOCK, {"CLAUDE.md": TOP})
    files = carry_out(plan.changes, {"CLAUDE.md": TOP})
    edited = {"CLAUDE.md": files["CLAUDE.md"].replace(b"ONE", b"one").replace(b"one", b"ONE", 1)}

    changed = _plan({**_want(NEW, "x"), **_want(BASE, "y")}, plan.lock, edited)

    assert carry_out(changed.changes, edited) == {"CLAUDE.md": TOP + _block(BOTH) + b"\n" + _block(BASE, b"y")}
    alone = _plan(_want(NEW, "y"), plan.lock, files)
    assert carry_out(alone.changes, files) == {"CLAUDE.md": TOP + _block(NEW, b"y")}


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in MODES for new in MODES if old != new])
def test_a_change_of_the_mode_names_each_file_that_it_changes(old: str, new: str) -> None:
    before = {"CLAUDE.md": b"# Mine\n"}
    plan = _plan(_want(BASE), NO_LOCK, before, mode=old)
    files = carry_out(plan.changes, before)

    moved = _plan(_want(BASE), plan.lock, files, mode=new)

    assert {step.path for step in moved.steps} == {operation.path for operation in moved.changes.operations}


def test_a_rule_that_was_there_before_stays_after() -> None:
    files = {RULE: BASE}
    lock = _locked(BASE, files, mode="rules")
    again = _plan(_want(BASE), lock, files, mode="rules")
    assert (again.steps, again.lock.packs) == ((), lock.packs)

    plan = _plan({}, again.lock, files)

    assert [(step.path, step.action) for step in plan.steps] == [(RULE, "orphan")]
    assert carry_out(plan.changes, files) == files


def test_a_block_that_imports_is_named_when_it_goes() -> None:
    files = _files("import", BASE)
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"}, mode="import")

    plan = _plan({}, lock, files, mode="import")

    assert {(step.path, step.action) for step in plan.steps} == {("CLAUDE.md", "delete"), (IMPORTED, "delete")}


@pytest.mark.parametrize("mode", ["rules", "import"])
def test_markers_in_a_file_of_its_own_keep_the_conflict_open_until_they_are_gone(mode: str) -> None:
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"}, mode=mode)
    plan = _plan(_want(RIVAL), lock, _files(mode, MINE), choices=Choices(markers=True), mode=mode)
    marked = carry_out(plan.changes, _files(mode, MINE))
    text = RULE if mode == "rules" else IMPORTED
    assert b"<<<<<<< yours" in marked[text]

    still = _plan(_want(RIVAL), plan.lock, marked, mode=mode)

    assert [(step.path, step.action) for step in still.steps] == [(text, "conflict")]
    assert (still.changes.operations, still.lock) == ((), plan.lock)
    done = _plan(_want(RIVAL), plan.lock, {**marked, text: MINE}, mode=mode)
    assert [step.action for step in done.steps] == ["keep"]
    assert done.lock.packs["x"].pending == {}


@pytest.mark.parametrize(
    ("old", "new", "markers"),
    [
        *((old, new, False) for old in MODES for new in MODES if old != new),
        *(("rules", "import", True), ("import", "rules", True)),  # a CLAUDE.md with markers stays as it is
    ],
)
def test_an_open_conflict_moves_with_the_mode(old: str, new: str, *, markers: bool) -> None:
    before = _files(old, MINE)
    lock = _locked(BASE, {"CLAUDE.md": b"# Mine\n"}, mode=old)
    plan = _plan(_want(RIVAL), lock, before, choices=Choices(markers=markers), mode=old)
    files = carry_out(plan.changes, before)
    places = {"rules": RULE, "import": IMPORTED, "inline": "CLAUDE.md"}

    moved = _plan(_want(RIVAL), plan.lock, files, mode=new)

    after = carry_out(moved.changes, files)
    text = next(data for path, data in after.items() if path == places[new])
    assert (b"<<<<<<<" in text) == markers
    assert list(moved.lock.packs["x"].pending) == [places[new]]
    key = "CLAUDE.md.x" if new == "inline" else places[new]
    sides = {path for path in after if path.startswith(".claudepack/")}
    expected = {"ours"} if markers else {"base", "theirs", "merged"}
    assert sides == {f".claudepack/conflicts/{key}.{side}" for side in expected}
    again = _plan(_want(RIVAL), moved.lock, after, mode=new)
    assert (again.changes.operations, again.lock.packs) == ((), moved.lock.packs)


@pytest.mark.parametrize(
    "way", [("inline",), ("rules",), ("rules", "inline"), ("rules", "import"), ("inline", "import")]
)
def test_what_somebody_wrote_beside_an_import_stays_whatever_becomes_of_the_mode(way: tuple[str, ...]) -> None:
    before = {"CLAUDE.md": b"# Mine\n"}
    plan = _plan(_want(BASE), NO_LOCK, before, mode="import")
    files = carry_out(plan.changes, before)
    files["CLAUDE.md"] = files["CLAUDE.md"].replace(
        b"@.claude/context/x.md\n", b"my words\n@.claude/context/x.md\nmore\n"
    )

    for mode in way:
        plan = _plan(_want(BASE), plan.lock, files, mode=mode)
        files = carry_out(plan.changes, files)
        again = _plan(_want(BASE), plan.lock, files, mode=mode)
        assert (again.changes.operations, again.lock.packs) == ((), plan.lock.packs)

    after = b"".join(carry_out(_plan({}, plan.lock, files).changes, files).values())
    for text in (b"".join(files.values()), after):
        assert b"my words\n" in text
        assert b"more\n" in text
