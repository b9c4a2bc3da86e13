"""What a pack's changelog says between two versions (Keep a Changelog: a `## [VERSION] - DATE` heading each)."""

import re

from packaging.version import InvalidVersion, Version

_HEADING = re.compile(r"##[ \t]+\[?v?(\d[^\s\])]*)")
_RELEASE = re.compile(r"##[ \t]")


def extract_changes(text: str, after: str, upto: str) -> str:
    """The sections of the versions that are higher than one and not higher than another.

    Args:
        text: The changelog.
        after: The version that was there before.
        upto: The version that is there now.

    Returns:
        The sections in their order, with their headings; empty where there are none.
    """
    low, high = Version(after), Version(upto)
    kept: list[str] = []
    inside = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if _RELEASE.match(line):
            version = _read_version(line)
            inside = version is not None and low < version <= high
        elif re.match(r"#[ \t]|\[[^\]]+\]:", line):
            inside = False  # the title, or the link of a version at the end
        if inside:
            kept.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _read_version(heading: str) -> Version | None:
    match = _HEADING.match(heading)
    try:
        return Version(match[1]) if match else None
    except InvalidVersion:
        return None
