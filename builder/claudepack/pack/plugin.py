"""A Claude Code plugin as a pack would hold it: its components, and its hooks and servers as fragments.

What the client makes of the manifests was observed: `agents`, `commands` and `outputStyles` of the plugin's own stand
in for the folders of these names, `skills` adds to its folder, and what a marketplace names is added to all of it; but
where the marketplace's own directory is the plugin, the skills that it names are all there are.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import (
    NOT_READ,
    PLUGIN,
    SKILL,
    Collection,
    gather_skill,
    list_files,
    read_version,
    relate,
)
from claudepack.pack.json_file import read_json_object
from claudepack.pack.plugin_root import settle_root
from claudepack.pack.tree import CHANGELOG
from claudepack.paths import is_confined

_FOLDERS = {"agents": "agents", "commands": "commands", "outputStyles": "output-styles"}
_HOOKS = "hooks/hooks.json"
_TOLD = ("name", "version", "description", "author", "homepage", "repository", "license", "keywords", "$schema")
_SHOP = ("source", "category", "tags", "strict", "displayName", "icon", "dependencies")
_READ = (*_FOLDERS, "skills", "hooks", "mcpServers")
_NOT_CARRIED = ("CLAUDE.md", "settings.json", ".lsp.json")
_NO_FORM = "in a form that a pack does not have"
_BUNDLES = (".mcpb", ".dxt")  # archives of a server
_UNLISTED = "not among those that the plugin lists"


def gather_plugin(root: Path, where: str, entry: Mapping[str, object], *, is_shared: bool = False) -> Collection:
    """Gather the components of a plugin.

    Args:
        root: Its directory.
        where: How messages call it.
        entry: What a marketplace says of it; the plugin's own word goes before.
        is_shared: Whether it is the marketplace's own directory, and so may be several plugins.

    Raises:
        ClaudepackError: Its manifest cannot be read, or names what is not there.
    """
    own = read_json_object(root / PLUGIN, f"{where}/{PLUGIN}") if (root / PLUGIN).exists() else {}
    manifest = {**entry, **own}
    name, summary = manifest.get("name"), manifest.get("description", "")
    if not isinstance(name, str) or not name:
        raise ClaudepackError(f"{where}/{PLUGIN}: there is no name", code="plugin", hint='write "name": "…"')
    collection = Collection(name, where, read_version(manifest.get("version")), root=root)
    if manifest.get("version") and not collection.version:
        collection.remarks.append(f"its version {manifest['version']!r} is none that a pack can have (PEP 440)")
    collection.summary = " ".join(summary.split()) if isinstance(summary, str) else ""
    listed = {key: [*_as_list(own.get(key)), *_as_list(entry.get(key))] for key in _READ}
    for key in _FOLDERS:
        _take_kind(collection, root, key, listed[key], has_folder=key not in own)
    _take_skills(collection, root, listed["skills"], has_folder=not (is_shared and "skills" in entry))
    for folder in ("hooks", "prompts"):
        for path, source in list_files(root, folder) if (root / folder).is_dir() else ():
            if path != _HOOKS:
                collection.take(path, source)
    if (root / CHANGELOG).is_file():
        collection.take(CHANGELOG, root / CHANGELOG)
    hooks = _merge_hooks(_read_parts(collection, root, "hooks", listed["hooks"], _HOOKS))
    servers = _merge_servers(_read_parts(collection, root, "mcpServers", listed["mcpServers"], ".mcp.json"))
    settle_root(collection, root, hooks, servers)
    _tell_rest(collection, root, manifest)
    return collection


def _as_list(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _take_kind(collection: Collection, root: Path, key: str, listed: list[object], *, has_folder: bool) -> None:
    folder = _FOLDERS[key]
    there = dict(list_files(root, folder)) if (root / folder).is_dir() else {}
    for path, source in there.items() if has_folder else ():
        collection.take(path, source)
    taken = set(there.values()) if has_folder else set()
    for path in _list_paths(collection, root, key, listed):
        target = root / path
        is_folder = target.is_dir()
        below = dict(list_files(target)) if is_folder else {target.name: target}
        for inner, source in below.items():
            own = relate(source, root / folder)
            collection.take(f"{folder}/{own or inner}", source)
            taken.add(source)
    for path, source in there.items():
        if source not in taken:
            collection.leave(path, _UNLISTED)


def _take_skills(collection: Collection, root: Path, listed: list[object], *, has_folder: bool) -> None:
    if has_folder and (root / "skills").is_dir():
        for path, source in list_files(root, "skills"):
            collection.take(path, source)
    for path in _list_paths(collection, root, "skills", listed):
        folder = root / path
        if not folder.is_dir():
            raise _absent(collection, path, "a skill is a directory")
        if (folder / SKILL).is_file():
            gather_skill(collection, folder)
            continue
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                gather_skill(collection, entry)


def _list_paths(collection: Collection, root: Path, key: str, listed: list[object]) -> Iterator[str]:
    """The paths that the manifests name, without their `./`."""
    for item in listed:
        if not isinstance(item, str):
            collection.leave(f"{PLUGIN}: {key}", _NO_FORM)
            continue
        path = item.removeprefix("./").rstrip("/")
        if path and not is_confined(path):
            raise ClaudepackError(
                f"{collection.where}/{PLUGIN}: {key}: {item!r} leads out of the plugin",
                code="path",
                hint="a plugin holds what it names",
            )
        if not (root / path).exists():
            raise _absent(collection, item, f"{key} names it")
        yield path


def _absent(collection: Collection, path: str, why: str) -> ClaudepackError:
    return ClaudepackError(
        f"{collection.where}/{PLUGIN}: {path} is not there, and {why}", code="plugin", hint="ask the plugin's author"
    )


def _read_parts(
    collection: Collection, root: Path, key: str, listed: list[object], usual: str
) -> Iterator[Mapping[str, object]]:
    """The JSON objects that a plugin has of one kind: in its usual file, in files that are named, and in place."""
    bundles = [item for item in listed if isinstance(item, str) and ("://" in item or item.endswith(_BUNDLES))]
    for item in bundles:
        collection.leave(f"{PLUGIN}: {key}: {item}", _NO_FORM)
    named = [item for item in listed if not isinstance(item, dict) and item not in bundles]
    paths = list(_list_paths(collection, root, key, named))
    for path in dict.fromkeys([*([usual] if (root / usual).exists() else []), *paths]):
        yield read_json_object(root / path, f"{collection.where}/{path}")
    yield from (item for item in listed if isinstance(item, dict))


def _merge_hooks(parts: Iterator[Mapping[str, object]]) -> dict[str, list[object]]:
    events: dict[str, list[object]] = {}
    for part in parts:
        inner = part.get("hooks")
        for event, groups in (inner if isinstance(inner, dict) else part).items():
            if not isinstance(groups, str):  # its description
                events.setdefault(event, []).extend(groups if isinstance(groups, list) else [groups])
    return events


def _merge_servers(parts: Iterator[Mapping[str, object]]) -> dict[str, object]:
    servers: dict[str, object] = {}
    for part in parts:
        inner = part.get("mcpServers", part)
        servers |= inner if isinstance(inner, dict) else {}
    return servers


def _tell_rest(collection: Collection, root: Path, manifest: Mapping[str, object]) -> None:
    """Name what the plugin has besides."""
    for key in manifest:
        if key not in (*_TOLD, *_SHOP, *_READ):
            collection.leave(f"{PLUGIN}: {key}", "which a pack does not have")
    tops = {relate(source, root).partition("/")[0] for source in collection.sources.values()}
    for entry in sorted(root.iterdir()):
        held = entry.name in _FOLDERS.values() or entry.name in tops
        is_folder = entry.is_dir() and not entry.name.startswith(".") and entry.name not in ("node_modules", "tests")
        if entry.name in _NOT_CARRIED or (is_folder and not held and entry.name != "hooks"):
            collection.leave(entry.name + "/" * entry.is_dir(), NOT_READ)
