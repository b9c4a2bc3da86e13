"""References of a pack's texts to its own folders.

To the client `@.claude/prompts/x/` is text, so one that leads nowhere fails silently, when the agent runs.
"""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from claudepack.fences import next_fence
from claudepack.pack.tree import Pack, PackFile
from claudepack.paths import COMPONENT_FOLDERS

_REFERENCE = re.compile(rf"@(?:\./)?\.claude/((?:{'|'.join(COMPONENT_FOLDERS)})/[\w./-]*)")
_TEXTS = (".md", ".md.j2")


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
    folders = {"/".join(path.split("/")[:depth]) for path in there for depth in range(1, path.count("/") + 1)}
    for reference in references:
        if reference.target.rstrip("/") not in there and reference.target.rstrip("/") not in folders:
            yield reference


def find_references(pack: Pack) -> Iterator[Reference]:
    """The references of a pack's texts to the folders of a project."""
    for file in pack.files.values():
        if file.refers and file.path.endswith(_TEXTS):
            yield from _read_references(file)


def _read_references(file: PackFile) -> Iterator[Reference]:
    """What stands in a code fence is an example."""
    fence = ""
    for number, line in enumerate(file.read().decode("utf-8", "replace").split("\n"), start=1):
        opened, fence = fence, next_fence(line.rstrip("\r"), fence)
        if opened or fence:
            continue
        for match in _REFERENCE.finditer(line):
            target = match[1].rstrip(".")
            yield Reference(file.path, number, match[0].rstrip("."), target)
