"""`fleet.toml`: which repositories there are, and what they are to have."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.fleet.addresses import read_address
from claudepack.paths import is_confined, nearest
from claudepack.project.location import MANIFEST
from claudepack.project.manifest import PACK_TEXTS, Manifest, parse_manifest
from claudepack.project.manifest_text import set_index, set_pack, set_variable, write_tables
from claudepack.urls import strip_credentials

FLEET = "fleet.toml"
COPIED = ("packs", "variables", "index", "project")
TABLES = (*COPIED, "commit", "repository")
COMMIT_KEYS = ("message", "author", "sign-off")
REPOSITORY_TEXTS = ("url", "branch", "path")
REPOSITORY_TABLES = ("packs", "variables")
REPOSITORY_KEYS = (*REPOSITORY_TEXTS, *REPOSITORY_TABLES)


@dataclass(frozen=True)
class Member:
    """A repository of the fleet; `overrides` is TOML with the packs and variables that it has in any case."""

    url: str
    branch: str = ""
    path: str = ""
    overrides: str = ""


@dataclass(frozen=True)
class Fleet:
    """What a `fleet.toml` says.

    Attributes:
        manifest: The text of the manifest for those without one; empty for none.
        members: The repositories.
        message: The template of the commit message; empty for the usual one.
        author: Who commits; empty for whoever runs it.
        sign_off: Whether the message ends with a `Signed-off-by`.
    """

    manifest: str = ""
    members: tuple[Member, ...] = ()
    message: str = ""
    author: str = ""
    sign_off: bool = False


def read_fleet(path: Path) -> Fleet:
    """Read a fleet file.

    Raises:
        ClaudepackError: It is not there, or cannot be read; the message names the line or the key.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"not UTF-8: {error}", "save it as UTF-8") from error
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"not TOML: {error}", "mend that line") from error
    _refuse_unknown(path, document, TABLES, "")
    rows = document.get("repository", [])
    if not isinstance(rows, list):
        raise _unreadable(path, "repository must be an array of tables", "write [[repository]] and url = …")
    indexes = _table(path, document, "index")
    members = tuple(_read_member(path, number, row, indexes) for number, row in enumerate(rows, start=1))
    manifest = _write_manifest(path, {key: _table(path, document, key) for key in COPIED}, "")
    message, author, sign_off = _read_commit(path, _table(path, document, "commit"))
    return Fleet(manifest, members, message, author, sign_off)


def compose_manifest(text: str, overrides: str) -> str:
    """A manifest with what the fleet says of this repository; an entry that says the same stays as it is written.

    Raises:
        ClaudepackError: One of the two cannot be read.
    """
    if not overrides:
        return text
    wanted = tomllib.loads(overrides)
    for name, place in wanted.get("index", {}).items():
        if parse_manifest(text).indexes.get(name) != place:
            text = set_index(text, name, place)
    for name, value in wanted.get("packs", {}).items():
        before = parse_manifest(text).packs.get(name)
        # Where the pack comes from is the fleet's to say; what of it is wanted here stays.
        fields = {"version": value} if isinstance(value, str) else value
        fresh = set_pack(text, name, {**dict.fromkeys(PACK_TEXTS, ""), **fields})
        text = text if parse_manifest(fresh).packs[name] == before else fresh
    for name, value in wanted.get("variables", {}).items():
        if parse_manifest(text).variables.get(name) != value:
            text = set_variable(text, name, value)
    return text


def _read_member(path: Path, number: int, row: object, indexes: Mapping[str, object]) -> Member:
    where = f"[[repository]] {number}: "
    if not isinstance(row, dict):
        raise _unreadable(path, f"{where}must be a table", "write [[repository]] and url = …")
    _refuse_unknown(path, row, REPOSITORY_KEYS, where)
    texts = {key: row.get(key, "") for key in REPOSITORY_TEXTS}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise _unreadable(path, f"{where}{key} must be text", f'write {key} = "…"')
    if not texts["url"]:
        raise _unreadable(path, f"{where}url is missing", 'write url = "https://…"')
    if texts["path"] and not is_confined(texts["path"]):
        raise _unreadable(path, f"{where}path = {texts['path']!r}", "write a path in the repository")
    tables = {key: _table(path, row, key, where) for key in REPOSITORY_TABLES}
    asked = {entry.get("index") for entry in tables["packs"].values() if isinstance(entry, dict)}
    tables["index"] = {name: place for name, place in indexes.items() if name in asked}
    overrides = _write_manifest(path, tables, where)
    try:
        url = read_address(texts["url"], path.parent)
    except ClaudepackError as error:
        raise _unreadable(path, where + error.message, error.hint) from error
    return Member(url, texts["branch"], texts["path"], overrides)


def _write_manifest(path: Path, tables: Mapping[str, Mapping[str, object]], where: str) -> str:
    """The text of a manifest with some tables, which is refused here as it would be there."""
    text = write_tables(tables)
    try:
        manifest = parse_manifest(text)
    except ClaudepackError as error:
        said = error.message.removeprefix(f"{MANIFEST}: ")
        raise _unreadable(path, where + said, error.hint) from error
    _refuse_private(path, manifest, where)
    return text


def _refuse_private(path: Path, manifest: Manifest, where: str) -> None:
    """Nothing of this machine goes into a manifest of others, and no secret."""
    places = {f"[index] {name}": place for name, place in manifest.indexes.items()}
    places |= {f"[packs] {name}": entry.git for name, entry in manifest.packs.items()}
    for name, place in places.items():
        if strip_credentials(place) != place:
            raise _unreadable(
                path,
                f"{where}{name}: {strip_credentials(place)} has credentials, which would be committed everywhere",
                "leave them out: pip and git ask ~/.netrc, a keyring or a credential helper",
            )
    for name, entry in manifest.packs.items():
        if entry.path:
            raise _unreadable(
                path,
                f"{where}[packs] {name}: path = {entry.path!r} is on this machine, and not in the repositories",
                "name a version, with index or --find-links; or git = …",
            )


def _read_commit(path: Path, table: Mapping[str, object]) -> tuple[str, str, bool]:
    _refuse_unknown(path, table, COMMIT_KEYS, "[commit] ")
    message, author, sign_off = (table.get(key, "") for key in COMMIT_KEYS)
    if not isinstance(message, str) or not isinstance(author, str) or sign_off not in ("", True, False):
        raise _unreadable(path, "[commit] message and author must be text, sign-off true or false", "mend it")
    if author and not is_author(author):
        raise _unreadable(path, f"[commit] author = {author!r}", 'write author = "NAME <ADDRESS>"')
    if message:
        file = path.parent / message
        if not file.is_file():
            raise _unreadable(
                path, f"[commit] message = {message!r}: there is no such file", "it is the template's path"
            )
        message = file.read_text(encoding="utf-8")
    return message, author, bool(sign_off)


def is_author(text: str) -> bool:
    """Whether a text is `NAME <ADDRESS>`, as git has it."""
    name, mark, address = text.partition(" <")
    return bool(name.strip() and mark and address.endswith(">") and text.isprintable() and text.count("<") == 1)


def _table(path: Path, document: Mapping[str, object], key: str, where: str = "") -> Mapping[str, object]:
    value = document.get(key, {})
    if not isinstance(value, dict):
        raise _unreadable(path, f"{where}{key} must be a table", f"write [{key}]")
    return value


def _refuse_unknown(path: Path, table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise _unreadable(path, f"{where}unknown key {key!r}", nearest(key, known))


def _unreadable(path: Path, why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{path.name}: {why}", code="fleet", hint=hint)
