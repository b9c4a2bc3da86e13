"""What people type to name a pack: `backend`, `backend==1.2`, `./dir`, `x.whl`."""

import os
import re
from dataclasses import dataclass

from claudepack.errors import ClaudepackError
from claudepack.pack.identity import NAME_PATTERN, PREFIX


@dataclass(frozen=True)
class Requirement:
    """A pack as it was asked for: by name, with a version specifier or none, or by a path."""

    name: str = ""
    specifier: str = ""
    path: str = ""


def parse_requirement(word: str) -> Requirement:
    """Read one word of the command line.

    A word with a `/`, a `.` alone, and the name of an archive are paths; everything else is a PEP 508 name,
    with or without the distribution's `claudepack-`.

    Raises:
        ClaudepackError: It is neither.
    """
    if re.match(r"[a-z+]+://", word) or word.startswith("git+"):
        raise ClaudepackError(
            f"{word}: this version installs packs from the environment, a directory or a wheel, not from a URL",
            code="requirement",
            hint="clone or download it, then name the directory or the wheel",
        )
    if _is_path(word):
        return Requirement(path=word)
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed
    from packaging.utils import canonicalize_name

    hint = "a name such as `backend`, `backend==1.2`, a directory such as `./mine`, or a wheel"
    try:
        parsed = Parsed(word)
    except InvalidRequirement as error:
        raise ClaudepackError(f"{word!r} names no pack", code="requirement", hint=hint) from error
    name = canonicalize_name(parsed.name).removeprefix(PREFIX)
    if parsed.extras or parsed.marker or parsed.url:
        raise ClaudepackError(f"{word!r}: a pack has no extras, markers or URLs", code="requirement", hint=hint)
    if not NAME_PATTERN.fullmatch(name) or not NAME_PATTERN.fullmatch(parsed.name.removeprefix(PREFIX)):
        raise ClaudepackError(f"{word!r} names no pack", code="requirement", hint=hint)
    return Requirement(name=name, specifier=str(parsed.specifier))


def _is_path(word: str) -> bool:
    separators = ("/", os.sep)
    return word in (".", "..") or word.endswith(".whl") or any(mark in word for mark in separators)
