"""A pack as a Claude Code plugin: what `pack.plugin` reads, written; and what a plugin cannot carry, named."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO

from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.components import Component
from claudepack.pack.json_file import dump_json_object, parse_json_object
from claudepack.pack.tree import CHANGELOG, Pack, PackFile, read_file

_FOLDERS = ("agents", "commands", "skills", "output-styles", "hooks")
_HOOKS = "hooks/hooks.json"
_DROPPED = ("hooks", "mcpServers", "permissionMode")
_PLUGIN_ROOT = "${CLAUDE_PLUGIN_ROOT}"
_REFERENCE = re.compile(
    r"(?:\$\{CLAUDE_PROJECT_DIR(?::-[^}]*)?\}([\"']?)/|\$CLAUDE_PROJECT_DIR\b([\"']?)/|(?<![\w/~}.-]))"
    r"\.claude([\"']?)((?:/[\w@+.-]+)+)"
)


def export_plugin(pack: Pack, components: Sequence[Component]) -> tuple[dict[str, PackFile], list[str]]:
    """The files of a plugin, by path, and what it lacks of the pack, a sentence each.

    Raises:
        ClaudepackError: `settings.json` or `mcp.json` is no JSON object.
    """
    carried = {path: file for path, file in pack.files.items() if _is_carried(path)}
    left = sorted({_name_left(path) for path in pack.files if not _is_carried(path) and "/" in path})
    left += [f"the context ({pack.context.path})"] if pack.context else []
    left += [f"what it requires ({', '.join(pack.identity.requires)})"] if pack.identity.requires else []
    left += ["pack.toml"] if pack.settings.requires_claude_code else []
    files, notices = dict(carried), []
    for path, file in carried.items():
        if path.endswith(".md"):
            text, lost = _lead(file.read().decode("utf-8", "surrogateescape"), carried)
            files[path] = _make(path, text.encode("utf-8", "surrogateescape")) if text else file
            notices += [f"{path} names {', '.join(lost)}, which is not in the plugin"] if lost else []
    if "settings.json" in pack.files:
        settings = parse_json_object(pack.files["settings.json"].read(), "settings.json")
        left += [f"settings.json: {key}" for key in settings if key != "hooks"]
        if hooks := settings.get("hooks"):
            files[_HOOKS] = _make(_HOOKS, _lead_json({"hooks": hooks}, carried, notices, _HOOKS))
    if "mcp.json" in pack.files:
        servers = parse_json_object(pack.files["mcp.json"].read(), "mcp.json")
        files[".mcp.json"] = _make(".mcp.json", _lead_json(servers, carried, notices, ".mcp.json"))
    if CHANGELOG in pack.meta:
        files[CHANGELOG] = pack.meta[CHANGELOG]
    files[PLUGIN] = _make(PLUGIN, dump_json_object(_describe(pack)))
    notices += _tell_dropped(components)
    return files, ([f"a plugin cannot carry {', '.join(left)}"] if left else []) + notices


def export_marketplace(name: str, packs: Sequence[Pack]) -> PackFile:
    """The manifest of a marketplace that has each pack as the plugin in `plugins/` and its name."""
    plugins = [{**_describe(pack), "source": f"./plugins/{pack.name}"} for pack in packs]
    manifest = {
        "name": name,
        "owner": {"name": name},
        "metadata": {"description": f"Plugins of {name}, exported by claudepack"},
        "plugins": plugins,
    }
    return _make(MARKETPLACE, dump_json_object(manifest))


def _describe(pack: Pack) -> dict[str, object]:
    summary = {"description": pack.identity.summary} if pack.identity.summary else {}
    return {"name": pack.name, "version": pack.version, **summary}


def _is_carried(path: str) -> bool:
    return path.partition("/")[0] in _FOLDERS and "/" in path and path != _HOOKS


def _name_left(path: str) -> str:
    top, _, rest = path.partition("/")
    return f"{top}/{rest.split('/')[0]}/" if "/" in rest and top == "prompts" else path


def _make(path: str, data: bytes) -> PackFile:
    return read_file(path, partial(BytesIO, data), executable=False)


def _lead(text: str, carried: Mapping[str, PackFile]) -> tuple[str, list[str]]:
    """A text with its references to `.claude` led into the plugin, nothing if it has none; and those that are lost."""
    lost: list[str] = []

    def replace(match: re.Match[str]) -> str:
        path = match[4].removeprefix("/")
        plain = path.rstrip(".")
        if plain in carried or any(other.startswith(f"{plain}/") for other in carried):
            return f"{_PLUGIN_ROOT}{match[1] or match[2] or ''}{match[3]}/{path}"
        lost.append(f".claude/{plain}")
        return match[0]

    written = _REFERENCE.sub(replace, text)
    return written if written != text else "", list(dict.fromkeys(lost))


def _lead_json(value: Mapping[str, object], carried: Mapping[str, PackFile], notices: list[str], path: str) -> bytes:
    led, lost = _lead_value(value, carried)
    notices += [f"{path} names {', '.join(lost)}, which is not in the plugin"] if lost else []
    return dump_json_object(led if isinstance(led, dict) else {})


def _lead_value(value: object, carried: Mapping[str, PackFile]) -> tuple[object, list[str]]:
    if isinstance(value, str):
        text, lost = _lead(value, carried)
        return text or value, lost
    if isinstance(value, list):
        parts = [_lead_value(item, carried) for item in value]
        return [part for part, _ in parts], [text for _, lost in parts for text in lost]
    if isinstance(value, dict):
        pairs = {key: _lead_value(item, carried) for key, item in value.items()}
        return {key: part for key, (part, _) in pairs.items()}, [text for _, lost in pairs.values() for text in lost]
    return value, []


def _tell_dropped(components: Sequence[Component]) -> Iterator[str]:
    for component in components:
        dropped = [key for key in _DROPPED if key in component.metadata]
        if component.kind == "agent" and dropped:
            yield f"{component.path}: the client ignores {', '.join(dropped)} of a plugin's agent"
