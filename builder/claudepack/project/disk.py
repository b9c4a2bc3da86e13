"""What is on the disk at a path, as far as decisions need it."""

import hashlib
import os
import stat
from collections.abc import Collection
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.hashing import READ_ONLY, hash_open, read_plain
from claudepack.project.location import Project, is_inside

_TEXT_LIMIT = 8 << 20
_LIMIT = 1 << 30  # as much as a whole pack may have


class DiskFile(NamedTuple):
    """A path that exists.

    Attributes:
        sha256: Of its bytes; empty for what is no plain file.
        executable: Whether its owner may execute it.
        as_lf: SHA-256 of the text with LF, where it was asked for and differs.
        as_crlf: The same with CRLF.
    """

    sha256: str
    executable: bool = False
    as_lf: str = ""
    as_crlf: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a plain file, rather than a link, a directory or a device."""
        return bool(self.sha256)

    def holds(self, sha256: str | None) -> bool:
        """Whether it is the file of a hash, but perhaps for its line endings: a checkout may change those."""
        return sha256 is not None and self.is_file and sha256 in (self.sha256, self.as_lf, self.as_crlf)


def observe(project: Project, path: str, expected: Collection[str | None]) -> DiskFile | None:
    """Look at one path; None if nothing is there.

    Args:
        project: The project.
        path: Relative to it.
        expected: The hashes that it may have; the other line endings are looked at only if it has none.
    """
    target = project.locate(path)
    try:
        status = os.lstat(target)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return DiskFile("")
    executable = bool(status.st_mode & stat.S_IXUSR)
    number = os.open(target, READ_ONLY)
    try:
        sha256 = hash_open(number, status.st_size)
    finally:
        os.close(number)
    if sha256 in expected or status.st_size > _TEXT_LIMIT:
        return DiskFile(sha256, executable)
    with open(target, "rb") as stream:
        data = stream.read()
    return DiskFile(hashlib.sha256(data).hexdigest(), executable, *_hash_endings(data))


def read_bytes(project: Project, path: str) -> bytes | None:
    """The bytes of a file of the project, None if it is not there.

    Raises:
        ClaudepackError: It is a link out of the project, no file, or too large.
    """
    target = project.locate(path)
    if os.path.islink(target) and not is_inside(project, target):
        raise ClaudepackError(
            f"{path} is a link to {os.readlink(target)}, which is outside the project",
            code="path",
            hint="replace it by a file",
        )
    if os.path.islink(target) and not os.path.exists(target):
        raise ClaudepackError(f"{path} is a link to nothing", code="path", hint="remove it, or make what it leads to")
    if os.path.isdir(target):
        raise ClaudepackError(f"{path} is a directory", code="path", hint="move it away, then run this again")
    try:
        return read_plain(target, path, _LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return None


def list_folder(project: Project, path: str) -> list[str]:
    """The names in a folder of the project; none if it is not there."""
    try:
        return os.listdir(project.locate(path))
    except (FileNotFoundError, NotADirectoryError):
        return []


def walk_files(project: Project, folder: str) -> list[str]:
    """The paths of all files below a folder of the project, relative to the project; links are not followed."""
    found: list[str] = []
    pending = [folder]
    while pending:
        here = pending.pop()
        try:
            with os.scandir(project.locate(here)) as entries:
                for entry in entries:
                    path = f"{here}/{entry.name}"
                    (pending if entry.is_dir(follow_symlinks=False) else found).append(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return sorted(found)


def _hash_endings(data: bytes) -> tuple[str, str]:
    if b"\0" in data:
        return "", ""
    lf = data.replace(b"\r\n", b"\n")
    crlf = lf.replace(b"\n", b"\r\n")
    return (
        "" if lf == data else hashlib.sha256(lf).hexdigest(),
        "" if crlf == data else hashlib.sha256(crlf).hexdigest(),
    )
