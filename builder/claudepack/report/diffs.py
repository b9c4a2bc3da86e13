"""What changed in a text, as people read it: unified, and bounded."""

from collections.abc import Iterable

_SNIFF = 8000
_LIMIT = 1 << 20


def diff_texts(old: bytes, new: bytes, old_name: str, new_name: str, *, context: int = 3) -> list[str]:
    """A unified diff, a string a line; one line that says so where there is no text to compare."""
    if old == new:
        return []
    if any(b"\0" in data[:_SNIFF] or len(data) > _LIMIT for data in (old, new)):
        return [f"{old_name} and {new_name} differ ({len(old)} and {len(new)} bytes)"]
    import difflib

    before, after = _split(old), _split(new)
    return list(difflib.unified_diff(before, after, old_name, new_name, lineterm="", n=context))


def count_lines(diff: Iterable[str]) -> tuple[int, int]:
    """How many lines a diff takes out and puts in."""
    taken = put = 0
    for line in list(diff)[2:]:
        taken += line.startswith("-")
        put += line.startswith("+")
    return taken, put


def _split(data: bytes) -> list[str]:
    lines = data.decode("utf-8", "replace").split("\n")
    if lines[-1] == "":
        return lines[:-1]
    return [*lines[:-1], lines[-1] + "  (no newline at the end)"]
