"""What `check` reports: a finding in a place, and the edits that mend it where that is safe."""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]


class Edit(NamedTuple):
    """A textual splice.

    Attributes:
        start: Byte offset in the file as it was read.
        end: Byte offset after what goes; `start` where nothing does.
        new: What comes in its place.
    """

    start: int
    end: int
    new: bytes


class Finding(NamedTuple):
    """A fault with the rule that found it, as it is reported.

    Attributes:
        code: The rule's code: stable, `FM001`.
        slug: The rule's name in words: `unreadable-frontmatter`.
        severity: How bad it is: an error fails the run, a warning with `--strict` only, a note never.
        path: As people are told it: relative to what was asked for.
        line: From 1; 0 where it is the file that is wrong.
        column: From 1; 0 where it is the line.
        end: The column after the last character; 0 where it is the rest of the line.
        message: What is wrong.
        hint: What to do.
        source: The line as it stands in the file; empty where there is none.
        edits: What mends it.
    """

    code: str
    slug: str
    severity: Severity
    path: str
    line: int
    column: int
    end: int
    message: str
    hint: str
    source: str = ""
    edits: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        """As one line for people."""
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"
