"""One file that a person named, with other bytes: outside of any project's lock, so by one exchange."""

import os
import shutil
import tempfile

from claudepack.apply.primitives import exchange, remove, write_all
from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain


def replace_file(root: str, path: str, old: bytes, new: bytes) -> None:
    """Replace a plain file's bytes in one step, if they are still what was read.

    Args:
        root: What was named: links on the way to it are followed, and none below it.
        path: The file, relative to it.
        old: Its bytes when they were read.
        new: What they become.

    Raises:
        ClaudepackError: It is a link or lies behind one, somebody changed it meanwhile, or the system refuses; it is
            as it was.
    """
    folder, name = os.path.split(os.path.join(os.path.realpath(root), path))
    target = os.path.join(folder, name)
    if os.path.realpath(target) != target or not os.path.isfile(target):
        raise ClaudepackError(f"{path}: a link, or behind one: left as it is", code="path", hint="name the real file")
    try:
        number, slot = tempfile.mkstemp(dir=folder, prefix=f".{name[:50]}-")
        try:
            try:
                write_all(number, new)
                os.fsync(number)
            finally:
                os.close(number)
            shutil.copymode(target, slot)
            exchange(slot, target)
            if os.path.islink(slot) or read_plain(slot, path) != old:
                exchange(slot, target)
                raise ClaudepackError(f"{path}: somebody changed it meanwhile: left so", code="busy", hint="run again")
        finally:
            remove(slot)
    except OSError as error:
        why = f"{path}: {error.strerror or error}; it is as it was"
        raise ClaudepackError(why, code="os", hint="make it writable, or mend it by hand") from error
