"""A marketplace of Claude Code: the plugins that it offers, and the one that is asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import MARKETPLACE, PLUGIN, Collection
from claudepack.pack.json_file import read_json_object
from claudepack.pack.plugin import gather_plugin
from claudepack.paths import is_confined, nearest


class Offer(NamedTuple):
    """A plugin as a marketplace offers it.

    Attributes:
        name: What the marketplace calls it.
        root: Its directory; None where it lies elsewhere.
        elsewhere: Where it lies, in words, if not in the marketplace.
        entry: What the marketplace says of it.
        fault: Why it is nowhere; the other plugins are none the worse for it.
    """

    name: str
    root: Path | None
    elsewhere: str
    entry: Mapping[str, object]
    fault: ClaudepackError | None = None


def list_offers(root: Path, where: str) -> list[Offer]:
    """The plugins of a marketplace, in its order.

    Raises:
        ClaudepackError: Its manifest is not there, or cannot be read.
    """
    path = f"{where}/{MARKETPLACE}"
    if not (root / MARKETPLACE).is_file():
        raise ClaudepackError(
            f"{where}: there is no {MARKETPLACE}, so this is no marketplace",
            code="not-found",
            hint="name the directory that has it",
        )
    manifest = read_json_object(root / MARKETPLACE, path)
    plugins, metadata = manifest.get("plugins"), manifest.get("metadata")
    if not isinstance(plugins, list):
        raise ClaudepackError(f'{path}: "plugins" is no list', code="plugin", hint="ask the marketplace's author")
    base = metadata.get("pluginRoot", "") if isinstance(metadata, dict) else ""
    return [_read_offer(root, path, base if isinstance(base, str) else "", entry) for entry in plugins]


def find_plugin(root: Path, where: str, name: str) -> Collection:
    """Gather a plugin: the one that a directory is, or the one of a name in a marketplace.

    Raises:
        ClaudepackError: There is none, it lies elsewhere, or it cannot be read.
    """
    if not name and (root / PLUGIN).is_file():
        return gather_plugin(root, where, {})
    where = where.removesuffix(f"#{name}")
    offers = list_offers(root, where)
    if not name:
        raise ClaudepackError(
            f"{where}: this is a marketplace, and it has {len(offers)} plugin{'s' * (len(offers) != 1)}",
            code="marketplace",
            hint="name one behind a #; known: " + ", ".join(offer.name for offer in offers),
        )
    offer = next((offer for offer in offers if offer.name == name), None)
    if offer is None:
        raise ClaudepackError(
            f"{where}: there is no plugin {name!r} in this marketplace",
            code="not-found",
            hint=nearest(name, [offer.name for offer in offers]),
        )
    if offer.fault:
        raise offer.fault
    if offer.root is None:
        raise ClaudepackError(
            f"{where}#{name}: the plugin lies elsewhere ({offer.elsewhere})",
            code="unsupported",
            hint="clone it, then name its directory",
        )
    return gather_plugin(offer.root, f"{where}#{name}", offer.entry, is_shared=offer.root == root)


def _read_offer(root: Path, path: str, base: str, entry: object) -> Offer:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(name, str):
        raise ClaudepackError(f"{path}: a plugin without a name", code="plugin", hint='write "name": "…"')
    source = entry.get("source")
    if not isinstance(source, str):
        said = source if isinstance(source, dict) else {}
        words = [str(said[key]) for key in ("source", "repo", "url", "package", "path") if key in said]
        return Offer(name, None, " ".join(words) or "it does not say where", entry)
    parts = [part.removeprefix("./").strip("/") for part in (base, source)]
    below = "/".join(part for part in parts if part not in ("", "."))
    fault = None
    if below and not is_confined(below):
        why = f"{path}: {name}: {source!r} leads out of the marketplace"
        fault = ClaudepackError(why, code="path", hint="ask its author")
    elif not (root / below).is_dir():
        fault = ClaudepackError(f"{path}: {name}: {source} is not there", code="plugin", hint="ask its author")
    return Offer(name, None if fault else root / below, "", entry, fault)
