"""Who a pack is: read from `pyproject.toml`, or from the metadata of a wheel or an installed distribution."""

import re
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from claudepack.errors import ClaudepackError

GROUP = "claudepack.packs"
PREFIX = "claudepack-"
UNVERSIONED = "0+"  # what the version begins with of what has none, and lies in a repository
NAME_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# A release as PEP 440 normalises it: most are, and need no import on the way of a run that changes nothing.
PLAIN_VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*")


class Identity(NamedTuple):
    """A pack's name and what its distribution says of it.

    Attributes:
        name: What people type: the entry point's name.
        distribution: What indexes know it by: `claudepack-` and the name.
        version: A PEP 440 version, normalised.
        summary: One line, may be empty.
        requires: PEP 508 requirements on other packs; others are none of a pack's business.
        module: The folder in the wheel, from the entry point's value.
    """

    name: str
    distribution: str
    version: str
    summary: str
    requires: tuple[str, ...]
    module: str


def read_pyproject(data: bytes, where: str) -> Identity:
    """Read a pack's identity from the bytes of its `pyproject.toml`.

    Raises:
        ClaudepackError: It is no TOML, or does not describe a pack.
    """
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ClaudepackError(f"{where}: not TOML: {error}", code="pack", hint="mend that line") from error
    project = document.get("project")
    if not isinstance(project, Mapping):
        raise _no_pack(where, "there is no [project] table")
    points = project.get("entry-points", {})
    table = points.get(GROUP, {}) if isinstance(points, Mapping) else {}
    if not isinstance(table, Mapping) or not all(isinstance(value, str) for value in table.values()):
        raise _no_pack(where, f'[project.entry-points."{GROUP}"] must map a name to a string')
    if "version" not in project:
        raise _no_pack(where, "[project] has no version (a dynamic one cannot be read without running it)")
    return _make_identity(
        {str(key): str(value) for key, value in table.items()},
        _text(project, "name", where),
        _text(project, "version", where),
        _text(project, "description", where) if "description" in project else "",
        _texts(project.get("dependencies", []), where),
        where,
    )


def read_metadata(metadata: str, entry_points: str, where: str) -> Identity:
    """Read a pack's identity from the `METADATA` and `entry_points.txt` of a `.dist-info`.

    Raises:
        ClaudepackError: They do not describe a pack.
    """
    import email.parser

    message = email.parser.HeaderParser().parsestr(metadata)
    return _make_identity(
        read_entry_points(entry_points, where),
        message.get("Name", ""),
        message.get("Version", ""),
        message.get("Summary", ""),
        tuple(message.get_all("Requires-Dist", [])),
        where,
    )


def read_entry_points(text: str, where: str) -> dict[str, str]:
    """The packs that an `entry_points.txt` names, with the module of each; none is the common case.

    Raises:
        ClaudepackError: The file cannot be parsed.
    """
    import configparser

    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, default_section="")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # how configparser keeps case
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ClaudepackError(f"{where}: entry_points.txt: {error}", code="pack", hint="install it again") from error
    return dict(parser.items(GROUP)) if parser.has_section(GROUP) else {}


def normalise_name(distribution: str) -> str:
    """The one spelling of a distribution's name (PEP 503).

    `packaging.utils` has it too, and is half a start of a bare Python to import.
    """
    return re.sub(r"[-_.]+", "-", distribution).lower()


def check_name(name: str, where: str) -> None:
    """Refuse what cannot name a pack.

    Raises:
        ClaudepackError: With the code `name`.
    """
    if not NAME_PATTERN.fullmatch(name):
        raise ClaudepackError(
            f"{where}: {name!r} cannot be the name of a pack",
            code="name",
            hint="lower-case letters, digits and single hyphens, such as `backend` or `web-api`",
        )


def _make_identity(  # noqa: PLR0913, PLR0917 - the six things that a distribution says
    points: Mapping[str, str],
    distribution: str,
    version: str,
    summary: str,
    requires: tuple[str, ...],
    where: str,
) -> Identity:
    if len(points) != 1:
        found = "no" if not points else f"{len(points)}"
        raise _no_pack(where, f'{found} entry points in "{GROUP}"; a pack has exactly one')
    [(name, module)] = points.items()
    check_name(name, where)
    if normalise_name(distribution) != PREFIX + name:
        raise _no_pack(
            where, f"the pack {name!r} must come as the distribution {PREFIX + name!r}, not {distribution!r}"
        )
    if not module.isidentifier():
        raise _no_pack(where, f"the entry point of {name!r} must name one module, not {module!r}")
    normal = _normalise_version(version, where)
    packs = tuple(sorted(text for text in requires if normalise_name(_name_of(text)).startswith(PREFIX)))
    return Identity(name, PREFIX + name, normal, " ".join(summary.split()), packs, module)


def _normalise_version(version: str, where: str) -> str:
    if PLAIN_VERSION.fullmatch(version):
        return version
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version))
    except InvalidVersion as error:
        raise _no_pack(where, f"{version!r} is no version (PEP 440)") from error


def _name_of(requirement: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return match[1] if match else ""


def _no_pack(where: str, why: str) -> ClaudepackError:
    return ClaudepackError(
        f"{where}: this is no pack: {why}",
        code="pack",
        hint=f'it needs name = "{PREFIX}NAME", a version and [project.entry-points."{GROUP}"] NAME = "claudepack_NAME"',
    )


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise _no_pack(where, f"[project] {key} must be a string")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _no_pack(where, "[project] dependencies must be a list of strings")
    return tuple(value)
