"""`pack.toml`: the format of the pack, the client it needs, the variables of its context."""

import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.paths import nearest

FORMAT = 1
KEYS = ("format", "requires-claude-code", "variables")
VARIABLE_KEYS = ("default", "help")

Value = str | int | float | bool | list[str]


class Variable(NamedTuple):
    """A variable of the context: `default` is None where the project has to say it."""

    default: Value | None
    help: str


class PackSettings(NamedTuple):
    """What `pack.toml` says; a pack without one has all the defaults."""

    requires_claude_code: str = ""
    variables: Mapping[str, Variable] = {}


def read_settings(data: bytes, where: str) -> PackSettings:
    """Read the bytes of a `pack.toml`.

    Raises:
        ClaudepackError: Not TOML, an unknown key, a newer format, a specifier or a default of a wrong kind.
    """
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"{where}: not TOML: {error}", "mend that line") from error
    _refuse_unknown(table, KEYS, where)
    written = table.get("format", FORMAT)
    if written != FORMAT:
        raise ClaudepackError(
            f"{where}: this is a pack of format {written}, and this claudepack knows format {FORMAT}",
            code="format",
            hint="upgrade claudepack",
        )
    return PackSettings(_read_client(table, where), _read_variables(table, where))


def is_value(value: object) -> bool:
    """Whether a value can be a variable: text, a number, a truth value, or a list of texts."""
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return isinstance(value, str | int | float)


def _read_client(table: Mapping[str, object], where: str) -> str:
    text = table.get("requires-claude-code", "")
    if text == "":
        return ""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text if isinstance(text, str) else "?"))
    except InvalidSpecifier as error:
        raise _unreadable(
            f"{where}: requires-claude-code: {text!r} is no version specifier", 'write one such as ">=2.1"'
        ) from error


def _read_variables(table: Mapping[str, object], where: str) -> dict[str, Variable]:
    variables = table.get("variables", {})
    if not isinstance(variables, Mapping):
        raise _unreadable(f"{where}: variables must be tables", 'write [variables.NAME] with default = "…"')
    return {name: _read_variable(name, entry, where) for name, entry in variables.items()}


def _read_variable(name: str, entry: object, where: str) -> Variable:
    at = f"{where}: [variables.{name}]"
    if not name.isidentifier() or not isinstance(entry, Mapping):
        raise _unreadable(f"{at} is no variable", 'write [variables.NAME] with default = "…" and help = "…"')
    _refuse_unknown(entry, VARIABLE_KEYS, at)
    default = entry.get("default")
    if default is not None and not is_value(default):
        raise _unreadable(f"{at}: default must be text, a number, true, false or a list of texts", "mend it")
    about = entry.get("help", "")
    if not isinstance(about, str):
        raise _unreadable(f"{at}: help must be text", "put it in quotes")
    return Variable(default, about)


def _refuse_unknown(table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise _unreadable(f"{where}: unknown key {key!r}", nearest(key, known))


def _unreadable(message: str, hint: str) -> ClaudepackError:
    return ClaudepackError(message, code="pack", hint=hint)
