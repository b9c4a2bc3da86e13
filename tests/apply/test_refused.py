"""What the system refuses is told of the user's path, and what helps."""

import errno
import os

from claudepack.apply.refused import explain
from claudepack.apply.site import Site


def test_what_was_there_and_is_gone_was_moved_or_removed() -> None:
    error = OSError(errno.ENOENT, os.strerror(errno.ENOENT), "/p/.git/claudepack/0/stage/7", None, "/p/.claude/a.md")

    told = explain(Site("/p", "/p/.git/claudepack/0"), error, "nothing was changed")

    assert told.message == ".claude/a.md: No such file or directory; nothing was changed"
    assert told.hint == "see whether somebody moved or removed it, or the project, then run this again"
