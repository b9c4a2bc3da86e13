"""Which rules count, and where: codes and their beginnings, files that are exempt, comments in the files."""

import os
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.lint.registry import load_rules
from claudepack.paths import nearest

# In an HTML comment, or in a YAML one: of its line and of the next that is not blank; `-file`: of the file.
_COMMENT = re.compile(r"(?:<!--|#)\s*claudepack:\s*ignore(?P<file>-file)?\[(?P<codes>[A-Z0-9,\s]+)\]")
_MARK = "claudepack:"
_ALWAYS = ("FL012",)  # what nobody has read has not passed, whatever was looked for


class Selection(NamedTuple):
    """Which rules count.

    Attributes:
        select: Codes, or beginnings of codes; all where there is none.
        ignore: Those that do not; the longer of two that both fit a code decides.
        exempt: By a pattern of paths, or of a file's name, what is not looked for there.
        folder: What these patterns are relative to; the current directory unless told.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exempt: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    folder: Path | None = None

    def takes(self, code: str) -> bool:
        """Whether a rule counts; one that is not usual, only where its whole code is selected."""
        if code in _ALWAYS:
            return code not in self.ignore
        if code not in self.select and not load_rules()[code].usual:
            return False
        wanted = max((len(word) for word in self.select if code.startswith(word)), default=-1 if self.select else 0)
        return wanted >= 0 and wanted > max((len(word) for word in self.ignore if code.startswith(word)), default=-1)

    def exempts(self, path: str, code: str) -> bool:
        """Whether a file is exempt from a rule."""
        words = [pattern for pattern, codes in self.exempt.items() if any(code.startswith(word) for word in codes)]
        if not words:
            return False
        if self.folder:
            path = os.path.relpath(Path(path).absolute(), self.folder).replace(os.sep, "/")
        return any(fnmatchcase(path, word) or fnmatchcase(path.rpartition("/")[2], word) for word in words)


def refuse_unknown_codes(words: Iterable[str], where: str) -> None:
    """Refuse a code that no rule has.

    Raises:
        ClaudepackError: Naming the nearest.
    """
    codes = load_rules()
    for word in words:
        if not word or not any(code.startswith(word) for code in codes):
            raise ClaudepackError(f"{where}: there is no rule {word!r}", code="usage", hint=nearest(word, codes))


class Silences(NamedTuple):
    """What the comments of a file silence.

    Attributes:
        everywhere: Codes, or beginnings of them, in the whole file.
        lines: Those of single lines.
    """

    everywhere: frozenset[str]
    lines: Mapping[int, frozenset[str]]

    def silence(self, code: str, line: int) -> bool:
        """Whether a finding is not wanted."""
        return any(code.startswith(word) for word in self.everywhere | self.lines.get(line, frozenset()))


NONE_SILENCED = Silences(frozenset(), {})


def read_silences(content: str) -> Silences:
    """The comments of a file that silence rules."""
    if _MARK not in content:
        return NONE_SILENCED
    everywhere: set[str] = set()
    lines: dict[int, frozenset[str]] = {}
    rows = content.split("\n")
    for number, row in enumerate(rows, start=1):
        for match in _COMMENT.finditer(row) if _MARK in row else ():
            codes = frozenset(filter(None, re.split(r"[,\s]+", match["codes"])))
            if match["file"]:
                everywhere |= codes
                continue
            later = range(number, len(rows))  # by their places: to copy the rest each time would take ever longer
            below = next((place + 1 for place in later if rows[place].strip()), number)
            for line in (number, below):
                lines[line] = lines.get(line, frozenset()) | codes
    return Silences(frozenset(everywhere), lines)
