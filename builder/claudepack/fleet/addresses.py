"""The addresses of repositories, as people write them."""

import re
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.urls import find_git_fault, strip_credentials

# git's short form of an address: a host, a colon, a path that does not begin with two slashes.
_SHORT = re.compile(r"(?P<where>(?:[\w.-]+@)?[\w.-]+):(?P<path>(?!//)[^\s]+)")


def read_address(word: str, base: Path) -> str:
    """The URL of a repository.

    Args:
        word: A URL, git's short form `git@host:path`, or the path of a repository on this machine.
        base: What a path is relative to.

    Raises:
        ClaudepackError: It is none of these.
    """
    if "://" in word:
        if fault := find_git_fault(word):
            raise ClaudepackError(f"{strip_credentials(word)}: {fault}", code="usage", hint="mend the URL")
        return word
    if (base / word).is_dir():
        return (base / word).resolve().as_uri()
    if match := _SHORT.fullmatch(word):
        return f"ssh://{match['where']}/{match['path']}"
    raise ClaudepackError(
        f"{word!r} is no URL, and no directory either", code="usage", hint="write https://…, ssh://… or git@host:path"
    )
