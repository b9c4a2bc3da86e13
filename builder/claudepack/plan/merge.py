"""Merging what a project and a pack both changed: the last row of the table, where there are three texts."""

from collections.abc import Callable
from typing import Literal, NamedTuple

MAX_BYTES = 8 << 20
_SNIFF = 8000  # as git tells a binary file
_MARKERS = (b"<<<<<<< ", b">>>>>>> ")


class Merged(NamedTuple):
    """Three texts made one. Where not all of it goes together, `text` holds conflict markers."""

    text: bytes
    is_clean: bool


NO_BASE = "the text that both come from is nowhere to be had"
# (base, ours, theirs) gives the merged text; None where nothing can merge here.
Merge3 = Callable[[bytes, bytes, bytes], Merged | None]


class Verdict(NamedTuple):
    """What came of a merge.

    Attributes:
        action: `merge` where all went together, `keep` where the disk has all of it already, else `conflict`.
        detail: Why it is a conflict, for people.
        base: The base with the disk's line endings; None where it is not at hand.
        theirs: What the pack delivers, with the disk's line endings.
        text: The merged text; with markers for a conflict, None where nothing could be merged.
    """

    action: Literal["merge", "keep", "conflict"]
    detail: str
    base: bytes | None
    theirs: bytes
    text: bytes | None


def merge_texts(base: bytes | None, ours: bytes, theirs: bytes, merge3: Merge3) -> Verdict:
    """Merge what the pack changed since the base into what is on the disk.

    Args:
        base: The text that the disk and the pack both come from, None if nobody has it any more.
        ours: The disk.
        theirs: What the pack delivers now.
        merge3: Merges texts.
    """
    if any(map(is_binary, (base or b"", ours, theirs))):
        return Verdict("conflict", "not text: it cannot be merged", base, theirs, None)
    base, theirs = None if base is None else match_newlines(base, ours), match_newlines(theirs, ours)
    if base is None:
        return Verdict("conflict", NO_BASE, None, theirs, None)
    merged = merge3(base, ours, theirs)
    if merged is None:
        return Verdict("conflict", "git is not here to merge it", base, theirs, None)
    if not merged.is_clean:
        return Verdict("conflict", "", base, theirs, merged.text)
    return Verdict("keep" if merged.text == ours else "merge", "", base, theirs, merged.text)


def refuse_broken_head(verdict: Verdict, ours: bytes) -> Verdict:
    """Make a conflict of a merge whose frontmatter can no longer be read, though both sides' can.

    Two changes that are lines apart go together as text; one field may then be there twice, and the client would read
    what neither side wrote, or skip the agent without a word.
    """
    whole = [_has_head(data) for data in (ours, verdict.theirs, verdict.text or b"")]
    if whole != [True, True, False]:
        return verdict
    return verdict._replace(action="conflict", detail="the two go together as text, but not as frontmatter")


def _has_head(data: bytes) -> bool:
    from claudepack.errors import ClaudepackError
    from claudepack.pack.frontmatter import read_document

    try:
        read_document(data, "")
    except ClaudepackError:
        return False
    return True


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text that can be merged."""
    return b"\0" in data[:_SNIFF] or len(data) > MAX_BYTES


def match_newlines(text: bytes, model: bytes) -> bytes:
    """A text with the line endings of another; where that has both kinds, with LF."""
    lf = text.replace(b"\r\n", b"\n")
    crlf = model.count(b"\r\n")
    return lf.replace(b"\n", b"\r\n") if crlf and crlf == model.count(b"\n") else lf


def has_markers(text: bytes) -> bool:
    """Whether a text holds conflict markers of a merge: one that opens and, below it, one that closes."""
    opened = False
    for line in text.split(b"\n"):
        if line.startswith(_MARKERS[0]):
            opened = True
        elif opened and line.startswith(_MARKERS[1]):
            return True
    return False
