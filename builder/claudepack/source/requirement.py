"""What people type to name a pack: `backend`, `backend==1.2`, `./dir`, `x.whl`, `git+URL@ref#subdirectory=p`."""

import os
import re
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.identity import NAME_PATTERN, PREFIX
from claudepack.paths import is_confined
from claudepack.urls import find_git_fault, redact

ARCHIVES = (".whl", ".tar.gz")
_NAMED_URL = re.compile(r"[\w.-]+(?:\[[^\]]*\])? *@(?: | *[a-zA-Z+]+://)")  # PEP 508: NAME @ URL
_SCP = re.compile(r"(?P<host>[\w.-]+@[\w.-]+):(?P<path>(?!//)\S+)")  # as git and scp take it
_HINT = "a name such as `backend`, `backend==1.2`, a directory such as `./mine`, a wheel, or git+https://…@ref"


class Repository(NamedTuple):
    """A pack in a git repository.

    Attributes:
        url: As git is asked for it: with credentials where there are some, so never to be shown.
        ref: A tag, a branch or a commit; empty for what the repository itself takes.
        subdirectory: Where in it the pack is.
        kind: What the ref is: `tag`, `branch` or `rev`; empty where it may be either.
        plugin: Which plugin of the marketplace there; empty where it is none.
    """

    url: str
    ref: str = ""
    subdirectory: str = ""
    kind: str = ""
    plugin: str = ""

    def __repr__(self) -> str:
        """All but what may hold credentials."""
        within = f"subdirectory={self.subdirectory!r}, plugin={self.plugin!r}"
        return f"Repository(ref={self.ref!r}, {within}, kind={self.kind!r})"


class Requirement(NamedTuple):
    """A pack as it was asked for: by name, with a version specifier or none, by a path, or in a repository."""

    name: str = ""
    specifier: str = ""
    path: str = ""
    git: Repository | None = None


def parse_requirement(word: str) -> Requirement:
    """Read one word of the command line.

    A word with a `/`, a `.` alone, and the name of an archive or of an agent's `.md` are paths; everything else is a
    PEP 508 name, with or without the distribution's `claudepack-`.

    Raises:
        ClaudepackError: It is neither.
    """
    if word.startswith("git+"):
        return Requirement(git=_parse_git(word))
    if _NAMED_URL.match(word):
        raise ClaudepackError(
            f"{redact(word)}: a pack is named by its name or by where it is, not by both",
            code="requirement",
            hint="git+URL alone for a repository; or download it, then name the file",
        )
    if match := _SCP.fullmatch(word):
        raise ClaudepackError(
            f"{word}: a repository is named by a URL",
            code="requirement",
            hint=f"write git+ssh://{match['host']}/{match['path'].lstrip('/')}",
        )
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://", word):
        raise ClaudepackError(
            f"{redact(word)}: a pack comes from an index, from git, or from a path, not from a URL of its own",
            code="requirement",
            hint="git+URL for a repository; or download it, then name the file",
        )
    if _is_path(word):
        return Requirement(path=word)
    if NAME_PATTERN.fullmatch(word.removeprefix(PREFIX)):
        return Requirement(name=word.removeprefix(PREFIX))  # the usual case, without the import of a parser
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed
    from packaging.utils import canonicalize_name

    try:
        parsed = Parsed(word)
    except InvalidRequirement as error:
        raise ClaudepackError(f"{word!r} names no pack", code="requirement", hint=_HINT) from error
    name = canonicalize_name(parsed.name).removeprefix(PREFIX)
    if parsed.extras or parsed.marker or parsed.url:
        raise ClaudepackError(
            f"{redact(repr(word))}: a pack has no extras, markers or URLs: all of it is installed, everywhere",
            code="requirement",
            hint=_HINT,
        )
    if not NAME_PATTERN.fullmatch(name) or not NAME_PATTERN.fullmatch(parsed.name.removeprefix(PREFIX)):
        raise ClaudepackError(f"{word!r} names no pack", code="requirement", hint=_HINT)
    return Requirement(name=name, specifier=str(parsed.specifier))


def _parse_git(word: str) -> Repository:
    address, _, fragment = word.removeprefix("git+").partition("#")
    subdirectory, plugin = _read_fragment(word, fragment)
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    path, at, ref = path.rpartition("@") if "@" in path else (path, "", "")
    if at and (not ref or not is_ref(ref)):
        raise _no_repository(
            word, "what stands behind the last @ can be no tag, branch or commit", "write @v1.0, or leave the @ out"
        )
    url = f"{scheme}://{host}{slash}{path}"
    if fault := find_git_fault(url):
        raise _no_repository(word, fault, "write git+https://HOST/PATH.git@TAG, or git+ssh://git@HOST/PATH.git")
    return Repository(url, ref, subdirectory, plugin=plugin)


def _read_fragment(word: str, fragment: str) -> tuple[str, str]:
    """The folder and the plugin that stand behind the `#`: `subdirectory=FOLDER`, `PLUGIN`, or both with a `&`."""
    found = {"subdirectory": "", "plugin": ""}
    for part in fragment.split("&") if fragment else ():
        key, equals, value = part.partition("=")
        key, value = (key, value.strip("/")) if equals else ("plugin", part)
        if key not in found or found[key] or not is_confined(value) or (key == "plugin" and "/" in value):
            # What stands there may be a token, so it is not said again.
            raise _no_repository(
                word,
                f"#{key}=… is not known" if key not in found else f"the {key} behind the # is none",
                "write #subdirectory=packs/mine, #PLUGIN for one of a marketplace, or nothing",
            )
        found[key] = value
    return found["subdirectory"], found["plugin"]


def is_ref(text: str) -> bool:
    """Whether git allows a text as the name of a tag or a branch, or it is a commit; no option can be made of it."""
    return bool(re.fullmatch(r"(?![-/.])[^\x00-\x20\x7f~^:?*\[\\]+(?<![/.])", text)) and not re.search(
        r"\.\.|//|@\{|/\.|\.lock(/|$)", text
    )


def _no_repository(word: str, why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{redact(word.partition('#')[0])}: {why}", code="requirement", hint=hint)


def _is_path(word: str) -> bool:
    separators = ("/", os.sep)
    return word in (".", "..") or word.endswith((*ARCHIVES, ".md")) or any(mark in word for mark in separators)
