"""Where a pack's context stands: as the project says, else where it is."""

import pytest

from claudepack.plan.spots import Place, Spot, choose_spot, find_spot
from claudepack.project.lock import LockedContext

C, RULE, OWN = ".claude/CLAUDE.md", ".claude/rules/claudepack-x.md", ".claude/context/x.md"


def _lock(mode: str, file: str) -> LockedContext:
    return LockedContext(mode, file, "0" * 64, created=False, before="")


@pytest.mark.parametrize(
    ("mode", "old", "spot"),
    [
        ("", None, Spot("inline", "CLAUDE.md", "")),
        ("inline", None, Spot("inline", "CLAUDE.md", "")),
        ("rules", None, Spot("rules", RULE, RULE)),
        ("import", None, Spot("import", "CLAUDE.md", OWN)),
        ("", ("inline", C), Spot("inline", C, "")),
        ("", ("rules", RULE), Spot("rules", RULE, RULE)),
        ("", ("import", C), Spot("import", C, OWN)),
        ("inline", ("import", C), Spot("inline", C, "")),
        ("inline", ("rules", RULE), Spot("inline", "CLAUDE.md", "")),
        ("import", ("rules", RULE), Spot("import", "CLAUDE.md", OWN)),
        ("rules", ("inline", C), Spot("rules", RULE, RULE)),
    ],
)
def test_the_mode_that_is_asked_for_decides_and_the_file_stays(
    mode: str, old: tuple[str, str] | None, spot: Spot
) -> None:
    assert choose_spot("x", Place(mode, "CLAUDE.md"), ".claude/", old and _lock(*old)) == spot


@pytest.mark.parametrize(
    ("mode", "file", "text", "has_block"),
    [("inline", C, C, True), ("rules", RULE, RULE, False), ("import", "CLAUDE.md", OWN, True)],
)
def test_the_lock_says_where_the_text_is(mode: str, file: str, text: str, *, has_block: bool) -> None:
    spot = find_spot("x", _lock(mode, file), ".claude/")

    assert (spot.text, spot.has_block) == (text, has_block)
    assert spot == choose_spot("x", Place("", "other.md"), ".claude/", _lock(mode, file))


@pytest.mark.parametrize(
    ("file", "prefix", "line"),
    [
        ("CLAUDE.md", ".claude/", b"@.claude/context/x.md\n"),
        (C, ".claude/", b"@context/x.md\n"),
        ("CLAUDE.md", "", b"@context/x.md\n"),
        ("docs/CLAUDE.md", ".claude/", b"@../.claude/context/x.md\n"),
    ],
)
def test_an_import_is_relative_to_the_file_that_has_it(file: str, prefix: str, line: bytes) -> None:
    assert choose_spot("x", Place("import", file), prefix, None).import_line == line
