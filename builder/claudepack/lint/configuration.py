"""What a project asks of `check`: `[check]` in claudepack.toml, else `[tool.claudepack.check]` in pyproject.toml."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.lint.selection import refuse_unknown_codes
from claudepack.paths import nearest
from claudepack.project.location import MANIFEST

KEYS = ("select", "ignore", "per-file-ignores", "budget")
_PYPROJECT = "pyproject.toml"
_TABLES = {MANIFEST: ("check",), _PYPROJECT: ("tool", "claudepack", "check")}


@dataclass(frozen=True)
class Configuration:
    """What a project asks for.

    Attributes:
        select: Codes of rules that count, or beginnings of codes; all where there is none.
        ignore: Those that do not.
        exempt: By a pattern of paths, relative to the folder, what is not looked for there.
        budget: How many tokens may be loaded into every session; 0 where it does not say.
        folder: Where it is said; None where it is not.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exempt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    budget: int = 0
    folder: Path | None = None


def find_configuration(start: Path) -> Configuration:
    """What the nearest folder upwards asks for that asks for something, not above the checkout or the home.

    Args:
        start: A file or a directory.

    Raises:
        ClaudepackError: It cannot be read, or asks for what there is not.
    """
    folder = start.resolve() if start.is_dir() else start.resolve().parent
    home = Path.home().resolve()
    while True:
        for name, keys in _TABLES.items():
            if (table := _read_table(folder / name, keys)) is not None:
                where = f"{os.path.relpath(folder / name)}: [{'.'.join(keys)}]"
                return _parse(table, where, folder)
        if folder in (home, folder.parent) or (folder / ".git").exists():
            return Configuration()
        folder = folder.parent


def _read_table(path: Path, keys: tuple[str, ...]) -> object:
    if not path.is_file():
        return None
    try:
        text = read_plain(os.fspath(path), path.name).decode("utf-8-sig")
        if keys[-1] not in text:
            return None  # most have other things to say
        table: object = tomllib.loads(text)
    except OSError as error:
        raise ClaudepackError(f"{path}: {error.strerror}", code="configuration", hint="make it readable") from error
    except (ValueError, RecursionError) as error:
        raise ClaudepackError(f"{path}: not TOML: {error}", code="configuration", hint="mend that line") from error
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _parse(table: object, where: str, folder: Path) -> Configuration:
    if not isinstance(table, dict):
        raise ClaudepackError(f"{where} must be a table", code="configuration", hint="write it in brackets")
    for key in table:
        if key not in KEYS:
            raise ClaudepackError(f"{where} unknown key {key!r}", code="configuration", hint=nearest(key, KEYS))
    exempt = table.get("per-file-ignores", {})
    if not isinstance(exempt, dict):
        hint = 'write per-file-ignores = { "agents/old/*" = ["FM"] }'
        raise ClaudepackError(f"{where} per-file-ignores must be a table", code="configuration", hint=hint)
    budget = table.get("budget", 0)
    if not isinstance(budget, int) or isinstance(budget, bool) or budget < 0:
        what = f"budget must be a whole number of tokens from 0, not {json.dumps(budget, default=str)}"
        raise ClaudepackError(f"{where} {what}", code="configuration", hint="write budget = 5000")
    return Configuration(
        _read_codes(table.get("select", []), f"{where} select"),
        _read_codes(table.get("ignore", []), f"{where} ignore"),
        {pattern: _read_codes(codes, f"{where} {pattern}") for pattern, codes in exempt.items()},
        budget,
        folder,
    )


def _read_codes(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ClaudepackError(f"{where} must be a list of codes", code="configuration", hint='write ["FM", "NM001"]')
    refuse_unknown_codes(value, where)
    return tuple(value)
