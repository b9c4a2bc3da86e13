"""A lock is written one entry a line, read back as it was, and believed in nothing."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.project.fragments import Entry, LockedFragment
from claudepack.project.lock import Lock, LockedContext, LockedPack, amend_lock, dump_lock, parse_lock, read_version

CONTEXT = LockedContext("inline", "CLAUDE.md", "c" * 64, created=True, before="\n")
PACK = LockedPack(
    distribution="claudepack-x",
    version="1.0",
    requested=">=1",
    source={"kind": "bundled"},
    digest="d" * 64,
    requires=(),
    variables={"language": None},
    files={".claude/agents/b.md": "b" * 64, ".claude/agents/a.md": "a" * 64},
    executable=(),
    adopted=(".claude/agents/a.md",),
    context=CONTEXT,
    pending={},
)
LOCK = Lock({"x": PACK}, (".claude", ".claude/agents"))


def test_it_is_what_the_library_writes_with_an_indent_of_one() -> None:
    odd = PACK._replace(variables={"ü\n": None, "b": [], "a": ["x", '"y"'], "n": 1.5}, files={}, context=None)
    text = dump_lock(Lock({"y": odd, "x": PACK}, ()))

    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_it_is_read_back_as_it_was() -> None:
    assert parse_lock(dump_lock(LOCK).encode()) == LOCK


def test_one_entry_a_line_sorted() -> None:
    lines = dump_lock(LOCK).splitlines()
    files = [line for line in lines if "agents/" in line and ":" in line]
    assert len(files) == 2
    assert files == sorted(files)


@pytest.mark.parametrize(
    "path",
    ["../x", "/etc/passwd", "src/main.py", ".claude/../x", ".claude/settings.json", "C:/x", ".claude/agents/..\\x"],
)
def test_a_path_that_is_no_pack_s_is_refused(path: str) -> None:
    files = PACK._replace(files={path: "a" * 64})
    with pytest.raises(ClaudepackError, match="no place of a pack"):
        parse_lock(dump_lock(Lock({"x": files}, ())).encode())


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "src/main.py", ".claude/../x", ".claude/a\0b", "", "a\\b"])
@pytest.mark.parametrize("key", ["executable", "adopted", "pending"])
def test_nor_is_one_that_is_only_spoken_of(key: str, path: str) -> None:
    document = json.loads(dump_lock(LOCK))
    document["packs"]["x"][key] = {path: "a" * 64} if key == "pending" else [path]
    with pytest.raises(ClaudepackError, match="no place of a pack"):
        parse_lock(json.dumps(document).encode())


def test_a_source_has_no_nul_in_it() -> None:
    document = json.loads(dump_lock(LOCK))
    document["packs"]["x"]["source"] = {"kind": "archive", "path": "../x\0.whl", "sha256": "a" * 64}
    with pytest.raises(ClaudepackError, match="a source with a NUL"):
        parse_lock(json.dumps(document).encode())


def test_half_a_surrogate_pair_is_no_text() -> None:
    document = json.loads(dump_lock(LOCK))
    document["packs"]["x"]["variables"] = {"language": "\U0001f600"}
    assert parse_lock(json.dumps(document).encode()).packs["x"].variables == {"language": "\U0001f600"}
    document["packs"]["x"]["variables"] = {"language": "\ud800"}
    with pytest.raises(ClaudepackError, match="surrogates not allowed"):
        parse_lock(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("x", "../../victim"),
        ("x", "claudepack-y"),
        ("x", "claudepack_x"),
        ("x", ""),
        ("../x", "claudepack-../x"),
        ("X", "claudepack-X"),
        ("", "claudepack-"),
    ],
)
def test_a_pack_has_its_own_distribution(name: str, distribution: str) -> None:
    with pytest.raises(ClaudepackError, match="is not the distribution of a pack") as caught:
        parse_lock(dump_lock(Lock({name: PACK._replace(distribution=distribution)}, ())).encode())
    assert (caught.value.code, bool(caught.value.hint)) == ("lock", True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": {}}, "does not say where x is from"),
        ({"source": {"kind": "elsewhere"}}, "does not say where x is from"),
        ({"source": {"kind": "path"}}, "does not say where x is from"),
        ({"source": {"kind": "archive", "path": "x.whl"}}, "does not say where x is from"),
        ({"source": {"kind": "git", "url": "https://example.org/x.git", "commit": ""}}, "does not say where x is from"),
        ({"source": {"kind": "index", "index": "https://example.org/simple"}}, "does not say where x is from"),
    ],
)
def test_what_pins_no_pack_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        parse_lock(dump_lock(Lock({"x": PACK._replace(**change)}, ())).encode())
    assert (caught.value.code, bool(caught.value.hint)) == ("lock", True)


@pytest.mark.parametrize("version", ["", "1..0", "latest"])
def test_a_version_that_is_none_is_told_to_who_compares_it(version: str) -> None:
    [pack] = parse_lock(dump_lock(Lock({"x": PACK._replace(version=version)}, ())).encode()).packs.values()
    with pytest.raises(ClaudepackError, match=f"x: '{version}' is no version") as caught:
        read_version("x", pack)
    assert (caught.value.code, bool(caught.value.hint)) == ("lock", True)


@pytest.mark.parametrize("file", ["src/main.py", ".claude/agents/a.md", ".claude/rules/other.md", "../CLAUDE.md"])
def test_a_context_elsewhere_is_refused(file: str) -> None:
    moved = PACK._replace(context=CONTEXT._replace(file=file))
    with pytest.raises(ClaudepackError, match="no place of a pack"):
        parse_lock(dump_lock(Lock({"x": moved}, ())).encode())


@pytest.mark.parametrize("key", sorted(PACK._asdict()))
def test_a_missing_or_wrong_value_is_an_error(key: str) -> None:
    document = json.loads(dump_lock(LOCK))
    document["packs"]["x"][key] = 7
    if key != "context":
        with pytest.raises(ClaudepackError, match="not a lock of format 1"):
            parse_lock(json.dumps(document).encode())
    del document["packs"]["x"][key]
    if key == "ahead":  # there only where it is so
        assert parse_lock(json.dumps(document).encode()) == LOCK
        return
    with pytest.raises(ClaudepackError, match="not a lock of format 1"):
        parse_lock(json.dumps(document).encode())


FRAGMENT = LockedFragment((Entry(("a",), is_item=False, text="1"),), (), (("a",),), created=True)
FULL = Lock(
    {"x": PACK._replace(fragments={".mcp.json": FRAGMENT}, pending={"CLAUDE.md": ""}, ahead=True)}, (".claude",)
)
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from([".claude", "../x"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)


def _list_places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The keys on the way to each value in a document."""
    keys: list[str | int] = list(value) if isinstance(value, dict) else []
    keys = list(range(len(value))) if isinstance(value, list) else keys
    below = [place for key in keys for place in _list_places(value[key], (*at, key))]  # type: ignore[index]  # it has it
    return [at, *below]


PLACES = _list_places(json.loads(dump_lock(FULL)))


@given(place=st.sampled_from(PLACES), value=VALUES, is_taken_out=st.booleans())
def test_whatever_stands_in_any_place_is_read_or_refused(
    place: tuple[str | int, ...], value: object, *, is_taken_out: bool
) -> None:
    holder = {"": json.loads(dump_lock(FULL))}
    here: Any = holder
    *way, last = "", *place
    for key in way:
        here = here[key]
    if is_taken_out:
        del here[last]
    else:
        here[last] = value

    with contextlib.suppress(ClaudepackError):
        lock = parse_lock(json.dumps(holder.get("")).encode())
        assert dump_lock(parse_lock(dump_lock(lock).encode())) == dump_lock(lock)


@given(data=st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ClaudepackError):
        parse_lock(data)


P, Q, RULE, OWN = ".claude/prompts/p", ".claude/prompts/q", ".claude/rules/claudepack-x.md", ".claude/context/x.md"
MCP, IS_FRAGMENT = ".mcp.json", LockedFragment((), (), (), created=True)
OLD = PACK._replace(files={P: "1" * 64, Q: "1" * 64}, adopted=(), fragments={MCP: FRAGMENT})
NEW = OLD._replace(version="2.0", files={P: "2" * 64, Q: "2" * 64}, fragments={MCP: IS_FRAGMENT})
MOVED = CONTEXT._replace(sha256="e" * 64)
RULED, IMPORTED = CONTEXT._replace(mode="rules", file=RULE), CONTEXT._replace(mode="import")


@pytest.mark.parametrize(
    ("old", "new", "conflicts", "amended"),
    [
        (OLD, NEW, [], NEW),
        (OLD, NEW, [P], NEW._replace(files={P: "1" * 64, Q: "2" * 64}, pending={P: "2" * 64})),
        (None, NEW, [P], NEW._replace(pending={P: "2" * 64})),
        (OLD, NEW, [MCP], NEW._replace(fragments={MCP: FRAGMENT}, pending={MCP: ""})),
        (None, NEW, [MCP], NEW._replace(fragments={}, pending={MCP: ""})),
        (
            OLD,
            NEW._replace(context=MOVED, pending={Q: "3" * 64}),
            ["CLAUDE.md"],
            NEW._replace(pending={Q: "3" * 64, "CLAUDE.md": "e" * 64}),
        ),
        (None, NEW._replace(context=RULED), [RULE], NEW._replace(context=None, pending={RULE: RULED.sha256})),
        (OLD, NEW._replace(context=IMPORTED), [OWN], NEW._replace(pending={OWN: IMPORTED.sha256})),
        (OLD, NEW, [".claude/other"], NEW),
        (OLD, None, [], None),
        (OLD, None, [P, MCP], None),
        (OLD, None, ["CLAUDE.md"], OLD._replace(files={}, fragments={}, pending={"CLAUDE.md": ""})),
        (OLD._replace(context=None), None, ["CLAUDE.md"], None),
    ],
)
def test_the_lock_says_of_a_file_that_somebody_changed_meanwhile_what_is_there(
    old: LockedPack | None, new: LockedPack | None, conflicts: list[str], amended: LockedPack | None
) -> None:
    before, after = (
        None if pack is None else dump_lock(Lock({"x": pack}, (".claude",))).encode() for pack in (old, new)
    )

    data = amend_lock(before, after, frozenset(conflicts))

    assert (None if data is None else parse_lock(data)) == (amended and Lock({"x": amended}, (".claude",)))
