"""Invisible characters that can carry instructions which nobody sees and the model reads."""

from claudepack.paths import is_hidden

HIDDEN_HINT = "a person cannot see it and the model reads it: remove it"
_TAG_BASE = "\U0001f3f4"  # the black flag, after which tag characters spell a region's flag


def find_hidden(line: str) -> str:
    """The first invisible character of a line that can carry hidden instructions; empty where none.

    Joiners and variation selectors are part of emoji, and so are tag characters after a black flag.
    """
    if line.isascii() and line.isprintable():
        return ""
    in_flag = False
    for char in line:
        in_flag = char == _TAG_BASE or (in_flag and "\U000e0000" <= char <= "\U000e007f")
        control = ord(char) < 0xA0  # noqa: PLR2004 - the control characters; terminal escapes are for `check`
        if is_hidden(char) and not control and not in_flag:
            return char
    return ""


def describe_hidden(char: str) -> str:
    """An invisible character in words."""
    return f"the invisible character U+{ord(char):04X}"
