"""What the system refuses, told to a person: which path of theirs it is about, and what to do."""

import errno
import os

from claudepack.apply.site import Site
from claudepack.errors import ClaudepackError

_ADVICE = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "make it writable (chmod, chown, chattr -i)"),
    errno.EROFS: "mount it for writing",
    errno.EBUSY: "unmount it, since a mount cannot be replaced",
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.ENXIO), "move it away"),
    errno.ENOENT: "see whether somebody moved or removed it, or the project",
    errno.EFBIG: "let files be larger (ulimit -f)",
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "let more files be open (ulimit -n)"),
    errno.ENAMETOOLONG: "shorten the path of the project",
}


def explain(site: Site, error: OSError, outcome: str) -> ClaudepackError:
    """The error that a run ends with.

    Args:
        site: The project.
        error: What the system said. Of a rename it names both paths: one in the stage, and the one that is told.
        outcome: What became of the run.
    """
    named = [path for path in (error.filename2, error.filename) if isinstance(path, str)]
    own = [path for path in named if not path.startswith(site.state + os.sep)]
    path = next(iter([*own, *named]), site.root)
    shown = os.path.relpath(path, site.root) if path.startswith(site.root + os.sep) else path
    advice = _ADVICE.get(error.errno or 0, "see what is wrong with it")
    return ClaudepackError(
        f"{shown}: {error.strerror or error}; {outcome}", code="os", hint=f"{advice}, then run this again"
    )
