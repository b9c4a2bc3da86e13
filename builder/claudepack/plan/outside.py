"""What a plan may ask of the world outside: everything else it is told."""

import hashlib
import io
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import NamedTuple

from claudepack.apply.operations import Write
from claudepack.plan.merge import Merge3
from claudepack.project.disk import DiskFile


class Outside(NamedTuple):
    """What a plan may ask.

    Attributes:
        look: What is at a path, given the hashes that it may have.
        read: The bytes at a path, None if nothing is there.
        list_folder: The names in a folder.
        base_of: The bytes of a base, by pack, path and hash; None if nobody has them any more.
        merge3: Merges three texts.
    """

    look: Callable[[str, Collection[str | None]], DiskFile | None]
    read: Callable[[str], bytes | None]
    list_folder: Callable[[str], Sequence[str]]
    base_of: Callable[[str, str, str], bytes | None]
    merge3: Merge3


def write_bytes(path: str, data: bytes, pre: str | None, *, executable: bool | None) -> Write:
    """The operation that puts these bytes at a path."""
    return Write(path, partial(io.BytesIO, data), hashlib.sha256(data).hexdigest(), pre, executable)
