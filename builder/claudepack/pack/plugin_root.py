"""`${CLAUDE_PLUGIN_ROOT}`: it means nothing outside a plugin, so what it leads to is named as the project has it.

Only a reference to a file, or a folder, that comes along is written anew; any other is told, and a hook or a server
that has one stays out. In a program it is told, too: what that makes of it cannot be read off it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from claudepack.pack.collection import SKIPPED, Collection, list_files, normalise_pack_name, relate
from claudepack.pack.components import place
from claudepack.pack.json_file import dump_json_object, list_texts

_VARIABLE = b"CLAUDE_PLUGIN_ROOT"
_REFERENCE = re.compile(r"(?:\$\{CLAUDE_PLUGIN_ROOT\}|\$CLAUDE_PLUGIN_ROOT\b)([\"']?)((?:/[\w@+.-]+)*)(/?)")
# The client expands a server's variables from its own environment, which need not have this one.
TEXT_BASE, HOOK_BASE, SERVER_BASE = ".claude", "${CLAUDE_PROJECT_DIR}/.claude", "${CLAUDE_PROJECT_DIR:-.}/.claude"


class _Rewriting(NamedTuple):
    """What became of the files of a plugin: by their paths there, their paths in the pack."""

    targets: Mapping[str, str]

    def rewrite(self, text: str, base: str) -> tuple[str, list[str]]:
        """A text with its references led on, and those that lead nowhere."""
        lost: list[str] = []

        def replace(match: re.Match[str]) -> str:
            quote, path, slash = match[1], match[2], match[3]
            plain = path.rstrip(".")  # the end of a sentence
            target = self.find(plain.removeprefix("/"))
            if not target:
                lost.append(match[0])
                return match[0]
            return f"{base}{quote}/{target}{path[len(plain) :]}{slash}"

        return _REFERENCE.sub(replace, text), lost

    def find(self, path: str) -> str:
        """Where a file, or all of a folder, is in the pack; nothing if it is not, or lies scattered."""
        if path in self.targets:
            return self.targets[path]
        below = {
            source[len(path) :]: target for source, target in self.targets.items() if source.startswith(f"{path}/")
        }
        places = {target.removesuffix(rest) if target.endswith(rest) else "" for rest, target in below.items()}
        return places.pop() if path and len(places) == 1 else ""


def settle_root(
    collection: Collection, root: Path, hooks: Mapping[str, list[object]], servers: Mapping[str, object]
) -> None:
    """Lead the references of a plugin to where its files go, and make its fragments.

    Args:
        collection: Its components; what they refer to joins them.
        root: The plugin.
        hooks: By event, its hooks.
        servers: By name, its MCP servers.
    """
    mentions = _find_mentions(collection.sources)
    texts = {path: text for path, data in mentions.items() if path.endswith(".md") and (text := _decode(data))}
    own = set(collection.sources)
    _take_referred(collection, root, [*texts.values(), *list_texts([hooks, servers])])
    mentions |= _find_mentions({path: source for path, source in collection.sources.items() if path not in own})
    rewriting = _Rewriting(
        {inner: path for path, source in collection.sources.items() if place(path) and (inner := relate(source, root))}
    )
    for path, text in texts.items():
        written, lost = rewriting.rewrite(text, TEXT_BASE)
        if written != text:
            collection.made[path] = written.encode()
        _tell_lost(collection, path, lost)
    if kept := _settle_hooks(collection, rewriting, hooks):
        collection.made["settings.json"] = dump_json_object({"hooks": kept})
    if found := _settle_servers(collection, rewriting, servers):
        collection.made["mcp.json"] = dump_json_object({"mcpServers": found})
    for path in mentions:
        if path not in texts:
            collection.remarks.append(f"{path} uses CLAUDE_PLUGIN_ROOT, which is not set outside a plugin: mend it")


def _find_mentions(sources: Mapping[str, Path]) -> dict[str, bytes]:
    """The files that name the variable, with what is in them; each is read once."""
    read = ((path, source.read_bytes()) for path, source in sources.items() if source.is_file())
    return {path: data for path, data in read if _VARIABLE in data}


def _decode(data: bytes) -> str:
    """The text of a file; nothing where it is none, of which whoever checks the pack says where."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return ""


def _take_referred(collection: Collection, root: Path, texts: list[str]) -> None:
    """Take the files and folders that are referred to and that no component is: a hook's programs, mostly."""
    owned = set(collection.sources.values())
    tops = {match[2].split("/")[1] for text in texts for match in _REFERENCE.finditer(text) if match[2]}
    for top in sorted(tops):
        if top.startswith(".") or top in SKIPPED:
            continue
        whole = [(top, root / top)] if (root / top).is_file() else []
        files = list(list_files(root, top)) if (root / top).is_dir() else whole
        if any(source in owned for _, source in files):
            continue
        name = normalise_pack_name(collection.name, collection.where)
        for path, source in files:
            collection.take(f"hooks/{name}/{path}", source)


def _settle_hooks(
    collection: Collection, rewriting: _Rewriting, hooks: Mapping[str, list[object]]
) -> dict[str, list[object]]:
    kept: dict[str, list[object]] = {}
    for event, groups in hooks.items():
        for group in groups:
            handlers = group.get("hooks") if isinstance(group, dict) else None
            if not isinstance(group, dict) or not isinstance(handlers, list):
                collection.leave(f"a hook of {event}", "in a form that a pack does not have")
                continue
            fit = list(_settle_values(collection, rewriting, f"a hook of {event}", handlers, HOOK_BASE))
            if fit:
                kept.setdefault(event, []).append({**group, "hooks": fit})
    return kept


def _settle_servers(collection: Collection, rewriting: _Rewriting, servers: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, server in servers.items():
        for settled in _settle_values(collection, rewriting, f"the MCP server {name}", [server], SERVER_BASE):
            found[name] = settled
    return found


def _settle_values(
    collection: Collection, rewriting: _Rewriting, what: str, values: list[object], base: str
) -> Iterator[object]:
    for value in values:
        settled, lost = _rewrite_value(rewriting, value, base)
        if lost or any("${CLAUDE_PLUGIN_" in text or "${user_config." in text for text in list_texts(settled)):
            named = f" ({', '.join(dict.fromkeys(lost))})" if lost else ""
            collection.leave(what + named, "as it needs what only a plugin has")
        else:
            yield settled


def _rewrite_value(rewriting: _Rewriting, value: object, base: str) -> tuple[object, list[str]]:
    if isinstance(value, str):
        return rewriting.rewrite(value, base)
    if isinstance(value, list):
        parts = [_rewrite_value(rewriting, item, base) for item in value]
        return [part for part, _ in parts], [text for _, lost in parts for text in lost]
    if isinstance(value, dict):
        keys = list(value)
        inner, lost = _rewrite_value(rewriting, [value[key] for key in keys], base)
        return dict(zip(keys, inner if isinstance(inner, list) else [], strict=True)), lost
    return value, []


def _tell_lost(collection: Collection, path: str, lost: list[str]) -> None:
    if lost:
        named = ", ".join(dict.fromkeys(lost))
        collection.remarks.append(f"{path} names {named}, which means nothing outside a plugin: mend it")
