"""`claudepack lock export`: the lock as other tools read one. Each function makes a text of a lock."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from claudepack.pack.requires import read_needs
from claudepack.project.lock import Lock, LockedPack, read_version

if TYPE_CHECKING:
    from cyclonedx.model.component import Component
    from packaging.pylock import Package

_UNPINNED = ("environment", "bundled")


def export_pylock(lock: Lock) -> str:
    """The lock as `pylock.toml` (PEP 751)."""
    import tomlkit
    from packaging.pylock import Pylock
    from packaging.version import Version

    packages = [_as_package(name, pack) for name, pack in sorted(lock.packs.items()) if is_pinned(pack)]
    pylock = Pylock(lock_version=Version("1.0"), created_by="claudepack", packages=packages)
    pylock.validate()
    return tomlkit.dumps(pylock.to_dict())


def export_requirements(lock: Lock) -> str:
    """The lock as a requirements file of pip's, with hashes."""
    return "".join(f"{_as_line(lock.packs[name])}\n" for name in sorted(lock.packs))


def export_cyclonedx(lock: Lock) -> str:
    """The lock as a bill of materials: CycloneDX 1.6, in JSON, the same bytes for the same lock."""
    from uuid import NAMESPACE_URL, uuid5

    from cyclonedx.model.bom import Bom
    from cyclonedx.output.json import JsonV1Dot6

    components = {pack.distribution: _as_component(pack) for _, pack in sorted(lock.packs.items())}
    digests = "".join(pack.digest for _, pack in sorted(lock.packs.items()))
    bom = Bom(components=components.values(), serial_number=uuid5(NAMESPACE_URL, digests))
    bom.metadata.timestamp = None  # type: ignore[assignment]  # the lock has no time, and the schema asks for none
    for name, pack in lock.packs.items():
        needed = {need.distribution for need in read_needs(f"{name} {pack.version}", pack.requires)}
        bom.register_dependency(
            components[pack.distribution], [components[name] for name in sorted(needed & set(components))]
        )
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


EXPORTS: Mapping[str, Callable[[Lock], str]] = {
    "pylock": export_pylock,
    "requirements": export_requirements,
    "cyclonedx": export_cyclonedx,
}


def is_export(form: str, text: str) -> bool:
    """Whether a file is what an export of a format wrote, so that another one may take its place."""
    if form == "requirements":
        return all("claudepack-" in line for line in text.splitlines() if line.strip())
    return not text.strip() or {"pylock": 'created-by = "claudepack"', "cyclonedx": '"claudepack:digest"'}[form] in text


def is_pinned(pack: LockedPack) -> bool:
    """Whether the lock says where the bytes of a pack are: not of what an environment had, or came with claudepack."""
    return pack.source.get("kind") not in _UNPINNED


def _as_package(own_name: str, pack: LockedPack) -> "Package":
    from packaging.pylock import Package, PackageArchive, PackageDirectory, PackageVcs, PackageWheel
    from packaging.utils import canonicalize_name

    name, version, source = canonicalize_name(pack.distribution), read_version(own_name, pack), pack.source
    kind, subdirectory = source.get("kind"), source.get("subdirectory") or None
    if kind == "git":
        vcs = PackageVcs(type="git", url=source["url"], commit_id=source["commit"], subdirectory=subdirectory)
        return Package(name=name, version=version, vcs=vcs)
    if kind == "path":
        return Package(name=name, version=version, directory=PackageDirectory(path=source["path"]))
    hashes = {"sha256": source["sha256"]}
    if kind == "archive":
        return Package(name=name, version=version, archive=PackageArchive(path=source["path"], hashes=hashes))
    url = source.get("url", "")
    file_name = url.rpartition("/")[2] or f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    is_url = "://" in url
    wheel = PackageWheel(name=file_name, hashes=hashes, url=url if is_url else None, path=None if is_url else url)
    index = source.get("index", "")
    return Package(name=name, version=version, wheels=[wheel], index=index if "://" in index else None)


def _as_line(pack: LockedPack) -> str:
    source = pack.source
    if source.get("kind") == "git":
        below = f"#subdirectory={source['subdirectory']}" if "subdirectory" in source else ""
        return f"{pack.distribution} @ git+{source['url']}@{source['commit']}{below}"
    if source.get("kind") in ("path", "archive"):
        path = source["path"]
        return f"{path if path.startswith('.') else './' + path}  # {pack.distribution} {pack.version}"
    pin = f" --hash=sha256:{source['sha256']}" if "sha256" in source else ""
    return f"{pack.distribution}=={pack.version}{pin}"


def _as_component(pack: LockedPack) -> "Component":
    from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    source, url = pack.source, pack.source.get("url", "")
    kind = ExternalReferenceType.VCS if source.get("kind") == "git" else ExternalReferenceType.DISTRIBUTION
    where = {"vcs_url": f"git+{url}@{source['commit']}"} if source.get("kind") == "git" else {}
    if "://" in source.get("index", ""):
        where = {"repository_url": source["index"]}
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=source["sha256"])] if "sha256" in source else []
    purl = PackageURL("pypi", None, pack.distribution, pack.version, where or None)
    return Component(
        name=pack.distribution,
        version=pack.version,
        type=ComponentType.DATA,
        bom_ref=f"{pack.distribution}@{pack.version}",
        purl=purl,
        hashes=hashes,
        external_references=[ExternalReference(type=kind, url=XsUri(url))] if "://" in url else [],
        properties=[Property(name="claudepack:digest", value=pack.digest)],
    )
