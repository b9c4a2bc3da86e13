"""The fenced code blocks of a pack's texts: what language each is in, and which file of a project it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claudepack.fences import next_fence

# A block that is a file of the sample project names it in a comment, on its first line.
_FILE = re.compile(r"(?://|--) ([\w./-]+\.\w+)$")


@dataclass(frozen=True)
class Sample:
    """One fenced block; `line` is the first of its text, from 1."""

    page: str
    line: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that the block says it is; empty for none."""
        named = _FILE.match(self.text.partition("\n")[0])
        return named[1] if named else ""

    @property
    def name(self) -> str:
        """Tells a block from all others, for a person and as the name of a file."""
        return self.file or f"{Path(self.page).stem}-{self.line}"


def read_samples(pack: Path) -> list[Sample]:
    """Every fenced block of every Markdown file of a pack, in the order of the files' names."""
    return [
        sample
        for path in sorted(pack.rglob("*.md*"))
        for sample in _blocks(path.relative_to(pack).as_posix(), path.read_text(encoding="utf-8"))
    ]


def _blocks(page: str, text: str) -> Iterator[Sample]:
    fence, language, lines = "", "", list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        fence, was = next_fence(line, fence), fence
        if fence and not was:
            language, lines = line.strip(" `~"), []
        elif was and not fence:
            yield Sample(page, number - len(lines), language, "\n".join(lines) + "\n")
        elif fence:
            lines.append(line)
