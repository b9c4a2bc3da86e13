"""What a changelog says between two versions."""

import pytest

from claudepack.pack.changelog import extract_changes

TEXT = """\
# Changelog

All that is worth telling.

## [Unreleased]

- Not yet.

## [2.0.0] - 2026-03-01

### Added

- Two.


- More of two.

## v1.10.0

- Ten.

## 1.9.0-rc.1 (2025-01-01)

- Nine.

## Notes

- Of no version.

## [1.0.0]

- One.

[2.0.0]: https://example.org/2
"""


@pytest.mark.parametrize(
    ("after", "upto", "told"),
    [
        ("1.10.0", "2.0.0", ["Two.", "More of two."]),
        ("1.0.0", "2.0.0", ["Two.", "More of two.", "Ten.", "Nine."]),
        ("1.0.0", "1.10.0", ["Ten.", "Nine."]),
        ("1.9.0", "1.10", ["Ten."]),
        ("2.0.0", "3.0", []),
        ("2.0.0", "1.0.0", []),
        ("0.1", "1.0.0", ["One."]),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_sections_between_two_versions_are_told(after: str, upto: str, told: list[str], ending: str) -> None:
    changes = extract_changes(TEXT.replace("\n", ending), after, upto)
    assert [line.removeprefix("- ") for line in changes.split("\n") if line.startswith("- ")] == told
    assert "\n\n\n" not in changes
    assert "https:" not in changes
    assert changes == changes.strip()


def test_a_section_keeps_its_heading() -> None:
    assert extract_changes(TEXT, "1.10.0", "2.0.0").startswith("## [2.0.0] - 2026-03-01\n\n### Added\n\n- Two.")


def test_what_has_no_versions_tells_nothing() -> None:
    assert extract_changes("# Changelog\n\n- Things.\n", "1.0", "2.0") == ""
