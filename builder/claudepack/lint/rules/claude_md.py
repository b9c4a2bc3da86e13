"""CM: a CLAUDE.md whose blocks, or whose text, would be read otherwise than it is meant."""

import re
from collections.abc import Iterator

from claudepack.errors import ClaudepackError
from claudepack.fences import find_open_fence
from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.project.claude_md import parse_claude_md

_LINES = re.compile(r"lines? (\d+)")
_MARK = b"claudepack:"
# Not the blocks that tools have a model write: they search for one text and replace it by another.
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7}) (?!(?:SEARCH|REPLACE|ORIGINAL|UPDATED|FIND|OLD|NEW)\b)")
_TEXTS = (".md", ".md.j2")


@text_rule("CM001", "broken-block", "error")
def find_broken_blocks(text: Text) -> Iterator[Fault]:
    """The markers around a pack's block do not fit together.

    Why:
        What is between them belongs to a pack, and is replaced when that changes. Without an end, within another or
        there twice and different, nobody can tell what is whose: claudepack leaves the file alone until that is mended.

    Bad:
        CLAUDE.md:
            <!-- claudepack:begin backend -->
            Services are small.

    Good:
        CLAUDE.md:
            <!-- claudepack:begin backend -->
            Services are small.
            <!-- claudepack:end backend -->

            ```
            <!-- claudepack:begin example -->
            ```
    """
    if not _is_claude_md(text) or _MARK not in text.data:
        return
    try:
        fault = parse_claude_md(text.data).fault
    except ClaudepackError:
        return  # UTF-16, of which the rules about encodings tell
    for part in fault.split("; "):
        match = _LINES.search(part)
        if match and "conflict marker" not in part and "code fence" not in part:
            yield Fault(part.removeprefix(f"{match[0]}: "), "mend the markers, or take the block out", int(match[1]))


@text_rule("CM002", "conflict-marker", "error")
def find_conflicts(text: Text) -> Iterator[Fault]:
    """A conflict marker of git stands in a text.

    Why:
        The client reads both sides, and the markers, as instructions.

    Bad:
        CLAUDE.md:
            <<<<<<< ours
            Services are small.
            =======
            Services are large.
            >>>>>>> theirs

    Good:
        CLAUDE.md:
            Titles
            =======

            ```
            <<<<<<< ours
            ```
    """
    if text.path.endswith(_TEXTS) and text.kind and ("<<<<<<< " in text.content or ">>>>>>> " in text.content):
        for number, line in text.prose:
            if match := _CONFLICT.match(line):
                yield Fault(
                    "a conflict marker of git", "resolve the conflict, or show it in a fence", number, 1, match.end()
                )


@text_rule("CM003", "open-fence", "warning")
def find_open_fences(text: Text) -> Iterator[Fault]:
    """A code fence of a CLAUDE.md is never closed.

    Why:
        All that follows is code: imports in it are not followed, and a pack's block can neither be found nor added.

    Bad:
        CLAUDE.md:
            Run the tests:

            ```sh
            make test

    Good:
        CLAUDE.md:
            Run the tests:

            ````md
            ```sh
            make test
            ````
    """
    if _is_claude_md(text) and (line := find_open_fence(text.content)):
        yield Fault("this code fence is never closed", "close it, or it swallows what follows", line)


def _is_claude_md(text: Text) -> bool:
    """Whether a file is a CLAUDE.md of a project: a pack's context is rendered, and checked as that."""
    return text.kind == "context" and text.file.layout != "pack"
