"""Editing `claudepack.toml` as text: comments, order and blank lines stay as their authors left them."""

import re
from typing import TYPE_CHECKING

from claudepack.project.manifest import Value

if TYPE_CHECKING:
    from tomlkit.items import InlineTable, Table
    from tomlkit.toml_document import TOMLDocument

_PLAIN = re.compile(r"[ !#-\[\]-~]*")  # what a TOML string holds as it is


def set_pack(text: str, name: str, fields: dict[str, str | list[str]]) -> str:
    """Write a pack's entry; what is there of it keeps its other keys.

    Args:
        text: The manifest, may be empty.
        name: The pack.
        fields: What to write; an empty text or list takes the key out. A version alone is written plain.
    """
    if not text and (first := _write_first(name, fields)):
        return first
    import tomlkit
    from tomlkit.items import InlineTable, Table

    document = tomlkit.parse(text if not text or text.endswith("\n") else text + "\n")
    packs = _packs(document)
    old = packs.get(name)
    merged: dict[str, str | list[str]] = {}
    if isinstance(old, str):
        merged["version"] = str(old)
    elif old is not None:
        merged.update({key: value.unwrap() for key, value in old.items()})
    merged.update(fields)
    merged = {key: value for key, value in merged.items() if value}
    if list(merged) == ["version"]:
        packs[name] = str(merged["version"])
    elif isinstance(old, Table | InlineTable):
        _update(old, merged)
    else:
        table = tomlkit.inline_table()
        table.update(merged)
        packs[name] = table
    return tomlkit.dumps(document)


def _write_first(name: str, fields: dict[str, str | list[str]]) -> str:
    """A manifest of one pack, without the import of an editor where there is nothing to edit; empty for what is odd."""
    texts = {key: value for key, value in fields.items() if value}
    if not all(isinstance(value, str) and _PLAIN.fullmatch(value) for value in texts.values()):
        return ""
    rows = ", ".join(f'{key} = "{value}"' for key, value in texts.items())
    entry = f'"{texts["version"]}"' if list(texts) == ["version"] else f"{{{rows}}}"
    return f"[packs]\n{name} = {entry}\n"


def remove_pack(text: str, name: str) -> str:
    """Take a pack's entry out, and the `[packs]` table with its last one."""
    import tomlkit

    document = tomlkit.parse(text)
    packs = _packs(document)
    packs.remove(name)
    if not packs and not packs.as_string().strip():
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


def _set(text: str, key: str, name: str, value: Value) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table = document.get(key)
    if table is None:
        table = tomlkit.table()
        if document.body:
            document.add(tomlkit.nl())
        document[key] = table
    table[name] = value
    return tomlkit.dumps(document)


def _packs(document: "TOMLDocument") -> "Table":
    import tomlkit
    from tomlkit.items import Table

    packs = document.get("packs")
    if packs is None:
        packs = tomlkit.table()
        if document.body:
            document.add(tomlkit.nl())
        document["packs"] = packs
    table = document["packs"]
    if not isinstance(table, Table):
        raise TypeError(f"[packs] is a {type(table).__name__}")  # parse_manifest refused it before
    return table


def _update(table: "Table | InlineTable", wanted: dict[str, str | list[str]]) -> None:
    for key in [key for key in table if key not in wanted]:
        table.remove(key)
    for key, value in wanted.items():
        if key not in table or table[key] != value:
            table[key] = value
