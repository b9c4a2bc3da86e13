"""The repositories of a run, from a fleet file, from options and from lists: one after another, each once."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.fleet.addresses import read_address
from claudepack.fleet.fleet_file import FLEET, Fleet, Member, read_fleet


def open_fleet(arguments: argparse.Namespace) -> Fleet:
    """The fleet file that is named, or the one that is here.

    Raises:
        ClaudepackError: There is none and nothing else names a repository, or it cannot be read.
    """
    named = arguments.repo or arguments.repos_from or arguments.glob
    path = Path(arguments.file or FLEET)
    if path.exists() and not path.is_dir():
        return read_fleet(path)
    if arguments.file or not named:
        raise ClaudepackError(
            f"{path}: there is no such file", code="not-found", hint="write one, or name repositories with --repo URL"
        )
    return Fleet()


def list_members(arguments: argparse.Namespace, fleet: Fleet) -> Iterator[Member]:
    """The repositories that the options name, else those of the fleet file; what the file says of one goes with it.

    Raises:
        ClaudepackError: A list cannot be read, or names what is no repository.
    """
    known: dict[str, list[Member]] = {}
    for member in fleet.members:
        known.setdefault(member.url, []).append(member)
    named = arguments.repo or arguments.repos_from or arguments.glob
    seen: set[Member] = set()
    for member in _list_named(arguments, known) if named else fleet.members:
        if member not in seen:
            seen.add(member)
            yield member


def _list_named(arguments: argparse.Namespace, known: dict[str, list[Member]]) -> Iterator[Member]:
    for word in arguments.repo:
        url = read_address(word, Path())
        yield from known.get(url) or [Member(url)]
    for file in arguments.repos_from:
        for line in _read_lines(file):
            url = read_address(line, Path())
            yield from known.get(url) or [Member(url)]
    for pattern in arguments.glob:
        found = sorted(path for path in _expand(pattern) if _is_repository(path))
        if not found:
            raise ClaudepackError(f"--glob {pattern}: no repository is there", code="not-found", hint="quote it")
        for path in found:
            url = path.resolve().as_uri()
            yield from known.get(url) or [Member(url)]


def _read_lines(file: str) -> Iterator[str]:
    with nullcontext(sys.stdin) if file == "-" else Path(file).open(encoding="utf-8") as stream:
        lines: Iterable[str] = stream
        for line in lines:
            word = line.partition(" #")[0].strip()
            if word and not word.startswith("#"):
                yield word


def _expand(pattern: str) -> Iterable[Path]:
    path = Path(pattern).expanduser()
    anchor = Path(path.anchor)
    return anchor.glob(str(path.relative_to(anchor))) if path.anchor else Path().glob(pattern)


def _is_repository(path: Path) -> bool:
    return (path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())
