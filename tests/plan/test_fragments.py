"""What packs add to settings comes and goes entry by entry, and every byte of the user's stays."""

import json
from collections.abc import Mapping
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.apply.operations import Changes
from claudepack.errors import ClaudepackError
from claudepack.plan.choices import NONE, Choices, Resolution
from claudepack.plan.fragments import FragmentPlan, Parts, plan_fragment
from claudepack.project.fragments import Entry, LockedFragment, take_apart
from claudepack.project.json_text import JSON
from disk_in_memory import Files, carry_out, look_at

PATH = ".claude/settings.json"
BESIDE = f".claudepack/conflicts/{PATH}.theirs"
REPLACED = f".claudepack/replaced/{PATH}"
Locked = Mapping[str, LockedFragment]


def _run(
    packs: Mapping[str, JSON], locked: Locked, files: Files, choices: Choices = NONE, *, is_pending: bool = False
) -> tuple[FragmentPlan, dict[str, bytes]]:
    news = {name: tuple(take_apart(value)) for name, value in packs.items()}
    plan = plan_fragment(Parts(PATH, locked, news, is_pending), look_at(files), choices)
    return plan, carry_out(Changes(tuple(plan.operations)), files)


def _install(value: JSON, text: str | None) -> tuple[Locked, dict[str, bytes]]:
    plan, files = _run({"x": value}, {}, {} if text is None else {PATH: text.encode()})
    return plan.locked, files


class Row(NamedTuple):
    """What the pack had, the file as it is now, what the pack delivers; what is reported, and the file afterwards."""

    base: JSON
    disk: str | None
    new: JSON
    action: str
    after: str | None


ALLOW = '{\n  "permissions": {\n    "allow": [\n      "Read"\n    ]\n  }\n}\n'
BOTH = '{\n  "permissions": {\n    "allow": [\n      "Read",\n      "Bash(ls)"\n    ]\n  }\n}\n'
READ: JSON = {"permissions": {"allow": ["Read"]}}
LS: JSON = {"permissions": {"allow": ["Bash(ls)"]}}
TABLE = {
    "no file: made": Row(None, None, READ, "create", ALLOW),
    "a file without it: put in behind": Row(None, ALLOW, LS, "merge", BOTH),
    "there already: taken into the lock": Row(None, ALLOW, READ, "adopt", ALLOW),
    "as it was: nothing": Row(LS, BOTH, LS, "", BOTH),
    "another entry: exactly the pack's is exchanged": Row(
        LS, BOTH, {"permissions": {"allow": ["Bash(pwd)"]}}, "merge", BOTH.replace("ls", "pwd")
    ),
    "taken out by its user: stays out": Row(LS, ALLOW, LS, "keep", ALLOW),
    "the file is gone: it comes back": Row(READ, None, READ, "restore", ALLOW),
    "a key: set": Row(None, "{}", {"model": "opus"}, "merge", '{\n  "model": "opus"\n}'),
    "a key of the user's: stays": Row(None, '{"model": "haiku"}', {"model": "opus"}, "keep", '{"model": "haiku"}'),
    "a key as it was, a new value: set": Row(
        {"model": "opus"}, '{"model": "opus"}', {"model": "sonnet"}, "merge", '{"model": "sonnet"}'
    ),
    "a key that its user changed: stays": Row(
        {"model": "opus"}, '{"model": "haiku"}', {"model": "opus"}, "keep", '{"model": "haiku"}'
    ),
    "a key that both changed: stays": Row(
        {"model": "opus"}, '{"model": "haiku"}', {"model": "sonnet"}, "conflict", '{"model": "haiku"}'
    ),
    "it leaves: its entries go": Row(LS, BOTH, None, "merge", ALLOW),
    "it leaves, and its user changed it: stays": Row(
        {"model": "opus"}, '{"model": "haiku"}', None, "orphan", '{"model": "haiku"}'
    ),
    "it leaves the file that was made for it": Row(READ, "fresh", None, "delete", None),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE.keys())
def test_the_table_of_settings(row: Row) -> None:
    started = ALLOW if row.base == LS else None if row.base in (READ, {"model": "opus"}) else "{}"
    locked, fresh = _install(row.base, started) if row.base is not None else ({}, {})
    disk = fresh[PATH].decode() if row.disk == "fresh" else row.disk

    plan, files = _run({} if row.new is None else {"x": row.new}, locked, {} if disk is None else {PATH: disk.encode()})

    assert [action for action, _, _ in plan.steps] == ([row.action] if row.action else [])
    assert files.get(PATH) == (None if row.after is None else row.after.encode())
    assert ("x" in plan.pending, BESIDE in files) == (row.action == "conflict", row.action == "conflict")


SERVER: JSON = {"mcpServers": {"db": {"command": "a"}}}
OTHER: JSON = {"mcpServers": {"db": {"command": "b", "args": []}}}


@pytest.mark.parametrize(
    ("choices", "action", "after"),
    [
        (NONE, "collision", OTHER),
        (Choices(adopt=frozenset(["*"])), "keep", OTHER),
        (Choices(replace=frozenset([PATH])), "merge", SERVER),
    ],
)
def test_another_server_of_the_name_is_in_the_way(choices: Choices, action: str, after: JSON) -> None:
    before = json.dumps(OTHER).encode()

    plan, files = _run({"x": SERVER}, {}, {PATH: before}, choices)

    assert [step for step, _, _ in plan.steps] == [action]
    assert json.loads(files[PATH]) == after
    assert files.get(REPLACED) == (before if after == SERVER else None)


def test_a_server_that_stayed_is_in_the_way_of_the_next_run_only_where_the_pack_has_another() -> None:
    disk = {PATH: json.dumps(OTHER).encode()}
    kept, _ = _run({"x": SERVER}, {}, disk, Choices(adopt=frozenset(["*"])))

    again, files = _run({"x": SERVER}, kept.locked, disk)
    assert (again.steps[0][0], files) == ("keep", disk)
    assert again.locked == kept.locked
    changed, _ = _run({"x": {"mcpServers": {"db": {"command": "c"}}}}, kept.locked, disk)
    assert changed.steps[0][0] == "collision"


@pytest.mark.parametrize("value", [SERVER, {"env": {"A": "1"}}], ids=["server", "setting"])
def test_what_stayed_and_is_replaced_later_goes_with_the_pack(value: JSON) -> None:
    disk = {PATH: b'{"mcpServers": {"db": {"command": "b"}}, "env": {"A": "2"}}'}
    kept, files = _run({"x": value}, {}, disk, Choices(adopt=frozenset(["*"])))
    assert files == disk
    replaced, files = _run({"x": value}, kept.locked, files, Choices(replace=frozenset([PATH])))
    assert replaced.locked["x"].adopted == ()
    assert files[REPLACED] == disk[PATH]

    _, files = _run({}, replaced.locked, files)

    assert next(take_apart(value)) not in set(take_apart(json.loads(files[PATH])))


@pytest.mark.parametrize(("side", "model"), [("ours", "haiku"), ("theirs", "sonnet")])
def test_a_conflict_ends_as_its_user_says(side: str, model: str) -> None:
    locked, _ = _install({"model": "opus"}, None)
    disk = {PATH: b'{"model": "haiku"}'}
    plan, files = _run({"x": {"model": "sonnet"}}, locked, disk)
    assert plan.locked["x"].entries == (Entry(("model",), is_item=False, text='"opus"'),)
    assert json.loads(files[BESIDE]) == {"model": "sonnet"}
    resolve = Choices(resolve={PATH: Resolution(side)})  # type: ignore[arg-type]  # one of two words

    done, after = _run({"x": {"model": "sonnet"}}, plan.locked, files, resolve, is_pending=True)

    assert json.loads(after[PATH]) == {"model": model}
    assert (done.pending, BESIDE in after) == ({}, False)
    assert done.locked["x"].entries == (Entry(("model",), is_item=False, text='"sonnet"'),)
    assert after.get(REPLACED) == (disk[PATH] if side == "theirs" else None)


def test_what_two_packs_add_goes_with_the_last_of_them() -> None:
    plan, files = _run({"x": LS, "y": LS}, {}, {PATH: ALLOW.encode()})
    assert files == {PATH: BOTH.encode()}

    one, files = _run({"y": LS}, plan.locked, files)
    assert files == {PATH: BOTH.encode()}
    assert _run({}, one.locked, files)[1] == {PATH: ALLOW.encode()}


def test_two_packs_that_want_one_key_to_be_different_things_are_refused() -> None:
    with pytest.raises(ClaudepackError, match="model is one thing in x and another in y"):
        _run({"x": {"model": "opus"}, "y": {"model": "haiku"}}, {}, {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{\n  // mine\n  "model": "opus"\n}', ":2: a comment"),
        ('{\n  "model": "opus",\n}', ":3: a comma before"),
        ("\ufeff{}", ":1: it begins with a byte order mark"),
        ('[\n"model"\n]', ":1: it is no object"),
        ('{"permissions": ["Read"]}', "permissions has to be an object"),
        ('{"permissions": {"allow": "Read"}}', "permissions.allow has to be a list"),
        ("", ":1: not JSON: it ends too early"),
        (f'{{"a": {"1" * 401}}}', ":1: a number of more than 400 characters"),
    ],
)
def test_a_file_that_cannot_be_merged_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        _run({"x": LS}, {}, {PATH: text.encode()})
    assert why in caught.value.message
    assert PATH in caught.value.message
    assert caught.value.hint


KEYS = st.sampled_from(["permissions", "allow", "env", "hooks", "model", "a b", "é"])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.floats(0, 2, width=16), st.text('xy\n"é', max_size=3)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
STYLES = st.sampled_from([None, 1, 2, 4, "\t"])


@st.composite
def _texts(draw: st.DrawFn) -> str:
    text = json.dumps(draw(OBJECTS), indent=draw(STYLES), ensure_ascii=draw(st.booleans()))
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", " ", "\n"])) + text + draw(st.sampled_from(["", "\n", "\n\n "]))


@given(
    text=st.none() | _texts(),
    versions=st.lists(st.dictionaries(st.sampled_from("xyz"), OBJECTS, max_size=3), max_size=4),
)
def test_through_any_history_the_users_bytes_come_back(text: str | None, versions: list[dict[str, JSON]]) -> None:
    before = {} if text is None else {PATH: text.encode()}
    locked: Locked = {}
    files = dict(before)
    for packs in [*versions, {}]:
        try:
            plan, after = _run(packs, locked, files)
        except ClaudepackError:
            continue  # a clash, or something else in an object's place: nothing was changed
        again, same = _run(packs, plan.locked, after)
        assert (same, again.locked) == (after, plan.locked)
        _assert_users_part(text, after)
        locked, files = plan.locked, after
    assert files == before


def _assert_users_part(text: str | None, files: Files) -> None:
    """What the user had is still there: each entry, and each key in its order."""
    if text is None:
        return
    now = set(take_apart(json.loads(files[PATH])))
    for entry in take_apart(json.loads(text)):
        assert entry in now or entry.text in ("{}", "[]")
