"""The list of an index, asked for in a process of its own: whoever started it ends it where the index takes too long.

No timeout of a connection would do, as that is for each read. The URL comes from standard input, since others see what
a process is started with, and it may hold credentials; the page, or nothing, goes to standard output.
"""

import base64
import contextlib
import netrc
import sys
import urllib.error
import urllib.parse
import urllib.request

from claudepack.urls import strip_credentials

_BYTES = 4 << 20


def read_page(url: str) -> bytes:
    """The page at an index's root, as far as it is not too much; nothing where it is not to be had."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(strip_credentials(url).rstrip("/") + "/")  # noqa: S310 - http or https
    request.add_header("Accept", "application/vnd.pypi.simple.v1+json, text/html;q=0.9")
    if known := _find_credentials(parts):
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(known).encode()).decode())
    with (
        contextlib.suppress(OSError, ValueError, urllib.error.URLError),
        urllib.request.urlopen(request) as answer,  # noqa: S310 - http or https
    ):
        data: bytes = answer.read(_BYTES)
        return data
    return b""


def _find_credentials(parts: urllib.parse.SplitResult) -> tuple[str, str] | None:
    if parts.username:
        return urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        if known := netrc.netrc().authenticators(parts.hostname or ""):
            return known[0], known[2] or ""
    return None


if __name__ == "__main__":
    sys.stdout.buffer.write(read_page(sys.stdin.read()))
