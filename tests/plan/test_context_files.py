"""The files that hold contexts are edited in memory: what goes in comes out, and leaves what was there."""

from collections.abc import Mapping

import pytest

from claudepack.plan.context_files import ContextFiles
from claudepack.plan.spots import Place, Spot, choose_spot
from claudepack.project.lock import LockedContext

BODY, OTHER = b"one\ntwo\n", b"three\n"
MODES = ("inline", "rules", "import")
BEFORE = {
    "nothing": None,
    "empty": b"",
    "blank": b"\n",
    "text": b"# Mine\n",
    "no final newline": b"# Mine",
    "a blank line at the end": b"# Mine\n\n",
    "CRLF": b"# Mine\r\n\r\ntext\r\n",
    "BOM": b"\xef\xbb\xbf# Mine\n",
    "no UTF-8": b"caf\xe9\n",
}


def _spot(name: str, mode: str, file: str = "CLAUDE.md") -> Spot:
    return choose_spot(name, Place(mode, file), ".claude/", None)


def _open(files: Mapping[str, bytes | None]) -> ContextFiles:
    return ContextFiles(files.get, {})


def _lock(files: ContextFiles, spots: Mapping[str, Spot]) -> dict[str, LockedContext]:
    """What a lock says of the contexts that were written."""
    return {
        name: LockedContext(spot.mode, spot.file, "", spot.file in files.made, files.glues.get(name, ""))
        for name, spot in spots.items()
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE.keys())
def test_what_is_written_is_read_and_what_is_removed_leaves_what_was_there(before: bytes | None, mode: str) -> None:
    spots = {name: _spot(name, mode) for name in ("x", "y")}
    files = _open({"CLAUDE.md": before})
    files.write("x", spots["x"], BODY)
    files.write("y", spots["y"], OTHER)

    assert (files.text("x", spots["x"]), files.text("y", spots["y"])) == (BODY, OTHER)
    assert all(files.has_block(name, spot) for name, spot in spots.items())

    for order in (("x", "y"), ("y", "x")):
        later = ContextFiles(files.contents.get, _lock(files, spots))
        for name in order:
            later.remove(name, spots[name])
        assert later.contents.get("CLAUDE.md", before) == before
        assert {path for path, data in later.contents.items() if data is not None} <= {"CLAUDE.md"}


@pytest.mark.parametrize("mode", MODES)
def test_writing_again_replaces_the_text_and_nothing_else(mode: str) -> None:
    spot = _spot("x", mode)
    files = _open({"CLAUDE.md": b"# Mine\n"})
    files.write("x", spot, BODY)
    before = dict(files.contents)

    files.write("x", spot, OTHER)

    assert files.text("x", spot) == OTHER
    files.write("x", spot, BODY)
    assert files.contents == before


def test_a_text_gets_the_line_endings_of_its_file() -> None:
    inline, rules = _spot("x", "inline"), _spot("x", "rules")
    files = _open({"CLAUDE.md": b"# Mine\r\n", rules.file: b"old\r\n"})

    files.write("x", inline, BODY)
    files.write("x", rules, BODY)

    assert (files.load("CLAUDE.md") or b"").endswith(b"\r\none\r\ntwo\r\n<!-- claudepack:end x -->\r\n")
    assert files.load(rules.file) == BODY.replace(b"\n", b"\r\n")


def test_of_equal_twins_the_first_stays() -> None:
    block = b"<!-- claudepack:begin x -->\none\n<!-- claudepack:end x -->\n"
    files = _open({"CLAUDE.md": block + b"text\n" + block})

    files.unite_twins("x", _spot("x", "inline"))

    assert files.load("CLAUDE.md") == block + b"text\n"


def test_only_a_file_that_this_tool_made_goes_with_its_last_text() -> None:
    spot = _spot("x", "inline")
    for before, after in ((None, None), (b"", b"")):
        files = _open({"CLAUDE.md": before})
        files.write("x", spot, BODY)
        later = ContextFiles(files.contents.get, _lock(files, {"x": spot}))
        later.remove("x", spot)
        assert later.contents["CLAUDE.md"] == after


def test_what_somebody_wrote_around_the_block_of_a_file_that_this_tool_made_stays() -> None:
    spot = _spot("x", "inline")
    files = _open({})
    files.write("x", spot, BODY)
    edited = {"CLAUDE.md": b"mine\n" + (files.load("CLAUDE.md") or b"")}

    later = ContextFiles(edited.get, _lock(files, {"x": spot}))
    later.remove("x", spot)

    assert later.contents["CLAUDE.md"] == b"mine\n"


def test_what_somebody_wrote_into_a_block_that_imports_stays_there() -> None:
    spot = _spot("x", "import")
    files = _open({})
    files.write("x", spot, BODY)
    edited = {**files.contents, "CLAUDE.md": (files.load("CLAUDE.md") or b"").replace(spot.import_line, b"mine\n")}

    later = ContextFiles(edited.get, _lock(files, {"x": spot}))
    later.remove("x", spot)

    assert later.contents == {spot.own: None, "CLAUDE.md": edited["CLAUDE.md"]}


def test_nothing_is_loaded_that_nobody_asks_for() -> None:
    files = _open({"CLAUDE.md": b"# Mine\n"})

    assert files.text("x", _spot("x", "rules")) is None
    assert files.contents == files.originals == {".claude/rules/claudepack-x.md": None}
