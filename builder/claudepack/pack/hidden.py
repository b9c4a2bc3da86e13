"""Invisible characters that can carry instructions which nobody sees and the model reads."""

import re

from claudepack.paths import INVISIBLE

HIDDEN_HINT = "a person cannot see it and the model reads it: remove it"
# A black flag, a region's code in tag characters, and their end: the flag of Scotland, say.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
# Not the controls: terminal escapes are escaped where they are shown.
_HIDDEN = re.compile("[" + "".join(f"{first}-{last}" for first, last in INVISIBLE) + "]")


def find_hidden(text: str) -> str:
    """The first invisible character of a text that can carry hidden instructions; empty where none.

    Joiners and variation selectors are part of emoji, and so are the few tag characters of a region's flag.
    """
    if text.isascii() or not _HIDDEN.search(text):
        return ""
    found = _HIDDEN.search(_FLAG.sub("", text))
    return found[0] if found else ""


def describe_hidden(char: str) -> str:
    """An invisible character in words."""
    return f"the invisible character U+{ord(char):04X}"
