"""Invisible characters that can carry instructions which nobody sees and the model reads."""

import re

from claudepack.paths import is_hidden

HIDDEN_HINT = "a person cannot see it and the model reads it: remove it"
# A black flag, a region's code in tag characters, and their end: the flag of Scotland, say.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_FIRST_PRINTABLE = 0xA0  # before it are ASCII and the controls; terminal escapes are escaped where they are shown


def find_hidden(text: str) -> str:
    """The first invisible character of a text that can carry hidden instructions; empty where none.

    Joiners and variation selectors are part of emoji, and so are the few tag characters of a region's flag.
    """
    if text.isascii():
        return ""
    visible = _FLAG.sub("", text)
    return next((char for char in visible if ord(char) >= _FIRST_PRINTABLE and is_hidden(char)), "")


def describe_hidden(char: str) -> str:
    """An invisible character in words."""
    return f"the invisible character U+{ord(char):04X}"
