"""`claudepack install`: packs into manifest, lock and project."""

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands import sync
from claudepack.commands.options import (
    Mode,
    Opened,
    add_dry_run,
    add_output,
    add_project,
    add_sources,
    add_strict,
    open_project,
    read_mode,
)
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.manifest import REFS, SOURCES, parse_manifest
from claudepack.report.result import Result

# An entry has one source: a new one takes the place of the other's keys.
_NO_SOURCE: dict[str, str | list[str]] = dict.fromkeys((*SOURCES, *REFS, "index", "subdirectory"), "")

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim
    from claudepack.source.places import Found

EXAMPLES = """examples:
  claudepack install backend             the pack that comes with claudepack, or a newer one you installed
  claudepack install 'backend>=1.0'      with a version
  claudepack install ../packs/mine       a pack in a directory
  claudepack install x-1.0-py3-none-any.whl
  claudepack install git+https://example.org/packs.git@v1.2#subdirectory=review
  claudepack install backend --set language=Go --set "test_command=go test ./..."
  claudepack install                     make the project what its manifest and lock say (sync)"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "requirements",
        nargs="*",
        metavar="REQ",
        help="a name, a name with a version, a directory, a wheel, git+URL@ref#subdirectory=p",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give a variable of the context a value",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="KIND[,KIND]",
        help="consent to what would be executed: hooks, mcp, permissions, executables",
    )
    add_project(parser)
    add_dry_run(parser)
    add_strict(parser)
    add_sources(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Install packs; without any, the same as sync.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    opened, mode = open_project(arguments), read_mode(arguments)
    if not arguments.requirements:
        if arguments.set or arguments.allow:
            raise ClaudepackError("--set and --allow go with a pack", code="usage", hint="name the pack too")
        return sync.run_opened(opened, mode, command="install")
    from claudepack.commands.reconcile import reconcile

    return reconcile("install", opened, partial(_aim, arguments), mode)


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import set_variable

    text, found = opened.manifest.text, {}
    for word in arguments.requirements:
        name, text, pack = _add(opened, word, text, _read_kinds(arguments.allow), read_mode(arguments))
        if pack:
            found[name] = pack
    for pair in arguments.set:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ClaudepackError(f"--set {pair}: no NAME=VALUE", code="usage", hint="write --set language=Go")
        text = set_variable(text, key, value)
    return Aim(parse_manifest(text), found)


def _add(opened: Opened, word: str, text: str, allow: list[str], mode: Mode) -> "tuple[str, str, Found | None]":
    from pathlib import Path

    from claudepack.project.manifest_text import set_pack
    from claudepack.source.places import find_named, find_path, find_repository
    from claudepack.source.requirement import parse_requirement
    from claudepack.urls import strip_credentials

    asked = parse_requirement(word)
    root = Path(opened.project.root)
    fields: dict[str, str | list[str]] = {"allow": allow} if allow else {}
    if asked.path:
        relative = Path(os.path.relpath(os.path.abspath(asked.path), opened.project.root)).as_posix()
        found = find_path(relative, root)
        name = found.pack.name
        return name, set_pack(text, name, {**_NO_SOURCE, **fields, "path": relative}), found
    if asked.git:
        found, pin = find_repository(asked.git, offline=mode.offline)
        fields |= {"git": strip_credentials(asked.git.url), "subdirectory": asked.git.subdirectory}
        fields |= {pin.kind: pin.name} if pin.kind else {}
        return found.pack.name, set_pack(text, found.pack.name, {**_NO_SOURCE, **fields}), found
    entry = parse_manifest(text).packs.get(asked.name)
    if entry is not None and not asked.specifier:
        return asked.name, set_pack(text, asked.name, fields) if fields else text, None
    found = find_named(asked.name, asked.specifier, root)
    fields["version"] = asked.specifier or _default_range(found.pack.version)
    return asked.name, set_pack(text, asked.name, {**_NO_SOURCE, **fields}), found


def _default_range(version: str) -> str:
    from packaging.version import Version

    parsed = Version(version)
    lowest = str(parsed) if parsed.is_prerelease else f"{parsed.major}.{parsed.minor}"
    return f">={lowest},<{parsed.major + 1}"


def _read_kinds(words: list[str]) -> list[str]:
    from claudepack.consents import CONSENTS

    kinds = [kind for word in words for kind in word.split(",") if kind]
    for kind in kinds:
        if kind not in CONSENTS:
            raise ClaudepackError(f"--allow {kind}: there is no such kind", code="usage", hint=nearest(kind, CONSENTS))
    return sorted(set(kinds))
