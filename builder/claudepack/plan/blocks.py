"""Putting blocks into the bytes of a CLAUDE.md, changing and removing them; all else keeps its bytes."""

from claudepack.project.claude_md import BEGIN, BOM, END, Block, ClaudeMd, normalise


def append_block(document: ClaudeMd, name: str, body: bytes) -> tuple[bytes, str]:
    """Append a pack's block after a blank line.

    Returns:
        The new bytes, and what was put between the old text and the block: uninstalling takes it away.
    """
    before = _glue(document)
    block = _render(name, body, document.newline)
    return document.data + before + block, before.decode()


def replace_body(document: ClaudeMd, block: Block, body: bytes) -> bytes:
    """Write another body between the markers."""
    return document.data[: block.body_start] + _with_newline(body, document.newline) + document.data[block.body_end :]


def drop_twins(document: ClaudeMd, name: str) -> bytes:
    """Remove all but the first of a pack's equal blocks."""
    data = document.data
    for block in reversed(document.blocks[name][1:]):
        data = data[: block.start] + data[block.end :]
    return data


def remove_block(document: ClaudeMd, name: str, glues: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """Take a pack's block out, with the blank line that came with it.

    Args:
        document: The file.
        name: The pack.
        glues: What stands before each pack's block because this tool put it there.

    Returns:
        The new bytes, and the glues of the packs that remain: the next block takes over the place, so
        that removing the last one gives back the bytes that were there before the first.
    """
    [block] = document.blocks[name]
    head, tail = document.data[: block.start], document.data[block.end :]
    own = _with_newline(glues.get(name, "").encode(), document.newline)
    rest = {other: glue for other, glue in glues.items() if other != name}
    for other, glue in rest.items():
        found = document.blocks.get(other)
        gap = _with_newline(glue.encode(), document.newline)
        if found and found[0].start == block.end + len(gap) and tail.startswith(gap):
            return head + tail[len(gap) :], {**rest, other: glues.get(name, "")}
    if not head.endswith(own):
        return head + tail, rest
    head = head.removesuffix(own)
    if tail and own.count(b"\n") > 1:
        head += document.newline  # the text before had no final newline, and is no longer the last
    return head + tail, rest


def _glue(document: ClaudeMd) -> bytes:
    text = normalise(document.data)
    if document.is_blank:
        alone = text.endswith(b"\n") or not document.data.removeprefix(BOM)
        return b"" if alone else document.newline
    missing = 0 if text.endswith(b"\n\n") else 1 if text.endswith(b"\n") else 2
    return document.newline * missing


def _render(name: str, body: bytes, newline: bytes) -> bytes:
    lines = [BEGIN.format(name).encode(), normalise(body).rstrip(b"\n"), END.format(name).encode(), b""]
    return _with_newline(b"\n".join(lines), newline)


def _with_newline(body: bytes, newline: bytes) -> bytes:
    return normalise(body).replace(b"\n", newline)
