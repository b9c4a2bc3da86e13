"""Editing `claudepack.toml` as text: comments, order and blank lines stay as their authors left them."""

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table
from tomlkit.toml_document import TOMLDocument

from claudepack.errors import ClaudepackError
from claudepack.project.location import MANIFEST
from claudepack.project.manifest import Value


def set_pack(text: str, name: str, fields: Mapping[str, object]) -> str:
    """Write a pack's entry; what is there of it keeps its other keys.

    Args:
        text: The manifest, may be empty.
        name: The pack.
        fields: What to write; an empty text or list takes the key out. A version alone is written plain.
    """
    document = _parse(text if not text or text.endswith("\n") else text + "\n")
    packs = _packs(document)
    old = packs.get(name)
    merged: dict[str, object] = {}
    if isinstance(old, str):
        merged["version"] = str(old)
    elif old is not None:
        merged.update({key: value.unwrap() for key, value in old.items()})
    merged.update(fields)
    merged = {key: value for key, value in merged.items() if value}
    if list(merged) in ([], ["version"]):
        packs[name] = str(merged.get("version", ""))
    elif isinstance(old, Table) or (isinstance(old, InlineTable) and not set(old) - set(merged)):
        _update(old, merged)
    else:
        table = tomlkit.inline_table()
        table.update(merged)
        packs[name] = table
    return tomlkit.dumps(document)


def write_tables(tables: Mapping[str, Mapping[str, object]]) -> str:
    """The text of a manifest with some tables, an entry a line; those that are empty are left out."""
    document = tomlkit.document()
    for key, rows in tables.items():
        if not rows:
            continue
        table = tomlkit.table()
        for name, value in rows.items():
            inline = tomlkit.inline_table()
            if isinstance(value, dict):
                inline.update(value)
            table[name] = inline if isinstance(value, dict) else value
        if document.body:
            document.add(tomlkit.nl())
        document[key] = table
    return tomlkit.dumps(document)


def remove_pack(text: str, name: str) -> str:
    """Take a pack's entry out, and the `[packs]` table with its last one."""
    document = _parse(text)
    packs = _packs(document)
    del packs[name]
    if not packs and (isinstance(packs, InlineTable) or (isinstance(packs, Table) and not packs.as_string().strip())):
        document.remove("packs")
    result = tomlkit.dumps(document)
    if "packs" not in document and result.endswith("\n\n"):
        result = result[:-1]  # the blank line that came with the table
    return result if result.strip() else ""


def set_variable(text: str, name: str, value: Value) -> str:
    """Write a variable."""
    return _set(text, "variables", name, value)


def set_index(text: str, name: str, place: str) -> str:
    """Write where an index is."""
    return _set(text, "index", name, place)


def set_project(text: str, key: str, value: str) -> str:
    """Write how the project wants its packs."""
    return _set(text, "project", key, value)


def _parse(text: str) -> TOMLDocument:
    """What is to be edited; the editor does not know every form of a table that TOML has.

    Raises:
        ClaudepackError: It does not know this one.
    """
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ClaudepackError(
            f"{MANIFEST}: it can be read, and not edited: {error}",
            code="manifest",
            hint="write each pack in one place: [packs.NAME], and each of its keys in a line",
        ) from error


def _set(text: str, key: str, name: str, value: Value) -> str:
    document = _parse(text)
    table = document.get(key)
    if table is None:
        table = tomlkit.table()
        if document.body:
            document.add(tomlkit.nl())
        document[key] = table
    table[name] = value
    return tomlkit.dumps(document)


def _packs(document: TOMLDocument) -> MutableMapping[str, Any]:
    """The table of packs, however it is written: under a heading, in one line, in parts with other tables between."""
    if "packs" not in document:
        if document.body:
            document.add(tomlkit.nl())
        document["packs"] = tomlkit.table()
    packs: MutableMapping[str, Any] = document["packs"]  # parse_manifest refused all else
    return packs


def _update(table: Table | InlineTable, wanted: Mapping[str, object]) -> None:
    for key in [key for key in table if key not in wanted]:
        table.remove(key)
    for key, value in wanted.items():
        if key not in table or table[key] != value:
            table[key] = value
