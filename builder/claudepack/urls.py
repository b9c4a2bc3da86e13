"""URLs as they may be written down and shown: whatever could be a credential is taken out first."""

import re

GIT_SCHEMES = ("https", "http", "ssh", "git", "file")

_AUTHORITY = re.compile(r"^(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?P<user>[^/?#]*@)?(?P<rest>.*)$", re.DOTALL)
_ANYWHERE = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#'\"<>]*@")
_QUERY = re.compile(r"(?P<before>\b(?:[a-z]+\+)?https?://[^\s?'\"<>]*)\?[^\s'\"<>]*", re.IGNORECASE)


def strip_credentials(url: str) -> str:
    """A URL without what could be a credential.

    Of ssh the name of the user stays, since it is part of the address; elsewhere a name alone may be a token, and so
    may whatever stands in the query.
    """
    url = _QUERY.sub(r"\g<before>", url)
    match = _AUTHORITY.match(url)
    if match is None or not match["user"]:
        return url
    name = match["user"].removesuffix("@").partition(":")[0]
    keep = f"{name}@" if match["scheme"].lower().endswith("ssh") and name else ""
    return f"{match['scheme']}://{keep}{match['rest']}"


def strip_pin(url: str) -> str:
    """The URL of a file as a lock may hold it: also without the query, in which indexes sign, and the fragment."""
    return strip_credentials(url.partition("#")[0].partition("?")[0])


def redact(text: str) -> str:
    """A text of another program, without the credentials in its URLs."""
    return _QUERY.sub(r"\g<before>", _ANYWHERE.sub(r"\g<scheme>", text))


def find_git_fault(url: str) -> str:
    """Say why git is not asked for a URL; an empty string when it is.

    git also knows `ext::COMMAND` and others that run what a manifest says.
    """
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.lower() not in GIT_SCHEMES or not rest.strip("/"):
        return f"the URL must begin with one of {', '.join(f'{name}://' for name in GIT_SCHEMES)}"
    if not url.isprintable() or any(char.isspace() for char in url):
        return "it holds a blank, or what cannot be seen"
    return ""
