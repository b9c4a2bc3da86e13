"""Packs without a disk: their files are bytes in hand."""

import io
from collections.abc import Mapping

from claudepack.pack.identity import Identity
from claudepack.pack.tree import Pack, PackFile, make_pack, read_file


def make_file(path: str, content: str | bytes, *, executable: bool = False) -> PackFile:
    """A file of a pack."""
    data = content if isinstance(content, bytes) else content.encode()
    return read_file(path, lambda: io.BytesIO(data), executable=executable)


def make_test_pack(
    files: Mapping[str, str | bytes],
    *,
    name: str = "mine",
    version: str = "1.0.0",
    requires: tuple[str, ...] = (),
    executable: tuple[str, ...] = (),
) -> Pack:
    """A pack of these files."""
    identity = Identity(name, f"claudepack-{name}", version, "", requires, f"claudepack_{name}")
    listed = [make_file(path, content, executable=path in executable) for path, content in files.items()]
    return make_pack(identity, listed, name)
