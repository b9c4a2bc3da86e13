"""The table of what happens to a file, row by row."""

import pytest

from claudepack.plan.decision import decide
from claudepack.project.disk import DiskFile

OLD, NEW, EDIT = DiskFile("old"), DiskFile("new"), DiskFile("edit")
LINK = DiskFile("")


@pytest.mark.parametrize(
    ("base", "disk", "new", "action"),
    [
        ("old", NEW, "new", "unchanged"),
        ("new", NEW, "new", "unchanged"),
        (None, NEW, "new", "adopt"),
        (None, None, "new", "create"),
        ("old", OLD, "new", "replace"),
        ("old", EDIT, "old", "keep"),
        ("old", EDIT, "new", "merge"),
        ("old", LINK, "new", "conflict"),
        ("old", LINK, "old", "conflict"),
        ("old", None, "old", "restore"),
        ("old", None, "new", "restore"),
        (None, EDIT, "new", "collision"),
        (None, LINK, "new", "collision"),
        ("old", OLD, None, "delete"),
        ("old", EDIT, None, "orphan"),
        ("old", LINK, None, "orphan"),
        ("old", None, None, "gone"),
        ("old", DiskFile("crlf", as_lf="old"), "new", "replace"),
        ("old", DiskFile("crlf", as_lf="old"), "old", "unchanged"),
        ("old", DiskFile("crlf", as_lf="old"), None, "delete"),
    ],
)
def test_the_file_table(base: str | None, disk: DiskFile | None, new: str | None, action: str) -> None:
    assert decide(base, disk, new) == action
