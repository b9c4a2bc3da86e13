"""One file of one pack: what is known of it, and what is to be done about it."""

from collections.abc import Sequence
from typing import NamedTuple

from claudepack.apply.operations import Operation, Write
from claudepack.plan.beside import lay_beside
from claudepack.plan.decision import Action
from claudepack.plan.outside import Outside, write_bytes
from claudepack.plan.wanted import WantedFile
from claudepack.project.disk import DiskFile


class Base(NamedTuple):
    """What the lock says of one file.

    Attributes:
        sha256: Of what was installed.
        executable: Whether its owner might execute it.
        adopted: Whether it was there before the pack was, and stays after it.
        pending: The hash of what the pack delivers, where a conflict is open.
    """

    sha256: str
    executable: bool = False
    adopted: bool = False
    pending: str | None = None


class Case(NamedTuple):
    """One file of one pack.

    Attributes:
        pack: The pack that answers for it.
        path: Where it is to be.
        origin: Where it is; another path where the pack renamed it.
        new: What the pack delivers, None if it does no longer.
        disk: What is at the origin.
        old: What the lock says of the origin, None where it says nothing.
    """

    pack: str
    path: str
    origin: str
    new: WantedFile | None
    disk: DiskFile | None
    old: Base | None

    @property
    def base(self) -> str | None:
        """The hash of the base."""
        return self.old.sha256 if self.old else None

    @property
    def is_pending(self) -> bool:
        """Whether there is a conflict to end."""
        return self.old is not None and self.old.pending is not None

    @property
    def was_adopted(self) -> bool:
        """Whether it was there before the pack was, and stays after it."""
        return self.old is not None and self.old.adopted

    @property
    def changes_mode(self) -> bool:
        """Whether the pack changed the exec bit, and nobody else did."""
        if self.new is None or self.new.open is None or self.old is None or self.disk is None:
            return False
        return self.disk.executable == self.old.executable != self.new.executable


class Treatment(NamedTuple):
    """What happens to a file.

    Attributes:
        action: Its name in the report.
        detail: For people.
        operations: What is to be done.
        base: The base from now on; None if the file leaves the lock.
        is_adopted: Whether it stays when the pack leaves.
        pending: The hash of what the pack delivers, where a conflict is open.
    """

    action: Action
    detail: str = ""
    operations: Sequence[Operation] = ()
    base: str | None = None
    is_adopted: bool = False
    pending: str = ""


def write_new(path: str, new: WantedFile, model: DiskFile | None, pre: str | None) -> list[Operation]:
    """Put what a pack delivers at a path, with the line endings of what is there.

    Nothing where only the lock was asked what the pack delivers: such a pack is at rest.
    """
    if new.open is None:
        return []
    if model is not None and model.as_lf:
        data = new.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return [write_bytes(path, data, pre, executable=new.executable)]
    return [Write(path, new.open, new.sha256, pre, new.executable)]


def clear_beside(case: Case, outside: Outside, text: bytes | None = None) -> list[Operation]:
    """Take away what lay beside a conflict that is over; `text` is how it ended."""
    return lay_beside(case.origin, {}, outside, [text]) if case.is_pending else []
