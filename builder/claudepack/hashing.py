"""SHA-256 of open files, for thousands of small ones as for a large one: few calls, little memory."""

import hashlib
import os

CHUNK = 1 << 20
READ_ONLY = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # Windows has texts, too


def hash_open(number: int) -> str:
    """SHA-256 of what is left to read of an open file.

    Args:
        number: Its descriptor.

    Raises:
        OSError: It cannot be read.
    """
    digest = hashlib.sha256()  # hashlib.file_digest clears 256 KiB for each file, however small
    while chunk := os.read(number, CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
