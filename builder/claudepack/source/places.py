"""Finding a pack: from a path, or by name in the environments and among the bundled packs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.directory import read_directory
from claudepack.pack.distribution import read_distribution
from claudepack.pack.tree import Pack
from claudepack.paths import nearest
from claudepack.source.bundled import find_bundled, list_bundled
from claudepack.source.cache import find_kept
from claudepack.source.environment import find_installed


@dataclass(frozen=True)
class Found:
    """A pack and the place it came from: `source` as the lock records it, `where` as people are told."""

    pack: Pack
    source: Mapping[str, str]
    where: str


def find_path(path: str, base: Path) -> Found:
    """Read the pack at a path, which is relative to `base` unless absolute.

    Raises:
        ClaudepackError: There is no pack.
    """
    target = base / path
    if path.endswith(".whl"):
        from claudepack.pack.wheel import read_wheel

        return Found(read_wheel(target, path), {"kind": "archive", "path": path}, path)
    return Found(read_directory(target, path), {"kind": "path", "path": path}, path)


def find_named(name: str, specifier: str, project: Path) -> Found:
    """The first pack of a name that a specifier allows: from an environment, else bundled.

    As PEP 440 has it, a pre-release is taken where the specifier names one, or nothing else will do.

    Raises:
        ClaudepackError: There is none; the message says what there is.
    """
    from packaging.specifiers import SpecifierSet

    allowed = SpecifierSet(specifier)
    others = []
    early: Found | None = None
    for found in _candidates(name, project):
        if allowed.contains(found.pack.version, prereleases=bool(allowed.prereleases)):
            return found
        if allowed.contains(found.pack.version, prereleases=True):
            early = early or found
        others.append(f"{found.pack.version} ({found.where})")
    if early:
        return early
    if others:
        raise ClaudepackError(
            f"no {name} {specifier} is to be had here: there is {', '.join(others)}",
            code="version",
            hint=f"ask for another version, or `pip install 'claudepack-{name}{specifier}'` first",
        )
    raise _unknown(name, project)


def find_newest(name: str, specifier: str, project: Path) -> Found | None:
    """The pack of a name with the highest version that a specifier allows, of equals the first; None if there is none.

    Raises:
        ClaudepackError: One of that name cannot be read.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    allowed = SpecifierSet(specifier)
    fitting = [found for found in _candidates(name, project) if allowed.contains(found.pack.version)]
    return max(fitting, key=lambda found: Version(found.pack.version), default=None)


def find_locked(name: str, version: str, digest: str, project: Path) -> Found:
    """The pack with the version and the digest of the lock, from any place that has it.

    Raises:
        ClaudepackError: No place has the version.
        IntegrityError: A place has the version with other bytes.
    """
    others = []
    wrong = ""
    for found in _candidates(name, project):
        if found.pack.version != version:
            others.append(f"{found.pack.version} ({found.where})")
        elif found.pack.digest == digest:
            return found
        else:
            wrong = found.where
    kept = find_kept(name, digest)
    if kept and kept.version == version:
        return Found(kept, {"kind": "cache"}, "the cache")
    if wrong:
        raise IntegrityError(
            f"{name} {version} from {wrong} does not hold the bytes that the lock names",
            code="integrity",
            hint=f"find out which is right; to take the one here: claudepack uninstall {name}, then install it",
        )
    raise ClaudepackError(
        f"the lock names {name} {version}, and here is {', '.join(others) or 'none'}",
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


def _unknown(name: str, project: Path) -> ClaudepackError:
    known = {*find_installed(project), *list_bundled()}
    return ClaudepackError(
        f"there is no pack {name!r} in the environment or among the packs that come with claudepack",
        code="not-found",
        hint=f"{nearest(name, known)}; or pip install claudepack-{name} first, or name a directory or a wheel",
    )
