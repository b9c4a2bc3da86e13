"""The packs that an index lists: asked only to say which name is near to one that it does not have.

pip has no command for it. So this is our own request, bounded in time and size, and whatever goes wrong with it only
costs the suggestion. PyPI's list is hundreds of thousands of names, and is not asked for.
"""

import base64
import contextlib
import netrc
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from claudepack.source.pip import Index
from claudepack.urls import strip_credentials

_SECONDS, _BYTES = 5, 4 << 20
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
    request = urllib.request.Request(strip_credentials(url).rstrip("/") + "/")  # noqa: S310 - http or https
    request.add_header("Accept", "application/vnd.pypi.simple.v1+json, text/html;q=0.9")
    if known := _find_credentials(parts):
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(known).encode()).decode())
    with (
        contextlib.suppress(OSError, ValueError, urllib.error.URLError),
        urllib.request.urlopen(request, timeout=_SECONDS) as answer,  # noqa: S310 - http or https
    ):
        data: bytes = answer.read(_BYTES)
        return data.decode("utf-8", "replace")
    return ""


def _find_credentials(parts: urllib.parse.SplitResult) -> tuple[str, str] | None:
    if parts.username:
        return urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        if known := netrc.netrc().authenticators(parts.hostname or ""):
            return known[0], known[2] or ""
    return None
