"""`claudepack show`: what is in a pack."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import Opened, add_output, add_project, list_notices, open_project
from claudepack.report.result import PackChange, Result

if TYPE_CHECKING:
    from claudepack.pack.tree import Pack

EXAMPLES = """examples:
  claudepack show backend
  claudepack show ./packs/mine --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("requirement", metavar="REQ", help="a pack: a name, a directory, a wheel")
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Show a pack.

    Raises:
        ClaudepackError: It cannot be found or read.
    """
    from claudepack.pack.components import find_components

    opened = open_project(arguments)
    pack = _find(opened, arguments.requirement)
    components = find_components(pack)
    lines = [f"{pack.name} {pack.version}  {pack.identity.summary}".rstrip()]
    width = max((len(item.path) for item in components), default=0)
    kinds = max((len(item.kind) for item in components), default=0)
    lines += [f"  {item.path:<{width}}  {item.kind:<{kinds}}  about {item.tokens:,} tokens" for item in components]
    lines += [
        f"  variable {name} = {variable.default!r}  {variable.help}"
        for name, variable in pack.settings.variables.items()
    ]
    listed = [
        {
            "kind": item.kind,
            "name": item.name,
            "path": item.path,
            "bytes": item.size,
            "tokens": item.tokens,
            "metadata": dict(item.metadata),
        }
        for item in components
    ]
    locked = opened.lock.packs.get(pack.name)
    packs = (PackChange(pack.name, pack.version, locked.version if locked else ""),)
    notices = list_notices(opened.project)
    lines += [f"note: {notice}" for notice in notices]
    return Result("show", packs=packs, notices=notices, lines=tuple(lines), extra={"components": listed})


def _find(opened: Opened, word: str) -> "Pack":
    from claudepack.source.places import find_named, find_path
    from claudepack.source.requirement import parse_requirement

    asked = parse_requirement(word)
    root = Path(opened.project.root)
    if asked.path:
        return find_path(asked.path, Path.cwd()).pack
    entry = opened.manifest.packs.get(asked.name)
    if entry and entry.path and not asked.specifier:
        return find_path(entry.path, root).pack
    return find_named(asked.name, asked.specifier, root).pack
