"""A directory that was not there: written beside its place, and renamed to it as a whole."""

import os
import shutil
import tempfile
from collections.abc import Sequence

from claudepack.apply.operations import Write
from claudepack.errors import ClaudepackError
from claudepack.tasks import Task


def write_fresh(target: str, writes: Sequence[Write]) -> None:
    """Write a new directory; an empty one may be there.

    Args:
        target: Its absolute path.
        writes: Its files.

    Raises:
        ClaudepackError: The system refuses; nothing was written.
    """
    try:
        parent = os.path.dirname(target)
        os.makedirs(parent, exist_ok=True)
        stage = tempfile.mkdtemp(dir=parent, prefix=f".{os.path.basename(target)}-")
        try:
            with Task(f"writing {os.path.basename(target)}", len(writes)) as task:
                for write in writes:
                    _write(os.path.join(stage, write.path), write)
                    task.done += 1
            os.chmod(stage, 0o777 & ~_read_umask())
            os.rename(stage, target)
        except BaseException:
            shutil.rmtree(stage)
            raise
    except OSError as error:
        raise ClaudepackError(
            f"{target}: {error.strerror or error}; nothing was written",
            code="os",
            hint="say another directory, or make this one writable",
        ) from error


def _write(path: str, write: Write) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with write.open() as source, open(path, "xb") as stream:
        shutil.copyfileobj(source, stream)
    if write.executable:
        mode = os.stat(path).st_mode
        os.chmod(path, mode | (mode & 0o444) >> 2)


def _read_umask() -> int:
    umask = os.umask(0o022)
    os.umask(umask)
    return umask
