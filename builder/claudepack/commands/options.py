"""What every verb shares: the common options, and finding the project with its manifest and lock."""

import argparse
import os
from typing import TYPE_CHECKING, NamedTuple

from claudepack.apply.site import find_journal
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.location import MANIFEST, Project, find_project
from claudepack.project.lock import EMPTY as EMPTY_LOCK
from claudepack.project.lock import Lock, parse_lock, read_lock
from claudepack.project.manifest import EMPTY, Entry, Manifest, read_manifest
from claudepack.project.state import Seen

if TYPE_CHECKING:
    from claudepack.plan.choices import Choices

CUT_SHORT = "a run was cut short here: the next install, uninstall or sync finishes it"


class Opened(NamedTuple):
    """A project as a run finds it.

    Attributes:
        project: Where it is.
        manifest: What it says; empty where it is not there.
        lock: The same.
        has_manifest: Whether it is there.
        lock_bytes: The lock as it is written; None where it is not there.
        seen: What the run saw when it first looked: each file is hashed once.
    """

    project: Project
    manifest: Manifest
    lock: Lock
    has_manifest: bool
    lock_bytes: bytes | None
    seen: Seen

    @property
    def has_lock(self) -> bool:
        """Whether the lock is there."""
        return self.lock_bytes is not None

    def holds(self, now: "Opened") -> bool:
        """Whether both files still say the same."""
        return now._replace(seen=self.seen) == self


class Mode(NamedTuple):
    """How a run is to be done.

    Attributes:
        dry_run: Only shown.
        strict: Refused where it would only warn.
        choices: What the user decided beforehand about files; None for nothing.
        offline: Without a network: from what is here and in the cache.
        frozen: By the lock alone.
        locked: Refused where the lock does not answer the manifest.
        index_url: The index of packs that name none: its URL, or its name in the manifest.
        find_links: A folder of wheels in its place.
        pin_only: Only the lock is written.
        prove: Refused where the real client would load less.
        throwaway: In a clone that is removed once the run is over: nothing has to be brought to the disk.
    """

    dry_run: bool = False
    strict: bool = False
    choices: "Choices | None" = None
    offline: bool = False
    frozen: bool = False
    locked: bool = False
    index_url: str = ""
    find_links: str = ""
    pin_only: bool = False
    prove: bool = False
    throwaway: bool = False


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
        default=is_set("USER"),
        help="work in your own ~/.claude instead of a project",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """The options that say how to report."""
    parser.add_argument("--json", action="store_true", default=is_set("JSON"), help="print one JSON object")
    parser.add_argument("-q", "--quiet", action="store_true", default=is_set("QUIET"), help="print errors only")


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    """The option that only shows; and the one that scripts give to whatever installs: here nothing is asked."""
    parser.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        default=is_set("DRY_RUN"),
        help="show what would happen, and change nothing",
    )
    parser.add_argument("-y", "--yes", action="store_true", default=is_set("YES"), help="for scripts: nothing is asked")


def add_strict(parser: argparse.ArgumentParser) -> None:
    """The option that makes a refusal of a warning."""
    parser.add_argument(
        "--strict",
        action="store_true",
        default=is_set("STRICT"),
        help="refuse a pack that asks for another version of Claude Code",
    )


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that say where packs may come from."""
    add_indexes(parser)
    parser.add_argument(
        "--find-links",
        metavar="DIR",
        default=os.environ.get("CLAUDEPACK_FIND_LINKS", ""),
        help="a folder of wheels in place of an index",
    )


def add_indexes(parser: argparse.ArgumentParser) -> None:
    """The same, without a folder of this machine."""
    parser.add_argument(
        "--offline",
        action="store_true",
        default=is_set("OFFLINE"),
        help="use no network: what is here and in the cache has to do",
    )
    parser.add_argument(
        "--index-url",
        metavar="URL",
        default=os.environ.get("CLAUDEPACK_INDEX_URL", ""),
        help="the index that packs come from by name (…/simple), or its name in [index]",
    )


def read_mode(arguments: argparse.Namespace, project: Project) -> Mode:
    """How a run is to be done, from the options of its verb.

    Raises:
        ClaudepackError: Two of them contradict each other, or a path is no file of the project.
    """
    given = {name: getattr(arguments, name) for name in Mode._fields if hasattr(arguments, name)}
    choices = read_choices(arguments, project) if hasattr(arguments, "adopt") else None
    mode = Mode(**given, choices=choices)
    if mode.frozen and mode.locked:
        raise ClaudepackError("--frozen does not look at what --locked asks for", code="usage", hint="leave one out")
    if mode.index_url and mode.find_links:
        raise ClaudepackError(
            "--index-url and --find-links: a pack comes from one place", code="usage", hint="leave one of them out"
        )
    return mode


def add_reconciling(parser: argparse.ArgumentParser) -> None:
    """The options of the verbs that bring a project to what its manifest says."""
    add_dry_run(parser)
    add_choices(parser)
    add_strict(parser)
    add_sources(parser)


def add_choices(parser: argparse.ArgumentParser) -> None:
    """The options that decide about files which no rule decides about."""
    parser.add_argument(
        "--adopt",
        nargs="*",
        metavar="PATH",
        help="of files that are there already: keep yours, managed from now on as edits (default: all of them)",
    )
    parser.add_argument(
        "--replace",
        nargs="*",
        metavar="PATH",
        help="of files that are there already: take the pack's, and keep yours in .claudepack/replaced/",
    )
    parser.add_argument(
        "--conflict",
        choices=("beside", "markers"),
        default=os.environ.get("CLAUDEPACK_CONFLICT", "beside"),
        help="where both changed the same lines: leave your file and lay all sides beside it (default), or write git's "
        "markers into it",
    )


def read_choices(arguments: argparse.Namespace, project: Project) -> "Choices | None":
    """What the user decided; None where nothing was, so that nothing has to be imported for it.

    Raises:
        ClaudepackError: A path is no file of the project.
    """
    if arguments.adopt is None and arguments.replace is None and arguments.conflict == "beside":
        return None
    from claudepack.plan.choices import Choices

    sets = {}
    for option in ("adopt", "replace"):
        words = getattr(arguments, option)
        paths = [locate_in_project(project, arguments, word) for word in words or ()]
        for word, path in zip(words or (), paths, strict=True):
            if not os.path.isfile(project.locate(path)):
                is_folder = os.path.isdir(project.locate(path))
                raise ClaudepackError(
                    f"--{option} {word}: there is no such file" + (", but a folder: name its files" * is_folder),
                    code="usage",
                    hint=f"--{option} stands after the packs",
                )
        sets[option] = frozenset(paths or (["*"] if words is not None else []))
    if both := sets["adopt"] & sets["replace"]:
        raise ClaudepackError(f"--adopt and --replace both name {min(both)}", code="usage", hint="say one of them")
    return Choices(sets["adopt"], sets["replace"], markers=arguments.conflict == "markers")


def refuse_empty(*paths: str) -> None:
    """Refuse a path of no characters, which would be taken for the current folder: most are a variable's, not set.

    Raises:
        ClaudepackError: One is empty.
    """
    if "" in paths:
        hint = "leave it out for what is here; a variable may be empty"
        raise ClaudepackError("'' is no path", code="usage", hint=hint)


def locate_in_project(project: Project, arguments: argparse.Namespace, word: str) -> str:
    """A path as it was typed, relative to the project: to what `--project` or `--user` names, else to where one is."""
    base = project.root if arguments.project or arguments.user else os.getcwd()
    path = os.path.relpath(os.path.join(os.path.realpath(base), word), project.root)
    return path.replace(os.sep, "/")


def open_project(arguments: argparse.Namespace) -> Opened:
    """Find the project and read its manifest and lock.

    Raises:
        ClaudepackError: One of them cannot be read.
    """
    if arguments.user and arguments.project:
        raise ClaudepackError(
            f"--user is your own ~/.claude, and --project says {arguments.project}",
            code="usage",
            hint="leave one of them out (CLAUDEPACK_USER and CLAUDEPACK_PROJECT count, too)",
        )
    project = find_project(arguments.project, user=arguments.user)
    return reopen(Opened(project, EMPTY, EMPTY_LOCK, has_manifest=False, lock_bytes=None, seen=Seen()))


def reopen(opened: Opened) -> Opened:
    """The same project as its files are now.

    Raises:
        ClaudepackError: One of them cannot be read.
    """
    project = opened.project
    manifest, data = read_manifest(project), read_lock(project)
    lock = EMPTY_LOCK
    if data is not None:
        lock = opened.lock if data == opened.lock_bytes else parse_lock(data, project.prefix)
    return Opened(project, manifest or EMPTY, lock, manifest is not None, data, Seen())


def list_notices(project: Project) -> tuple[str, ...]:
    """What every verb has to say that changes nothing: that a run was cut short."""
    return (CUT_SHORT,) if find_journal(project.root, project.git_root) else ()


def require_pack(opened: Opened, name: str) -> Entry:
    """The manifest's entry of a pack.

    Raises:
        ClaudepackError: There is none; the nearest names are in the hint.
    """
    packs = opened.manifest.packs
    if name not in packs:
        raise ClaudepackError(
            f"{name!r} is not in the manifest",
            code="not-found",
            hint=nearest(name, packs) or "claudepack install adds it",
        )
    return packs[name]


def require_manifest(opened: Opened) -> None:
    """Refuse a project without a manifest.

    Raises:
        ClaudepackError: With the code `no-manifest`.
    """
    if not opened.has_manifest:
        raise ClaudepackError(
            f"{opened.project.root}: there is no {MANIFEST}",
            code="no-manifest",
            hint=f"what is left of a pack goes with: claudepack uninstall {' '.join(opened.lock.packs)}"
            if opened.lock.packs
            else "claudepack install backend makes one",
        )


def is_set(name: str) -> bool:
    """Whether an option is given as its variable."""
    return os.environ.get(f"CLAUDEPACK_{name}", "").lower() in ("1", "true", "yes", "on")
