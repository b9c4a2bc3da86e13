"""What the keys of a plugin's manifest have to be, as observed on 2.1.328.

A wrong value of what it loads makes the client refuse the plugin whole; of one of the others only `claude plugin
validate` tells. In a marketplace's entry both keep the plugin from being installed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from claudepack.lint.client_schema import Schema, make_servers_schema

_TEXT: Schema = {"type": "string"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OWN = re.compile(r"(?:claude|anthropics?|cc-plugin)-.*|claude|anthropics?")
_VENDORS = ("claude", "anthropic")


class Form(NamedTuple):
    """What the value of a key has to be.

    Attributes:
        schema: For programs.
        words: For people.
    """

    schema: Schema
    words: str


def _paths(ending: str, *others: Schema) -> Schema:
    """A path into the plugin, or something else, or a list of these."""
    one: Schema = {"anyOf": [{"type": "string", "pattern": rf"^\./.*{ending}$"}, *others]}
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _make_commands() -> Schema:
    places: Schema = {"source": {"type": "string", "pattern": r"^\./"}, "content": _TEXT}
    command: Schema = {
        "type": "object",
        "properties": places,
        "oneOf": [{"required": [key]} for key in places],
    }
    return {"anyOf": [_paths(""), {"type": "object", "additionalProperties": command}]}


def _make_servers() -> Schema:
    whole = make_servers_schema()["properties"]
    servers = whole["mcpServers"] if isinstance(whole, dict) else {}
    bundle: Schema = {"type": "string", "pattern": r"^https?://.*\.(mcpb|dxt)$"}
    return _paths(r"\.(json|mcpb|dxt)", bundle, servers)


_OBJECT, _LIST = Form({"type": "object"}, "an object"), Form({"type": "array"}, "a list")
_PLACED = Form({"type": ["string", "array", "object"]}, "a path, a list or an object")
LOADED: Mapping[str, Form] = {
    "agents": Form(_paths(r"\.md"), "a path ./….md, or a list of these"),
    "commands": Form(_make_commands(), "a path ./…, a list of these, or an object of commands"),
    "skills": Form(_paths(""), "a path ./…, or a list of these"),
    "outputStyles": Form(_paths(""), "a path ./…, or a list of these"),
    "hooks": Form(_paths(r"\.json", {"type": "object"}), "a path ./….json, an object of hooks, or a list of these"),
    "mcpServers": Form(_make_servers(), "a path ./….json, an object of servers that the client loads, or a list"),
    "version": Form(_TEXT, "a text"),
    "defaultEnabled": Form({"type": "boolean"}, "true or false"),
    "dependencies": _LIST,
    "channels": _LIST,
    "userConfig": _OBJECT,
    "settings": _OBJECT,
    "lspServers": _PLACED,
    "monitors": _PLACED,
    "themes": _PLACED,
}
_AUTHOR: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}},
}
TOLD: Mapping[str, Form] = {
    **dict.fromkeys(("description", "displayName", "license", "repository", "$schema"), Form(_TEXT, "a text")),
    "homepage": Form({"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:"}, "a URL"),
    "keywords": Form({"type": "array", "items": _TEXT}, "a list of texts"),
    "author": Form(_AUTHOR, "an object with a name"),
}
OFFERED: Mapping[str, Form] = {
    **LOADED,
    **TOLD,
    "strict": Form({"type": "boolean"}, "true or false"),
    "category": Form(_TEXT, "a text"),
    "source": Form({"type": ["string", "object"]}, "a path ./…, or an object"),
}


def find_misfits(manifest: Mapping[str, object], forms: Mapping[str, Form]) -> Iterator[tuple[str, str]]:
    """The keys whose values are not what they have to be, each with what that is.

    Args:
        manifest: A plugin's, or what a marketplace says of one.
        forms: Which keys to look at.
    """
    there = [(key, form) for key, form in forms.items() if key in manifest]
    if not there:
        return
    from jsonschema import Draft202012Validator  # which costs as much as a whole install, and mostly is not needed

    for key, form in there:
        if not Draft202012Validator(form.schema).is_valid(manifest[key]):
            yield key, form.words


def find_name_fault(name: str) -> str:
    """Why the client installs no plugin of that name; nothing where it does."""
    if _NAME.fullmatch(name):
        return ""
    return f"the client installs no plugin that is called {name!r}: only letters a-z, digits, '.', '_' and '-'"


def find_reserved_name(name: str) -> str:
    """Why `claude plugin validate` refuses a name as one of the client's makers; nothing where it does not."""
    low = name.lower()
    if _OWN.fullmatch(low) or ("official" in low and any(vendor in low for vendor in _VENDORS)):
        return f"`claude plugin validate` refuses {name!r}: such a name is kept for plugins of Anthropic's own"
    return ""
