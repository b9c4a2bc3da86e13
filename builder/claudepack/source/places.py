"""Finding a pack: from a path, or by name in the environments and among the bundled packs."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.directory import find_pack, read_directory
from claudepack.pack.distribution import read_distribution
from claudepack.pack.identity import PLAIN_VERSION
from claudepack.pack.tree import Pack
from claudepack.paths import nearest
from claudepack.source.bundled import find_bundled, list_bundled
from claudepack.source.environment import find_installed


class Found(NamedTuple):
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
    target = _join(base, path)
    if not path.endswith((".tar.gz", ".whl")):
        source = {"kind": "path", "path": path}
        root, plugin = split_plugin(path, base)
        if not plugin and (pack := find_pack(root, path)):
            return Found(pack, source, path)
        from claudepack.source.collected import read_collected

        collected, notices = read_collected(root, path, plugin)
        return Found(collected, source, path, "; ".join(notices))
    if target.exists() and not target.is_file():
        raise ClaudepackError(f"{path} is no plain file", code="path", hint="name a wheel or a source distribution")
    from claudepack.pack.sdist import read_sdist
    from claudepack.pack.wheel import read_wheel
    from claudepack.source.archives import hash_file

    pack = read_wheel(target, path) if path.endswith(".whl") else read_sdist(target, path)
    return Found(pack, {"kind": "archive", "path": path, "sha256": hash_file(target)}, path)


def split_plugin(path: str, base: Path) -> tuple[Path, str]:
    """Where a path leads, and which plugin of the marketplace there is meant: `DIRECTORY#PLUGIN`."""
    folder, mark, plugin = path.rpartition("#")
    if not mark or _join(base, path).exists():
        return _join(base, path), ""
    return _join(base, folder), plugin


def _join(base: Path, path: str) -> Path:
    """A path from a base, which need not be there yet: somebody's `~/.claude` before its first pack."""
    return Path(os.path.normpath(base / path))


def find_here(name: str, specifier: str, project: Path) -> Found | None:
    """The first pack of a name that a specifier allows: from an environment, else bundled; None if there is none.

    As PEP 440 has it, a pre-release is taken where the specifier names one, or nothing else will do.
    """
    early: list[Found] = []
    fit: list[Found] = []
    for found in _candidates(name, project):
        if not specifier and PLAIN_VERSION.fullmatch(found.pack.version):
            fit.append(found)
            continue
        from packaging.specifiers import SpecifierSet

        allowed = SpecifierSet(specifier)
        if allowed.contains(found.pack.version, prereleases=bool(allowed.prereleases)):
            fit.append(found)
        elif allowed.contains(found.pack.version, prereleases=True):
            early.append(found)
    if len(fit) > 1:
        other = f"{name} {fit[1].pack.version} is also in {fit[1].where}; the one of {fit[0].where} was taken"
        return fit[0]._replace(notice=other)
    return next(iter([*fit, *early]), None)


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


def list_versions_here(name: str, project: Path) -> list[str]:
    """The versions of a pack that are in an environment or bundled."""
    return [found.pack.version for found in _candidates(name, project)]


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
