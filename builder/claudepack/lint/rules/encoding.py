"""EN: bytes that are not the text they were meant to be."""

import re
from collections.abc import Iterator

from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.report.finding import Edit

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_HALF = re.compile("[\udc80-\udcff]")
# What UTF-8 looks like to one who reads it as a code page: a lead byte's character, then a continuation's.
_SUSPICIOUS = re.compile("[\xc2-\xf4][\x80-\xbf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")


@text_rule("EN001", "not-utf-8", "error")
def find_other_encodings(text: Text) -> Iterator[Fault]:
    r"""A file is not UTF-8.

    Why:
        The client reads UTF-8 and takes every other byte for U+FFFD, so an umlaut in Latin-1 is a question mark to the
        model. Packs with such a file are refused.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a fa\udce7ade.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a façade. 🚀 完了
            ---
    """
    if not text.is_prose or text.is_utf8 or text.data.startswith(_UTF16):
        return
    if match := _HALF.search(text.content):
        line = text.content.count("\n", 0, match.start()) + 1
        column = match.start() - text.content.rfind("\n", 0, match.start())
        byte = ord(match[0]) - 0xDC00
        yield Fault(f"not UTF-8: the byte 0x{byte:02x}", "save it as UTF-8", line, column, column + 1)


@text_rule("EN002", "utf-16", "error")
def find_utf16(text: Text) -> Iterator[Fault]:
    r"""A file is UTF-16.

    Why:
        The client does not read it: an agent in UTF-16, which some editors on Windows call Unicode, is not listed.

    Bad:
        agents/reviewer.md:
            \udcff\udcfe-

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
    """
    if text.is_prose and text.data.startswith(_UTF16):
        yield Fault("UTF-16, which the client does not read", "save it as UTF-8")


@text_rule("EN003", "byte-order-mark", "warning")
def find_marks(text: Text) -> Iterator[Fault]:
    """A file with frontmatter begins with a byte order mark.

    Why:
        Client 2.1.328 reads past it. Versions before 2.1.239 did not see the frontmatter behind it, so an agent was not
        there. UTF-8 needs no such mark. `--fix` takes it out.

    Bad:
        agents/reviewer.md:
            \ufeff---
            name: reviewer
            description: Reviews a change.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
        CLAUDE.md:
            Write tests.
    """
    if text.has_head and text.data.startswith(_BOM):
        why = "a byte order mark, behind which clients before 2.1.239 saw no frontmatter"
        yield Fault(why, "take it out", 1, edits=(Edit(0, len(_BOM), b""),))


@text_rule("EN004", "replacement-character", "warning")
def find_replaced(text: Text) -> Iterator[Fault]:
    """A text holds U+FFFD, in place of what was there once.

    Why:
        Some program read the file in the wrong encoding and saved it, and a character is gone. The model reads a word
        with a hole in it.

    Bad:
        CLAUDE.md:
            Write the fa\ufffdade first.

    Good:
        CLAUDE.md:
            Write the façade first. What cannot be decoded is `\ufffd` (U+FFFD) on the screen.
    """
    if not text.is_prose or text.content.isascii() or "\ufffd" not in text.content:
        return
    for number, row in text.prose_with_head:
        bare = re.sub(r"`[^`]*`", lambda span: "_" * len(span[0]), row) if "\ufffd" in row else ""
        if "\ufffd" in bare and "FFFD" not in row.upper():
            column = bare.index("\ufffd") + 1
            yield Fault("U+FFFD stands where a character was", "write what was meant", number, column, column + 1)


@text_rule("EN005", "nul-byte", "error")
def find_nul(text: Text) -> Iterator[Fault]:
    """A file that is read as text holds a NUL byte.

    Why:
        In the frontmatter it makes the client skip the file. git and other tools take the whole for a binary: there is
        no diff of it, and no merge. Packs with such a file are refused.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a \u0000change.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
    """
    if text.has_head and not text.data.startswith(_UTF16) and b"\0" in text.data:
        line = text.data.count(b"\n", 0, text.data.index(b"\0")) + 1
        yield Fault("a NUL byte, so this is no text", "save it as text", line)


@text_rule("EN006", "mojibake", "note", usual=False)
def find_mojibake(text: Text) -> Iterator[Fault]:
    """A text looks like UTF-8 that was read in another encoding.

    Why:
        `fÃ¼r` was `für` once. `ftfy` says so, and on some 13,000 real files it was wrong as often as right: prompts
        are full of box drawings, and of examples of mojibake. So this is a note, and is looked for only where
        `--select EN006` asks for it by its whole code.

    Bad:
        CLAUDE.md:
            Schreibe Tests fÃ¼r alles.

    Good:
        CLAUDE.md:
            Schreibe Tests für alles. Pâté, naïve, São Paulo → 🚀
    """
    if not text.is_prose or text.content.isascii() or not _SUSPICIOUS.search(text.content):
        return
    from ftfy import fix_encoding

    for number, row in enumerate(text.lines, start=1):
        if (match := _SUSPICIOUS.search(row)) and (fixed := fix_encoding(row)) != row:
            meant = fixed[match.start() : match.start() + 12]
            yield Fault(f"this may have been {meant!r} once", "look at it", number, match.start() + 1, match.end() + 1)
