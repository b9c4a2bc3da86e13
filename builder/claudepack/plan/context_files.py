"""The files that hold contexts, while they are edited in memory: one CLAUDE.md has the blocks of several packs."""

from collections.abc import Callable, Mapping

from claudepack.plan.blocks import append_block, drop_twins, remove_block, replace_body
from claudepack.plan.merge import match_newlines
from claudepack.plan.spots import Spot
from claudepack.project.claude_md import ClaudeMd, parse_claude_md
from claudepack.project.lock import LockedContext


class ContextFiles:
    """Files as they are and as they are to be.

    Attributes:
        contents: The files as they are to be; None for one that is to go.
        originals: The same files as they are; None for one that is not there.
        glues: By pack: what this tool put before its block.
        made: The files that this tool made.
    """

    def __init__(self, read: Callable[[str], bytes | None], locked: Mapping[str, LockedContext]) -> None:
        self.read = read
        self.contents: dict[str, bytes | None] = {}
        self.originals: dict[str, bytes | None] = {}
        self.glues = {name: context.before for name, context in locked.items()}
        self.made = {context.file for context in locked.values() if context.created}

    def load(self, path: str) -> bytes | None:
        """The bytes of a file as they are to be."""
        if path not in self.contents:
            self.contents[path] = self.originals[path] = self.read(path)
        return self.contents[path]

    def document(self, path: str) -> ClaudeMd:
        """A CLAUDE.md as it is to be."""
        return parse_claude_md(self.load(path) or b"", path)

    def has_block(self, name: str, spot: Spot) -> bool:
        """Whether a pack's block is there, where its spot has one."""
        return not spot.has_block or name in self.document(spot.file).blocks

    def text(self, name: str, spot: Spot) -> bytes | None:
        """A pack's text, None if it is not there."""
        if spot.own:
            return self.load(spot.own)
        document = self.document(spot.file)
        return document.body(document.blocks[name][0]) if name in document.blocks else None

    def write(self, name: str, spot: Spot, text: bytes, origin: Spot | None = None) -> None:
        """Put a pack's text where it stands, or is to stand; a block that imports it is written once.

        Args:
            name: The pack.
            spot: Where to.
            text: What to write.
            origin: Where it stood, if that was elsewhere.
        """
        rest = self._find_rest(name, spot, origin) if origin and spot.has_block else b""
        if spot.own:
            there = self.load(spot.own)
            if there is None:
                self.made.add(spot.own)
            self.contents[spot.own] = match_newlines(text, there or b"")
        if spot.has_block and (origin or not spot.own or not self.has_block(name, spot)):
            body = spot.import_line if spot.own else text
            self._write_block(name, spot, body.removesuffix(b"\n") + b"\n" + rest if rest else body)

    def _find_rest(self, name: str, spot: Spot, origin: Spot) -> bytes:
        """What somebody wrote into a block beside an import: it stays there when the text moves in or out."""
        document = self.document(spot.file)
        is_text = origin.has_block and not origin.own and origin.file == spot.file
        if is_text or name not in document.blocks:
            return b""
        lines = document.body(document.blocks[name][0]).splitlines(keepends=True)
        imported = f"context/{name}.md".encode()
        return b"".join(line for line in lines if not (line.startswith(b"@") and line.strip().endswith(imported)))

    def _write_block(self, name: str, spot: Spot, body: bytes) -> None:
        if self.load(spot.file) is None:
            self.made.add(spot.file)
        self.unite_twins(name, spot)
        document = self.document(spot.file)
        if name in document.blocks:
            self.contents[spot.file] = replace_body(document, document.blocks[name][0], body)
        else:
            self.contents[spot.file], self.glues[name] = append_block(document, name, body)

    def unite_twins(self, name: str, spot: Spot) -> None:
        """Of equal blocks of one pack, keep the first."""
        if spot.has_block and len(self.document(spot.file).blocks.get(name, [])) > 1:
            self.contents[spot.file] = drop_twins(self.document(spot.file), name)

    def leave(self, name: str, spot: Spot, goal: Spot) -> None:
        """Take a pack's text out of one spot before it is written to another; a block of one file keeps its place."""
        if spot.has_block and goal.has_block and spot.file == goal.file:
            if spot.own and self.load(spot.own) is not None:
                self.contents[spot.own] = None
        else:
            self.remove(name, spot)

    def remove(self, name: str, spot: Spot) -> None:
        """Take a pack's text out, and the file with the last of what was in it, if this tool made it."""
        if spot.own and self.load(spot.own) is not None:
            self.contents[spot.own] = None
        if not spot.has_block or not self.has_block(name, spot):
            return
        self.unite_twins(name, spot)
        document = self.document(spot.file)
        if spot.own and document.body(document.blocks[name][0]) != spot.import_line:
            return  # somebody wrote more than the import into it
        same_file = {other: glue for other, glue in self.glues.items() if other in document.blocks}
        data, rest = remove_block(document, name, same_file)
        self.glues.update(rest)
        self.glues.pop(name, None)
        blank = parse_claude_md(data, spot.file).is_blank
        self.contents[spot.file] = None if blank and spot.file in self.made else data
