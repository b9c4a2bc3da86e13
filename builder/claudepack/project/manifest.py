"""`claudepack.toml`: what the project wants. Read here; edited in `manifest_text`."""

import json
import os
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from claudepack.consents import CONSENTS
from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.paths import is_confined, nearest
from claudepack.project.location import MANIFEST, Project

TABLES = ("packs", "project", "variables", "index", "check")
SOURCES = ("version", "path", "git")
PACK_LISTS = ("allow", "only", "exclude")
PACK_TEXTS = (*SOURCES, "index", "tag", "branch", "rev", "subdirectory", "plugin")
PACK_KEYS = (*PACK_TEXTS, *PACK_LISTS, "override")
PROJECT_KEYS = ("context", "settings")
MODES = ("inline", "rules", "import")
SETTINGS = ("shared", "local")
REFS = ("tag", "branch", "rev")
AGE = "minimum-age"
_ANY = ">=0"
_DIGITS = 5  # of an age: 273 years are enough
_LIMIT = 4 << 20
_OPERATORS = (">=", "<=", "==", "!=", ">", "<")

Value = str | int | float | bool | list[str]


class Entry(NamedTuple):
    """A pack that the manifest wants.

    Attributes:
        requested: The entry as one string; two entries that say the same are equal.
        version: A PEP 440 specifier, may be empty.
        path: A directory or a wheel, relative to the manifest; empty for a pack by name.
        git: The URL of a repository; empty for others.
        ref: What of the repository is wanted, by kind: one of `tag`, `branch`, `rev`, or nothing.
        subdirectory: Where in the repository the pack is.
        plugin: Which plugin of the marketplace in the repository; empty where it is none.
        index_name: The name of the index that the pack comes from; empty for the usual one.
        allow: The kinds of consent given.
        only: What of the pack is wanted, by path, pattern or name of a component; nothing for all of it.
        exclude: What of that is left out.
        override: By path in the pack: fields of the frontmatter, with other values.
    """

    requested: str
    version: str = ""
    path: str = ""
    git: str = ""
    ref: tuple[str, str] = ("", "")
    subdirectory: str = ""
    plugin: str = ""
    index_name: str = ""
    allow: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    override: Mapping[str, Mapping[str, Value]] = {}


class Manifest(NamedTuple):
    """What a project wants.

    Attributes:
        text: The file as it is.
        packs: By name.
        variables: The values that the project gives.
        context: Where contexts go; empty where the project does not say.
        indexes: By name: the URL of an index, or a folder of wheels; `default` is that of packs that name none.
        minimum_age: How many days a version must have been on its index.
        settings: Whether settings of packs go into the shared file or the local one; empty for shared.
    """

    text: str
    packs: Mapping[str, Entry]
    variables: Mapping[str, Value]
    context: str
    indexes: Mapping[str, str] = {}
    minimum_age: int = 0
    settings: str = ""


EMPTY = Manifest("", {}, {}, "")


def read_manifest(project: Project) -> Manifest | None:
    """The project's manifest, None where it has none.

    Raises:
        ClaudepackError: It cannot be read; the message names the line or the key.
    """
    try:
        data = read_plain(project.locate(MANIFEST), MANIFEST, _LIMIT)
    except FileNotFoundError:
        return None
    try:
        return parse_manifest(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable(f"not UTF-8: {error}", "save it as UTF-8") from error


def parse_manifest(text: str) -> Manifest:
    """Read the text of a manifest.

    Raises:
        ClaudepackError: As `read_manifest`.
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        is_split = str(error).startswith("Cannot ")  # declare twice, mutate, overwrite
        hint = "keep one of the two; for a table below an entry write [packs.NAME], and each of its keys in a line"
        raise _unreadable(f"not TOML: {error}", hint if is_split else "mend that line") from error
    _refuse_unknown(document, TABLES, "")
    tables = {name: _table(document, name) for name in TABLES}
    project = tables["project"]
    _refuse_unknown(project, PROJECT_KEYS, "[project] ")
    packs = {name: _read_entry(name, value) for name, value in tables["packs"].items()}
    indexes = dict(tables["index"])
    age = _read_age(indexes.pop(AGE, "0 days"))
    for name, value in indexes.items():
        if not isinstance(value, str) or not value or "\0" in value or os.path.isabs(value):
            raise _unreadable(f"[index] {name}: must be a URL, or a folder relative to the manifest", "mend it")
    for name, entry in packs.items():
        if entry.index_name and entry.index_name not in indexes:
            raise _unreadable(
                f"[packs] {name}: there is no index {entry.index_name!r} in [index]",
                nearest(entry.index_name, indexes) or 'write [index] and a line NAME = "https://…/simple"',
            )
    variables = _read_values(tables["variables"], "[variables]")
    context, settings = _read_word(project, "context", MODES), _read_word(project, "settings", SETTINGS)
    return Manifest(
        text, packs, variables, context, {name: str(value) for name, value in indexes.items()}, age, settings
    )


def read_requested(name: str, requested: str) -> Entry:
    """The entry of a pack as the lock has it.

    Raises:
        ClaudepackError: It is none.
    """
    try:
        value = json.loads(requested) if requested.startswith("{") else requested
    except ValueError as error:
        raise _unreadable(f"the lock's entry of {name} cannot be read: {error}", "claudepack sync") from error
    return _read_entry(name, value)


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = document.get(name, {})
    if not isinstance(value, dict):
        raise _unreadable(f"{name} must be a table", f"write [{name}]")
    return value


def _read_age(value: object) -> int:
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if not (number.isdecimal() and len(number) <= _DIGITS and unit in ("day", "days")):
        raise _unreadable(f"[index] {AGE} = {value!r}", f'write {AGE} = "7 days"')
    return int(number)


def _read_word(table: Mapping[str, object], key: str, words: tuple[str, ...]) -> str:
    if key not in table:
        return ""
    word = table[key]
    if not isinstance(word, str) or word not in words:
        raise _unreadable(f"[project] {key} = {word!r}", f"write one of {', '.join(words)}")
    return word


def _read_values(table: Mapping[str, object], where: str) -> dict[str, Value]:
    variables: dict[str, Value] = {}
    for name, value in table.items():
        is_list = isinstance(value, list) and all(isinstance(item, str) for item in value)
        is_finite = not isinstance(value, float) or abs(value) < float("inf")
        if not is_list and not (isinstance(value, str | int | float) and is_finite):
            raise _unreadable(f"{where} {name}: must be text, a number, true, false or a list of texts", "mend it")
        variables[name] = value  # type: ignore[assignment]  # the line above saw to it
    return variables


def _read_entry(name: str, value: object) -> Entry:
    if not name.replace("-", "").isalnum() or name != name.lower() or not name.isascii():
        raise _unreadable(f"[packs] {name!r} cannot be the name of a pack", "lower-case letters, digits and hyphens")
    if isinstance(value, str):
        requested = value.strip() or _ANY  # an empty one is that of a dependency
        return Entry(requested=requested, version=_specifier(name, requested))
    if not isinstance(value, dict):
        raise _unreadable(f"[packs] {name}: must be a version or a table", f'write {name} = ">=1.0"')
    _refuse_unknown(value, PACK_KEYS, f"[packs] {name}: ")
    lists = {key: _texts(name, key, value.get(key, [])) for key in PACK_LISTS}
    for kind in lists["allow"]:
        if kind not in CONSENTS:
            raise _unreadable(f"[packs] {name}: allow: there is no kind {kind!r}", nearest(kind, CONSENTS))
    texts = {key: _text(name, key, value.get(key, "")) for key in PACK_TEXTS}
    _check_source(name, texts)
    refs = [(key, texts[key]) for key in REFS if texts[key]]
    override = _read_override(name, value.get("override", {}))
    return Entry(
        requested=json.dumps(_without_credentials(value), sort_keys=True, ensure_ascii=False),
        version=_specifier(name, texts["version"]),
        path=texts["path"],
        git=texts["git"],
        ref=refs[0] if refs else ("", ""),
        subdirectory=texts["subdirectory"],
        plugin=texts["plugin"],
        index_name=texts["index"],
        allow=lists["allow"],
        only=lists["only"],
        exclude=lists["exclude"],
        override=override,
    )


def _read_override(name: str, value: object) -> dict[str, dict[str, Value]]:
    if not isinstance(value, dict) or not all(isinstance(fields, dict) for fields in value.values()):
        raise _unreadable(f"[packs] {name}: override must be tables", f'write [packs.{name}.override."agents/x.md"]')
    for path, fields in value.items():
        if "name" in fields:
            raise _unreadable(f"[packs] {name}: override of {path}: name is how others call it", "leave it as it is")
    return {path: _read_values(fields, f"[packs] {name}: override of {path}:") for path, fields in value.items()}


def _check_source(name: str, texts: Mapping[str, str]) -> None:
    refs = [key for key in REFS if texts[key]]
    if sum(bool(texts[key]) for key in SOURCES) != 1 or (refs and not texts["git"]):
        raise _unreadable(f"[packs] {name}: must have one of {', '.join(SOURCES)}", f'write {name} = ">=1.0"')
    if len(refs) > 1:
        raise _unreadable(f"[packs] {name}: {' and '.join(refs)}", "one of them says what is wanted: keep that")
    if (not texts["git"] and (texts["subdirectory"] or texts["plugin"])) or (texts["index"] and not texts["version"]):
        why = "subdirectory and plugin go with git, index with version"
        raise _unreadable(f"[packs] {name}: {why}", 'take it out; of a directory: path = "DIRECTORY#PLUGIN"')
    if texts["subdirectory"] and not is_confined(texts["subdirectory"]):
        raise _unreadable(f"[packs] {name}: subdirectory = {texts['subdirectory']!r}", "write a path in the repository")
    if "\0" in texts["path"]:
        raise _unreadable(f"[packs] {name}: path = {texts['path']!r}", "no file has a NUL in its name")
    if os.path.isabs(texts["path"]):
        raise _unreadable(
            f"[packs] {name}: path must be relative to the manifest",
            "it is committed: others have other paths",
        )


def _without_credentials(value: Mapping[str, object]) -> Mapping[str, object]:
    """An entry as the lock may hold it."""
    if "git" not in value:
        return value
    from claudepack.urls import strip_credentials

    return {**value, "git": strip_credentials(str(value["git"]))}


def _specifier(name: str, text: str) -> str:
    # packaging costs as much as the rest of a run that changes nothing, so what is usual is passed here.
    if text.isascii() and all(map(_is_usual, text.split(",") if text else [])):
        return text.strip()
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier as error:
        raise _unreadable(
            f"[packs] {name}: {text!r} is no version specifier", 'write one such as ">=1.0,<2"'
        ) from error


def _is_usual(clause: str) -> bool:
    version = clause.strip().lstrip("<>=!")
    operator = clause.strip()[: -len(version)] if version else ""
    return operator in _OPERATORS and all(part.isdigit() for part in version.strip().split("."))


def _text(name: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise _unreadable(f"[packs] {name}: {key} must be text", f'write {key} = "…"')
    return value


def _texts(name: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _unreadable(f"[packs] {name}: {key} must be a list of texts", f'write {key} = ["…"]')
    return tuple(value)


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise _unreadable(f"{where}unknown key {key!r}", nearest(key, known))


def _unreadable(why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{MANIFEST}: {why}", code="manifest", hint=hint)
