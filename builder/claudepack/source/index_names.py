"""The packs that an index lists: asked only to say which name is near to one that it does not have.

pip has no command for it. So this is our own request, bounded in time and size, and whatever goes wrong with it only
costs the suggestion. PyPI's list is hundreds of thousands of names, and is not asked for.
"""

import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

from claudepack.source.pip import Index

_SECONDS = 5
_VAST = ("pypi.org", "test.pypi.org")
_NAME = re.compile(
    r"\bclaudepack[-_.]([A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*?)(?=[-_.]?(?:\d+\.|[\"'/<>#?]|$))", re.MULTILINE
)


def list_names(index: Index) -> set[str]:
    """The names of packs that an index, or a folder of wheels, lists; none where it does not say."""
    if index.folder:
        text = "\n".join(path.name for path in Path(index.root).glob("claudepack*"))
    else:
        text = _read_page(index.url)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in _NAME.findall(text)}


def _read_page(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname in _VAST:
        return ""
    words = [sys.executable, "-P", "-m", "claudepack.source.index_page"]
    try:
        done = subprocess.run(words, input=url.encode(), capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:  # it is ended, and so is its connection
        return ""
    return done.stdout.decode("utf-8", "replace")
