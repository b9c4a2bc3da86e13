"""Sections of a CLAUDE.md by their headings, as a context of a pack."""

import re

from claudepack.errors import ClaudepackError
from claudepack.fences import next_fence
from claudepack.paths import nearest

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*\r?\n?")
_BLOCK = re.compile(
    r"^ {0,3}<!-- claudepack:begin (\S+) -->[ \t]*\r?\n.*?^ {0,3}<!-- claudepack:end \1 -->[ \t]*(?:\r?\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


def take_sections(text: str, headings: list[str], where: str) -> str:
    """The sections with the headings named, each up to the next heading of its level or above, as they stand.

    What packs have brought into the file is none of its own, and is not seen.

    Args:
        text: The file.
        headings: Their texts, without `#`; case does not matter.
        where: The file, for messages.

    Raises:
        ClaudepackError: There is no such heading.
    """
    lines = _BLOCK.sub("", text).splitlines(keepends=True)
    found = _find_headings(lines)
    kept: set[int] = set()
    for heading in headings:
        starts = [(line, level) for line, level, title in found if title.casefold() == heading.strip().casefold()]
        if not starts:
            raise ClaudepackError(
                f"{where}: there is no heading {heading!r}",
                code="not-found",
                hint=nearest(heading, {title for _, _, title in found}) or "it has no headings",
            )
        for start, level in starts:
            end = next((line for line, other, _ in found if line > start and other <= level), len(lines))
            kept.update(range(start, end))
    return "".join(lines[number] for number in sorted(kept)).strip("\r\n") + "\n"


def _find_headings(lines: list[str]) -> list[tuple[int, int, str]]:
    """The line, the level and the text of each heading; what stands in a code fence is none."""
    found: list[tuple[int, int, str]] = []
    fence = ""
    for number, line in enumerate(lines):
        was, fence = fence, next_fence(line.rstrip("\r\n"), fence)
        if not was and not fence and (match := _HEADING.fullmatch(line)):
            found.append((number, len(match[1]), match[2].strip()))
    return found
