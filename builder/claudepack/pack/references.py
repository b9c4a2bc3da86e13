"""References of a pack's texts to its own folders.

To the client `@.claude/prompts/x/` is text, so one that leads nowhere fails silently, when the agent runs.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from claudepack.fences import next_fence
from claudepack.pack.tree import Pack, PackFile
from claudepack.paths import COMPONENT_FOLDERS

_REFERENCE = re.compile(rf"@(?:\./)?\.claude/((?:{'|'.join(COMPONENT_FOLDERS)})/[\w./-]*)")
_MARKS = ("@.claude/", "@./.claude/")
TEXTS = (".md", ".md.j2")
_PIECE = 1 << 20


class Reference(NamedTuple):
    """Where a text refers to a path.

    Attributes:
        path: The file that does, relative to the pack.
        line: From 1.
        text: As it stands there.
        target: The path, relative to the pack.
    """

    path: str
    line: int
    text: str
    target: str


class Mention(NamedTuple):
    """What a line says of a path: where, how, and which path is meant."""

    line: int
    column: int
    text: str
    target: str


def scan_references(lines: Iterable[tuple[int, str]]) -> Iterator[Mention]:
    """The references in lines, which come with their numbers."""
    for number, line in lines:
        if any(mark in line for mark in _MARKS):
            for match in _REFERENCE.finditer(line):
                yield Mention(number, match.start() + 1, match[0].rstrip("."), match[1].rstrip("."))


def list_folders(paths: Iterable[str]) -> set[str]:
    """All folders that paths lie in."""
    return {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}


def find_dangling(pack: Pack, others: Collection[str] = ()) -> Iterator[Reference]:
    """The references that lead to nothing in a pack.

    Args:
        pack: The pack.
        others: Paths that are there too, relative as the pack's are.
    """
    references = list(find_references(pack))
    if not references:
        return
    there = {*pack.files, *others}
    spots = there | list_folders(there)
    yield from (reference for reference in references if reference.target.rstrip("/") not in spots)


def find_references(pack: Pack) -> Iterator[Reference]:
    """The references of a pack's texts to the folders of a project."""
    for file in pack.files.values():
        if file.refers and file.path.endswith(TEXTS):
            for mention in scan_references(_list_prose(file)):
                yield Reference(file.path, mention.line, mention.text, mention.target)


def _list_prose(file: PackFile) -> Iterator[tuple[int, str]]:
    """The lines that stand in no code fence: what stands there is an example. A very long one comes in pieces."""
    fence, number = "", 1
    with io.TextIOWrapper(file.open(), encoding="utf-8", errors="replace", newline="\n") as stream:
        while line := stream.readline(_PIECE):
            opened, fence = fence, next_fence(line.rstrip("\r\n"), fence)
            if not opened and not fence:
                yield number, line
            number += line.endswith("\n")
