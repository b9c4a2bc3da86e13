"""Finding a pack: from a path, or by name in the environments and among the bundled packs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.directory import read_directory
from claudepack.pack.distribution import read_distribution
from claudepack.pack.sdist import SUFFIX, read_sdist
from claudepack.pack.tree import Pack
from claudepack.pack.wheel import read_wheel
from claudepack.paths import nearest
from claudepack.source.bundled import find_bundled, list_bundled
from claudepack.source.environment import find_installed
from claudepack.source.git import Pin, fetch_commit, find_kept_commit, find_pin, is_commit, refuse_moved
from claudepack.source.requirement import Repository
from claudepack.urls import strip_credentials


@dataclass(frozen=True)
class Found:
    """A pack and the place it came from.

    Attributes:
        pack: The pack.
        source: The place as the lock records it.
        where: The place as people are told.
        notice: What they should know besides; mostly nothing.
    """

    pack: Pack
    source: Mapping[str, str]
    where: str
    notice: str = ""


def find_path(path: str, base: Path) -> Found:
    """Read the pack at a path, which is relative to `base` unless absolute.

    Raises:
        ClaudepackError: There is no pack.
    """
    target = base / path
    if path.endswith(SUFFIX):
        return Found(read_sdist(target, path), {"kind": "archive", "path": path}, path)
    if path.endswith(".whl"):
        return Found(read_wheel(target, path), {"kind": "archive", "path": path}, path)
    return Found(read_directory(target, path), {"kind": "path", "path": path}, path)


def find_repository(repository: Repository, *, offline: bool) -> tuple[Found, Pin]:
    """The pack that a repository has now at the ref that is asked for.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
    """
    if offline and not is_commit(repository):
        raise ClaudepackError(
            f"{strip_credentials(repository.url)}: offline, nobody can tell what {repository.ref or 'it'} is now",
            code="offline",
            hint="leave --offline out, or name the whole commit",
        )
    pin = find_pin(repository)
    return _read_commit(repository, pin.commit, offline=offline), pin


def find_locked_commit(repository: Repository, commit: str, *, offline: bool, frozen: bool) -> Found:
    """The pack of the commit that a lock names.

    Raises:
        ClaudepackError: It cannot be had, or is no pack.
        IntegrityError: The tag has been moved since, and the lock is not all that is to be trusted.
    """
    if repository.kind == "tag" and not (offline or frozen) and find_kept_commit(repository, commit) is None:
        refuse_moved(repository, commit)
    return _read_commit(repository, commit, offline=offline)


def _read_commit(repository: Repository, commit: str, *, offline: bool) -> Found:
    url = strip_credentials(repository.url)
    kept = find_kept_commit(repository, commit)
    if kept is None:
        if offline:
            raise ClaudepackError(
                f"offline, and {url} at {commit} is not in the cache", code="offline", hint="leave --offline out once"
            )
        kept = fetch_commit(repository, commit)
    where = f"{url} at {commit[:12]}"
    source = {"kind": "git", "url": url, "commit": commit}
    if repository.subdirectory:
        source["subdirectory"] = repository.subdirectory
    return Found(read_sdist(kept.path, where), source, where)


def find_here(name: str, specifier: str, project: Path) -> Found | None:
    """The first pack of a name that a specifier allows: from an environment, else bundled; None if there is none.

    As PEP 440 has it, a pre-release is taken where the specifier names one, or nothing else will do.
    """
    from packaging.specifiers import SpecifierSet

    allowed = SpecifierSet(specifier)
    early: list[Found] = []
    fit: list[Found] = []
    for found in _candidates(name, project):
        if allowed.contains(found.pack.version, prereleases=bool(allowed.prereleases)):
            fit.append(found)
        elif allowed.contains(found.pack.version, prereleases=True):
            early.append(found)
    if len(fit) > 1:
        other = f"{name} {fit[1].pack.version} is also in {fit[1].where}; the one of {fit[0].where} was taken"
        return replace(fit[0], notice=other)
    return next(iter([*fit, *early]), None)


def find_named(name: str, specifier: str, project: Path) -> Found:
    """As `find_here`.

    Raises:
        ClaudepackError: There is none; the message says what there is.
    """
    found = find_here(name, specifier, project)
    if found is None:
        raise refuse_unknown(name, specifier, project)
    return found


def refuse_unknown(
    name: str, specifier: str, project: Path, index_says: ClaudepackError | None = None
) -> ClaudepackError:
    """That a pack is not to be had by its name: what there is instead, here and as the index says."""
    others = [f"{found.pack.version} ({found.where})" for found in _candidates(name, project)]
    also, way_out = (f"; {index_says.message}", index_says.hint) if index_says else ("", "")
    if others:
        return ClaudepackError(
            f"no {name} {specifier} is to be had here: there is {', '.join(others)}{also}",
            code="version",
            hint=way_out or "ask for another version",
        )
    known = {*find_installed(project), *list_bundled()}
    hints = [nearest(name, known), way_out or f"or pip install claudepack-{name} first, or name a directory or a wheel"]
    return ClaudepackError(
        f"there is no pack {name!r} in the environment or among the packs that come with claudepack{also}",
        code=index_says.code if index_says else "not-found",
        hint="; ".join(hints),
    )


def find_locked(name: str, version: str, digest: str, project: Path) -> Found | None:
    """The pack with the version and the digest of the lock, from an environment or bundled; None if there is none.

    Raises:
        IntegrityError: A place has the version with other bytes, and none has it with these.
    """
    wrong = ""
    for found in _candidates(name, project):
        if found.pack.version == version and found.pack.digest == digest:
            return found
        if found.pack.version == version:
            wrong = found.where
    if wrong:
        raise refuse_bytes(name, version, wrong)
    return None


def refuse_bytes(name: str, version: str, where: str) -> IntegrityError:
    """That a place has the version of the lock with other bytes."""
    return IntegrityError(
        f"{name} {version} from {where} does not hold the bytes that the lock names",
        code="integrity",
        hint=f"find out which is right; to take the one here: claudepack uninstall {name}, then install it",
    )


def refuse_absent(name: str, version: str, project: Path, index_says: str = "") -> ClaudepackError:
    """That no place has the version of the lock."""
    here = ", ".join(f"{found.pack.version} ({found.where})" for found in _candidates(name, project))
    return ClaudepackError(
        f"the lock names {name} {version}, and here is {here or 'none'}" + (f"; {index_says}" if index_says else ""),
        code="not-found",
        hint=f"pip install claudepack-{name}=={version}, or ask for what is here: claudepack install '{name}==…'",
    )


def list_available(project: Path) -> list[Found]:
    """Every pack that can be had by name here, the one that `install` would take first."""
    names = dict.fromkeys([*find_installed(project), *list_bundled()])
    return [next(_candidates(name, project)) for name in sorted(names)]


def _candidates(name: str, project: Path) -> Iterator[Found]:
    if (info := find_installed(project).get(name)) is not None:
        yield Found(read_distribution(info), {"kind": "environment"}, f"the environment {_environment(info)}")
    if (root := find_bundled(name)) is not None:
        yield Found(
            read_directory(root, f"bundled {name}"),
            {"kind": "bundled"},
            "the packs that come with claudepack",
        )


def _environment(info: Path) -> Path:
    # …/lib/python3.x/site-packages/NAME.dist-info
    return info.parents[3] if len(info.parents) > 3 else info.parent  # noqa: PLR2004 - as the line above shows
