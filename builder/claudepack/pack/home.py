"""A pack as it goes into somebody's own `~/.claude`: its hooks lie there, and not in the project that one works in.

Observed of the client: hooks of `~/.claude/settings.json` run in the project, `CLAUDE_PROJECT_DIR` is the project, and
the shell expands `$HOME`; a hook with `args` runs without a shell, so that there nothing leads home.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO

from claudepack.errors import ClaudepackError
from claudepack.pack.components import Component
from claudepack.pack.consent import HOOK_SETTINGS
from claudepack.pack.json_file import dump_json_object, list_texts
from claudepack.pack.tree import Pack, read_file

SETTINGS = "settings.json"
_VARIABLE = r"\$\{CLAUDE_PROJECT_DIR(?::-[^}]*)?\}|\$CLAUDE_PROJECT_DIR\b"
# By the variable, or as the paths of a command begin: what is quoted so that no variable is expanded is not led home.
_REFERENCE = re.compile(
    rf"(?:(?<!')(?:{_VARIABLE})(?P<quote>\"?)/|(?<![^\s\"=(:;|&])(?:\./)?)\.claude/(?P<path>[\w@+./-]+)"
)
_ANY = re.compile(r"\.claude/(?P<path>[\w@+./-]+)")


def settle_home(pack: Pack, components: Sequence[Component]) -> Pack:
    """The pack, its settings leading to where its files will be.

    Args:
        pack: What is wanted of it.
        components: Its components.

    Raises:
        ClaudepackError: A hook cannot be led there.
    """
    for component in components:
        for text in list_texts(component.metadata.get("hooks")):
            if _leads_into(pack, text):
                raise _refuse(pack, component.path, text)
    if SETTINGS not in pack.files:
        return pack
    document = json.loads(pack.files[SETTINGS].read())
    if not isinstance(document, dict):
        return pack  # whoever reads the fragment says so
    settled = {key: _settle(pack, value) if key in HOOK_SETTINGS else value for key, value in document.items()}
    if settled == document:
        return pack
    file = read_file(SETTINGS, partial(BytesIO, dump_json_object(settled)), executable=False)
    return pack._replace(files={**pack.files, SETTINGS: file})


def find_away(pack: Pack) -> Iterator[str]:
    """Where a text for a model names a file of the pack as if that lay in a project: the place, and what it says."""
    for file in pack.files.values():
        if file.refers and file.path.endswith(".md"):
            for number, line in enumerate(file.read().decode("utf-8", "replace").split("\n"), start=1):
                yield from (f"{file.path}:{number}: {path}" for path in _find_in_project(pack, line))


def _settle(pack: Pack, value: object) -> object:
    if isinstance(value, str):
        settled = _REFERENCE.sub(partial(_lead_home, pack), value)
        if _leads_into(pack, settled):
            raise _refuse(pack, SETTINGS, value)
        return settled
    if isinstance(value, list):
        return [_settle(pack, item) for item in value]
    if isinstance(value, dict):
        bare = next((text for text in list_texts(value.get("args")) if _leads_into(pack, text)), "")
        if bare:
            raise _refuse(pack, SETTINGS, bare)
        return {key: _settle(pack, item) for key, item in value.items()}
    return value


def _lead_home(pack: Pack, match: re.Match[str]) -> str:
    return f"$HOME{match['quote'] or ''}/.claude/{match['path']}" if _has(pack, match["path"]) else match[0]


def _leads_into(pack: Pack, text: str) -> bool:
    """Whether a text names a file of the pack as if that lay in a project."""
    return any(_find_in_project(pack, text))


def _find_in_project(pack: Pack, text: str) -> Iterator[str]:
    for match in _ANY.finditer(text):
        before = text[: match.start()]
        if _has(pack, match["path"]) and not before.endswith(("$HOME/", '$HOME"/', "~/", "${HOME}/")):
            yield match[0].rstrip(".")


def _has(pack: Pack, path: str) -> bool:
    path = path.rstrip("./")
    return path in pack.files or any(file.startswith(f"{path}/") for file in pack.files)


def _refuse(pack: Pack, where: str, text: str) -> ClaudepackError:
    return ClaudepackError(
        f"{pack.name}: {where}: {text!r} leads to a file of the pack in a project, and with --user that lies elsewhere",
        code="unsupported",
        hint=f"install it into a project, or leave it out: --exclude {where.rstrip('/')}",
    )
