"""What can be done to a project. Paths are relative to it; hashes are SHA-256 of whole files."""

from collections.abc import Callable
from typing import BinaryIO, NamedTuple


class Write(NamedTuple):
    """Put a content at a path.

    Attributes:
        path: Where.
        open: Gives the content anew at each call.
        post: The hash that the content must have.
        pre: The hash of what is there now, None where nothing is.
        executable: Whether the file gets an exec bit; None keeps the one of the file that is there.
    """

    path: str
    open: Callable[[], BinaryIO]
    post: str
    pre: str | None
    executable: bool | None = None


class Delete(NamedTuple):
    """Remove the file at a path; `pre` is its hash."""

    path: str
    pre: str


Operation = Write | Delete


class Changes(NamedTuple):
    """All that one run does, in the order it is done.

    Attributes:
        operations: On files.
        remove_directories: Directories to remove afterwards if they are empty, deepest first.
    """

    operations: tuple[Operation, ...] = ()
    remove_directories: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.operations or self.remove_directories)


class Outcome(NamedTuple):
    """What came of a transaction that was committed.

    Attributes:
        conflicts: Paths that somebody else changed meanwhile: theirs stays.
        rescued: Where bytes lie that somebody wrote into a file while it was being replaced.
    """

    conflicts: tuple[str, ...] = ()
    rescued: tuple[str, ...] = ()


# The lock's text from the old one, the new one and the conflicts: what really happened goes into it.
Amend = Callable[[bytes | None, bytes | None, frozenset[str]], bytes | None]
