"""Plugins of Claude Code and marketplaces of them as subjects, with the paths that their manifests name."""

from collections.abc import Mapping
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.lint.disk import make_file, walk
from claudepack.lint.hooks import PLUGIN_HOOKS
from claudepack.lint.subject import File, Subject, join
from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.json_file import read_json_object
from claudepack.pack.marketplace import list_offers
from claudepack.pack.plugin import gather_plugin
from claudepack.paths import COMPONENT_FOLDERS, is_confined, nearest

_SERVERS = ".mcp.json"
_NAMED = {"hooks": PLUGIN_HOOKS, "mcpServers": "mcp.json"}


def read_plugin(
    root: Path, shown: str, entry: Mapping[str, object] | None = None, *, is_shared: bool = False
) -> Subject:
    """A plugin: its components where its manifest says they are.

    Args:
        root: Its directory.
        shown: How people are told it.
        entry: What a marketplace says of it.
        is_shared: Whether it is the marketplace's own directory, and so may be several plugins.
    """
    places = {PLUGIN: root / PLUGIN, PLUGIN_HOOKS: root / PLUGIN_HOOKS, "mcp.json": root / _SERVERS}
    try:
        places |= gather_plugin(root, shown or ".", entry or {}, is_shared=is_shared).sources
        for key, path in _NAMED.items():
            named = _find_named(root, key)
            if named and not places[path].exists():
                places[path] = named
    except (ClaudepackError, PermissionError):  # rules say what is wrong; the rest lies where it does by default
        for folder in COMPONENT_FOLDERS:
            places |= {path: root / path for path in walk(root, folder, follows=True)}
    files: dict[str, File] = {}
    for path, real in places.items():
        if real.is_symlink() or real.exists():
            where = real.relative_to(root).as_posix() if real.is_relative_to(root) else path
            files[path] = make_file(real, path, join(shown, where), "plugin")
    return Subject(shown or ".", "plugin", files)


def _find_named(root: Path, key: str) -> Path | None:
    manifest = read_json_object(root / PLUGIN, PLUGIN) if (root / PLUGIN).is_file() else {}
    named = manifest.get(key)
    path = named.removeprefix("./") if isinstance(named, str) else ""
    return root / path if is_confined(path) and (root / path).is_file() else None


def read_marketplace(root: Path, shown: str, plugin: str) -> list[Subject]:
    """The plugins of a marketplace that lie in it, and its manifest.

    Args:
        root: Its directory.
        shown: How people are told it.
        plugin: Which one is meant; all of them where it is empty.

    Raises:
        ClaudepackError: There is no such plugin, or it lies elsewhere or nowhere.
    """
    manifest = make_file(root / MARKETPLACE, MARKETPLACE, join(shown, MARKETPLACE), "plugin")
    found = [] if plugin else [Subject(shown or ".", "plugin", {MARKETPLACE: manifest})]
    try:
        offers = list_offers(root, shown or ".")
    except ClaudepackError:
        if plugin:
            raise
        return found  # a rule says what is wrong
    for offer in offers:
        if offer.fault and plugin == offer.name:
            raise offer.fault
        if offer.root is not None and plugin in ("", offer.name):
            below = offer.root.relative_to(root).as_posix()
            where = join(shown, below) if below != "." else shown
            found.append(read_plugin(offer.root, where, offer.entry, is_shared=offer.root == root))
    if plugin and not found:
        names = [offer.name for offer in offers if offer.root is not None]
        raise ClaudepackError(
            f"{shown}#{plugin}: there is no such plugin in this marketplace, or it lies elsewhere",
            code="not-found",
            hint=nearest(plugin, names),
        )
    return found
