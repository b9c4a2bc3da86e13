"""JSON Schemas of `claudepack.toml`, `fleet.toml` and `pack.toml`, for editors: made from what their readers know.

`python -m claudepack.schemas DIR` writes them; they are shipped under `templates/schemas/`. The form is
SchemaStore's (draft-07, with `$id`), which is what TOML editors read.
"""

import json
import sys
from pathlib import Path

from claudepack.consents import CONSENTS
from claudepack.fleet.fleet_file import COMMIT_KEYS, REPOSITORY_KEYS
from claudepack.lint.configuration import KEYS as CHECK_KEYS
from claudepack.pack.settings import FORMAT, KEYS, VARIABLE_KEYS
from claudepack.project.manifest import AGE, MODES, PACK_KEYS, PACK_LISTS, REFS, SETTINGS, SOURCES, TABLES

Schema = dict[str, object]

_HOME = "https://json.schemastore.org/"
_NAME = "^[a-z0-9]+(-[a-z0-9]+)*$"
# Of each clause of PEP 440 its operator: an editor need not know more.
_SPECIFIER = "^\\s*((===|[<>=!~]=|[<>])[^,]+(,\\s*|$))*$"
_VALUE: Schema = {
    "anyOf": [{"type": ["string", "number", "boolean"]}, {"type": "array", "items": {"type": "string"}}],
}
_ABOUT = {
    "packs": "the packs that this project wants, by name",
    "project": "how this project wants them",
    "variables": "values for the contexts of packs",
    "index": "where packs come from by name: the URL of an index (…/simple), or a folder of wheels",
    AGE: "how long a version must have been on its index, for example 7 days",
    "check": "what `claudepack check` is to do here",
    "select": "the rules that count: codes, or beginnings of codes",
    "ignore": "the rules that do not count",
    "per-file-ignores": "by a pattern of paths: the rules that do not count there",
    "budget": "how many tokens may be loaded into every session",
    "version": "which versions will do, for example >=1.0,<2 (PEP 440)",
    "path": "a directory or a wheel, relative to this file",
    "git": "the URL of a repository",
    "tag": "a tag of the repository",
    "branch": "a branch of the repository",
    "rev": "a commit of the repository",
    "subdirectory": "where in the repository the pack is",
    "plugin": "which plugin of the marketplace in the repository",
    "allow": "consent to what would be executed",
    "only": "what of the pack is wanted: paths, patterns, names of components",
    "exclude": "what of the pack is left out: paths, patterns, names of components; CLAUDE.md for its context",
    "override": "other values for fields of the frontmatter, by the path of the file in the pack",
    "context": "where the contexts of packs go: blocks of CLAUDE.md, rules, or files that CLAUDE.md imports",
    "settings": "where the settings of packs go: .claude/settings.json, or .claude/settings.local.json",
    "format": "the format of the pack",
    "requires-claude-code": "the versions of Claude Code that it works with, for example >=2.1 (PEP 440)",
    "default": "what the variable is where the project does not say; without it, the project has to",
    "help": "what the variable is for",
    "commit": "how a run commits",
    "message": "the path of a template of the commit message, relative to this file",
    "author": "who commits: NAME <ADDRESS>",
    "sign-off": "whether the message ends with a Signed-off-by",
    "repository": "the repositories of the fleet",
    "url": "where the repository is: https://…, ssh://…, git@host:path, or a path on this machine",
}
_ABOUT_MEMBER = {
    "branch": "what is cloned, and what a direct push goes to; its own choice where this is absent",
    "path": "the project in the repository, for one with several",
    "packs": "packs that it has in any case",
    "variables": "values that it has in any case",
}


def make_manifest_schema() -> Schema:
    """The schema of `claudepack.toml`."""
    tables: dict[str, Schema] = {name: {"type": "object"} for name in TABLES}
    tables |= _make_tables()
    return _document("claudepack", "claudepack.toml: the packs of Claude Code agents that a project wants", tables)


def _make_tables() -> dict[str, Schema]:
    """The tables that a manifest and a fleet file have."""
    tables: dict[str, Schema] = {
        "packs": {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": _entry()}
    }
    tables["project"] = _closed({"context": {"enum": list(MODES)}, "settings": {"enum": list(SETTINGS)}})
    tables["index"] = {
        "type": "object",
        "properties": {AGE: {"type": "string", "pattern": "^[0-9]+ days?$", "description": _ABOUT[AGE]}},
        "additionalProperties": {"type": "string", "pattern": "^[^/]"},
    }
    codes: Schema = {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{1,2}[0-9]{0,3}$"}}
    exempt: Schema = {"type": "object", "additionalProperties": codes}
    keys: dict[str, Schema] = dict.fromkeys(CHECK_KEYS, codes)
    keys |= {"per-file-ignores": exempt, "budget": {"type": "integer", "minimum": 0}}
    tables["check"] = _closed(keys)
    tables["variables"] = {"type": "object", "additionalProperties": _VALUE}
    return tables


def make_fleet_schema() -> Schema:
    """The schema of `fleet.toml`."""
    tables = _make_tables()
    tables["packs"] = {
        **tables["packs"],
        "description": "the packs of repositories without a claudepack.toml, by name",
        "additionalProperties": _entry(is_here=False),
    }
    texts: dict[str, Schema] = {key: {"type": "string"} for key in COMMIT_KEYS}
    texts |= {"author": {"type": "string", "pattern": "^$|^[^<]+ <[^<]*>$"}, "sign-off": {"type": "boolean"}}
    tables["commit"] = _closed(texts)
    keys: dict[str, Schema] = {key: {"type": "string"} for key in REPOSITORY_KEYS}
    keys["url"] = {"type": "string", "minLength": 1}
    keys["path"] = {"type": "string", "pattern": "^[^/]|^$"}
    keys |= {key: tables[key] for key in ("packs", "variables")}
    keys = {key: {**schema, "description": _ABOUT_MEMBER.get(key, _ABOUT[key])} for key, schema in keys.items()}
    tables["repository"] = {"type": "array", "items": {**_closed(keys), "required": ["url"]}}
    return _document("fleet", "fleet.toml: the repositories that a fleet has, and their packs", tables)


def make_pack_schema() -> Schema:
    """The schema of `pack.toml`."""
    variable = _closed({key: _VALUE if key == "default" else {"type": "string"} for key in VARIABLE_KEYS})
    keys: dict[str, Schema] = {key: {"type": "string"} for key in KEYS}
    keys["format"] = {"const": FORMAT}
    keys["variables"] = {
        "type": "object",
        "description": "the variables of the context",
        "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
        "additionalProperties": variable,
    }
    return _document("pack", "pack.toml: what a pack for claudepack says of itself", keys)


def _entry(*, is_here: bool = True) -> Schema:
    """The entry of a pack; of a path only where there is one place that it is relative to."""
    keys: dict[str, Schema] = {
        key: {"type": "array", "items": {"type": "string"}} if key in PACK_LISTS else {"type": "string", "minLength": 1}
        for key in PACK_KEYS
        if is_here or key != "path"
    }
    keys["allow"] = {"type": "array", "items": {"enum": list(CONSENTS)}}
    if is_here:
        keys["path"] = {"type": "string", "pattern": "^[^/]"}
    keys["override"] = {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "propertyNames": {"not": {"const": "name"}},
            "additionalProperties": _VALUE,
        },
    }
    keys["version"] = {"type": "string", "minLength": 1, "pattern": _SPECIFIER}
    table = {
        **_closed(keys),
        "oneOf": [{"required": [key]} for key in SOURCES if key in keys],
        "dependencies": {key: ["git"] for key in REFS},
    }
    return {"anyOf": [{"type": "string", "pattern": _SPECIFIER, "description": _ABOUT["version"]}, table]}


def _closed(keys: dict[str, Schema]) -> Schema:
    described = {key: {"description": _ABOUT[key], **schema} for key, schema in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": described}


def _document(name: str, title: str, keys: dict[str, Schema]) -> Schema:
    described = {
        key: schema if "description" in schema else {"description": _ABOUT[key], **schema}
        for key, schema in keys.items()
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{_HOME}{name}.schema.json",
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "properties": described,
    }


def render_schemas() -> dict[str, str]:
    """The schemas, by file name, as they are shipped."""
    schemas = {
        "claudepack.schema.json": make_manifest_schema(),
        "fleet.schema.json": make_fleet_schema(),
        "pack.schema.json": make_pack_schema(),
    }
    return {name: json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}


if __name__ == "__main__":
    for file_name, text in render_schemas().items():
        Path(sys.argv[1], file_name).write_text(text, encoding="utf-8")
