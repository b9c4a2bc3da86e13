"""What every verb shares: the common options, and finding the project with its manifest and lock."""

import argparse
import os
from typing import NamedTuple

from claudepack.apply.site import find_journal
from claudepack.errors import ClaudepackError
from claudepack.project.location import MANIFEST, Project, find_project
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.lock import Lock, read_lock
from claudepack.project.manifest import EMPTY, Manifest, read_manifest

CUT_SHORT = "a run was cut short here: the next install, uninstall or sync finishes it"


class Opened(NamedTuple):
    """A project with what its two files say; `has_lock` tells a lock that is not there from an empty one."""

    project: Project
    manifest: Manifest
    lock: Lock
    has_manifest: bool
    has_lock: bool


class Mode(NamedTuple):
    """How a run is to be done: only shown; refused where it would only warn."""

    dry_run: bool
    strict: bool = False


def add_project(parser: argparse.ArgumentParser) -> None:
    """The options that say which project."""
    parser.add_argument(
        "-C",
        "--project",
        metavar="DIR",
        default=os.environ.get("CLAUDEPACK_PROJECT", ""),
        help="the project (default: the nearest directory upwards with a claudepack.toml, else this one)",
    )
    parser.add_argument(
        "-g",
        "--user",
        action="store_true",
        default=_switch("USER"),
        help="work in your own ~/.claude instead of a project",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """The options that say how to report."""
    parser.add_argument("--json", action="store_true", default=_switch("JSON"), help="print one JSON object")
    parser.add_argument("-q", "--quiet", action="store_true", default=_switch("QUIET"), help="print errors only")


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """The option that only shows."""
    parser.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        default=_switch("DRY_RUN"),
        help="show what would happen, and change nothing",
    )


def add_strict(parser: argparse.ArgumentParser) -> None:
    """The option that makes a refusal of a warning."""
    parser.add_argument(
        "--strict",
        action="store_true",
        default=_switch("STRICT"),
        help="refuse a pack that asks for another version of Claude Code",
    )


def open_project(arguments: argparse.Namespace) -> Opened:
    """Find the project and read its manifest and lock.

    Raises:
        ClaudepackError: One of them cannot be read.
    """
    project = find_project(arguments.project, user=arguments.user)
    return reopen(Opened(project, EMPTY, EMPTY_LOCK, has_manifest=False, has_lock=False))


def reopen(opened: Opened) -> Opened:
    """The same project as its files are now.

    Raises:
        ClaudepackError: One of them cannot be read.
    """
    project = opened.project
    manifest, lock = read_manifest(project), read_lock(project)
    return Opened(project, manifest or EMPTY, lock or EMPTY_LOCK, manifest is not None, lock is not None)


def list_notices(project: Project) -> tuple[str, ...]:
    """What every verb has to say that changes nothing: that a run was cut short."""
    return (CUT_SHORT,) if find_journal(project.root, project.git_root) else ()


def require_manifest(opened: Opened) -> None:
    """Refuse a project without a manifest.

    Raises:
        ClaudepackError: With the code `no-manifest`.
    """
    if not opened.has_manifest:
        raise ClaudepackError(
            f"{opened.project.root}: there is no {MANIFEST}",
            code="no-manifest",
            hint="claudepack install backend makes one",
        )


def _switch(name: str) -> bool:
    return os.environ.get(f"CLAUDEPACK_{name}", "").lower() in ("1", "true", "yes", "on")
