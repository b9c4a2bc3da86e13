"""What a path inside a pack or a project may look like.

Paths are POSIX strings relative to the pack or the project. Packs and locks come from anywhere, so both
rooms ask here before a path touches a disk.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

COMPONENT_FOLDERS = ("agents", "prompts", "skills", "commands", "rules", "output-styles", "hooks")

FEW = 8

CONTROLS = (("\0", "\x1f"), ("\x7f", "\x9f"))
INVISIBLE = (  # marks and embeddings of direction, isolates, half surrogate pairs, tags
    ("\u200e", "\u200f"),
    ("\u202a", "\u202e"),
    ("\u2066", "\u2069"),
    ("\ud800", "\udfff"),
    ("\U000e0000", "\U000e007f"),
)

_MAX_NAME, _ENDING, _DIGITS = 255, 16, 16  # bytes: of a name on most file systems; kept free for what comes after it

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [device + digit for device in ("com", "lpt") for digit in "0123456789¹²³"]
)
_FORBIDDEN_ON_WINDOWS = frozenset('<>:"|?*\\')


def is_confined(path: str) -> bool:
    """Whether a relative path stays inside the folder that it is relative to, on any system."""
    return (
        bool(path)
        and "\\" not in path
        and ":" not in path
        and (path.isprintable() or not any(map(is_hidden, path)))
        and all(part not in ("", ".", "..") for part in path.split("/"))
    )


def find_fault(path: str) -> str:
    """Say what makes a path unfit for a pack; an empty string when it is fit.

    A pack is unpacked on every system, so the strictest of them rules: Windows reserves device names and
    drops trailing dots and blanks; invisible characters make two names look like one.
    """
    if path.startswith("/"):
        return "it is absolute"
    for part in path.split("/"):
        fault = _find_part_fault(part)
        if fault:
            return fault
    return ""


@lru_cache  # a folder's name is asked for with each of its files
def _find_part_fault(part: str) -> str:
    if part in ("", ".", ".."):
        return f"{part!r} is not a name" if part else "it has an empty part"
    if not part.isprintable() and (hidden := next(filter(is_hidden, part), "")):
        return f"it holds the invisible character U+{ord(hidden):04X}"
    if not _FORBIDDEN_ON_WINDOWS.isdisjoint(part):
        bad = next(char for char in part if char in _FORBIDDEN_ON_WINDOWS)
        return f"it holds {bad!r}, which Windows does not allow"
    if part[-1] in ". ":
        return f"{part!r} ends with a dot or a blank, which Windows drops"
    if part.partition(".")[0].rstrip().lower() in _RESERVED:
        return f"{part!r} is a device on Windows"
    return ""


def is_hidden(char: str) -> bool:
    """Whether a character is a control, a tag character, a bidi control, or half a surrogate pair."""
    return any(first <= char <= last for first, last in (*CONTROLS, *INVISIBLE))


def find_collision(paths: Iterable[str]) -> tuple[str, str] | None:
    """Two paths that a file system without case or with normalised names would make one, if there are any.

    Folders count too: `Agents/a.md` and `agents/b.md` collide, and so do the file `a` and the folder `a/`.
    """
    seen: dict[str, tuple[str, str]] = {}
    folders: set[str] = set()
    for path in paths:
        spelling = path
        while spelling and spelling not in folders:
            known, owner = seen.setdefault(_fold(spelling), (spelling, path))
            if known != spelling:
                return owner, path
            if spelling.endswith("/"):
                folders.add(spelling)  # it has been here, and so have those above it
            spelling = spelling.rstrip("/").rpartition("/")[0]
            spelling += "/" if spelling else ""
    return None


def _fold(path: str) -> str:
    if path.isascii():
        return path.lower().rstrip("/")
    import unicodedata

    return unicodedata.normalize("NFC", path).casefold().rstrip("/")


def list_parents(path: str) -> list[str]:
    """The folders that a path lies in, the uppermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def add_ending(path: str, ending: str) -> str:
    """A path with something after its name, which is cut where that could be too long for a file system.

    Of two long names that begin alike a digest tells which is which.
    """
    folder, slash, name = path.rpartition("/")
    data = name.encode(errors="surrogateescape")
    if len(data) > _MAX_NAME - _ENDING:
        import hashlib

        mark = "~" + hashlib.sha256(data).hexdigest()[:_DIGITS]
        name = data[: _MAX_NAME - _ENDING - len(mark)].decode(errors="ignore") + mark
    return f"{folder}{slash}{name}{ending}"


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known words nearest to a word, or the first of them when none is near."""
    import difflib

    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(near) + "?"
    return "known: " + name_few(choices, 2 * FEW) if choices else ""


def name_few(names: Sequence[str], most: int = FEW) -> str:
    """The first of some names, and how many there are besides."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
