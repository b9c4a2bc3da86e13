"""Plain files that may be anybody's: their SHA-256, and their bytes. Thousands of small ones cost few calls."""

import hashlib
import os
import stat

from claudepack.errors import ClaudepackError

CHUNK = 1 << 20
_SMALL = 1 << 14
READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # Windows has texts, too
LIMIT = 64 << 20  # of what is read whole; a lock of 300,000 files is smaller
_PATIENT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)  # no waiting at a FIFO


def hash_open(number: int, size: int) -> str:
    """SHA-256 of what is left to read of an open file.

    Args:
        number: Its descriptor.
        size: What the system says that is; a file that is so long is read at once.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()  # hashlib.file_digest clears 256 KiB for each file, however small
    step = min(size + 1, CHUNK)
    while chunk := os.read(number, step):
        digest.update(chunk)
        if len(chunk) == size < step:
            break  # there was room for more, so this is its end
        step = CHUNK
    return digest.hexdigest()


def read_plain(path: str, where: str, limit: int = LIMIT) -> bytes:
    """The bytes of a plain file; a link to one is followed.

    A repository carries links to `/dev/zero` as it carries files, and what has a FIFO's name would be waited for.

    Args:
        path: The file.
        where: How messages call it.
        limit: How many bytes it may have.

    Raises:
        ClaudepackError: It is something else, or larger.
        OSError: It cannot be read.
    """
    number = os.open(path, READ_ONLY | _PATIENT)
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            kind = "is a directory" if stat.S_ISDIR(status.st_mode) else "is a device, a FIFO, or a link to one"
            raise ClaudepackError(f"{where} {kind}", code="path", hint="replace it by a file")
        chunks: list[bytes] = []
        left = limit + 1  # what the system says of the size need not hold: /proc has endless files of none
        while left > 0 and (chunk := os.read(number, min(left, max(status.st_size + 1, _SMALL)))):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(number)
    if left <= 0:
        raise ClaudepackError(
            f"{where} has more than {limit >> 20} MiB", code="too-large", hint="find out what wrote so much into it"
        )
    return b"".join(chunks)
