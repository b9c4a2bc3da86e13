"""What a rule yields: a fault in a place."""

from typing import NamedTuple

from claudepack.report.finding import Edit


class Fault(NamedTuple):
    """What a rule yields: one thing that is wrong.

    Attributes:
        message: What is wrong, and what the client makes of it.
        hint: What to do.
        line: From 1; 0 where it is the file that is wrong.
        column: From 1, in characters; 0 where it is the line.
        end: The column after the last character; 0 where it is the rest of the line.
        path: The file, in the layout of `.claude`; empty for the one that the rule was handed.
        edits: What mends it without changing what the file says; empty where only a person can.
        is_secret: Whether the line must not be shown, as it would be in the log of whoever checks.
    """

    message: str
    hint: str
    line: int = 0
    column: int = 0
    end: int = 0
    path: str = ""
    edits: tuple[Edit, ...] = ()
    is_secret: bool = False
