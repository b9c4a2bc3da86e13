"""`claudepack show`: what is in a pack, installed or not."""

import argparse
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import (
    Mode,
    Opened,
    add_output,
    add_project,
    add_sources,
    list_notices,
    open_project,
    read_mode,
)
from claudepack.errors import ClaudepackError
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import count_things, draw_tree, list_notes

if TYPE_CHECKING:
    from claudepack.commands.pins import Pins
    from claudepack.pack.components import Component
    from claudepack.pack.tree import Pack
    from claudepack.source.places import Found

EXAMPLES = """examples:
  claudepack show backend
  claudepack show 'review>=2' --index-url https://pypi.example.org/simple
  claudepack show git+https://example.org/packs.git#subdirectory=review
  claudepack show ./packs/mine --tree
  claudepack show ./packs/mine --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("--tree", action="store_true", help="every file, as a tree with its size")
    parser.add_argument("requirement", metavar="REQ", help="a pack: a name, a directory, an archive, git+URL")
    add_project(parser)
    add_sources(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Show a pack.

    Raises:
        ClaudepackError: It cannot be found or read.
    """
    from claudepack.pack.components import estimate_session_tokens, find_readable
    from claudepack.pack.consent import find_needed

    opened = open_project(arguments)
    mode = read_mode(arguments, opened.project)
    found = find_pack(opened, arguments.requirement, mode)
    pack = found.pack
    components, broken = find_readable(pack)
    session = sum(map(estimate_session_tokens, components))
    facts: dict[str, object] = {
        "description": pack.identity.summary,
        "source": found.where,
        "bytes": sum(file.size for file in pack.files.values()),
        "session_tokens": session,
        "use_tokens": sum(item.tokens for item in components) - session,
        "requires": list(pack.identity.requires),
        "executes": find_needed(pack, components),
        "versions": _list_versions(opened, mode, found),
    }
    locked = opened.lock.packs.get(pack.name)
    packs = (PackChange(pack.name, pack.version, locked.version if locked else ""),)
    notices = (*([found.notice] if found.notice else []), *map(_tell, broken.items()), *list_notices(opened.project))
    shown = _draw_files(pack, components) if arguments.tree else list(_describe(found, components, facts))
    lines = (*shown, *list_notes(notices, in_full=False))
    extra = {"components": [*map(_as_row, components)], **facts}
    return Result("show", packs=packs, notices=notices, lines=lines, extra=extra)


def _tell(fault: tuple[str, ClaudepackError]) -> str:
    path, error = fault
    return f"{error.message}: to install the rest, --exclude {shlex.quote(path.removesuffix('/SKILL.md'))}"


def _describe(found: "Found", components: "list[Component]", facts: Mapping[str, object]) -> Iterator[str]:
    pack = found.pack
    yield f"{pack.name} {pack.version}  {pack.identity.summary}".rstrip()
    yield f"from {found.where}: {count_things(len(pack.files), 'file')}, {facts['bytes']:,} bytes"
    yield f"adds about {facts['session_tokens']:,} tokens to every session, and up to {facts['use_tokens']:,} on use"
    width = max((len(item.path) for item in components), default=0)
    kinds = max((len(item.kind) for item in components), default=0)
    yield from (f"  {item.path:<{width}}  {item.kind:<{kinds}}  about {item.tokens:,} tokens" for item in components)
    for name, variable in pack.settings.variables.items():
        yield f"  variable {name} = {variable.default!r}  {variable.help}"
    if pack.settings.requires_claude_code:
        yield f"requires Claude Code {pack.settings.requires_claude_code}"
    if pack.identity.requires:
        yield f"requires {', '.join(pack.identity.requires)}"
    executes = facts["executes"]
    if isinstance(executes, dict):
        yield from (f"runs {kind}: {text}" for kind, texts in executes.items() for text in texts)
    versions = facts["versions"]
    if isinstance(versions, list) and versions:
        yield f"versions: {', '.join(versions)}"


def _draw_files(pack: "Pack", components: "list[Component]") -> list[str]:
    """Every file as a tree, with the kind of component that it is of."""
    kinds = {path: component.kind for component in components for path in component.files}
    rows = [Change(path, kinds[path], pack.name, f"{pack.files[path].size:,} bytes") for path in kinds]
    return [f"{pack.name} {pack.version}", *draw_tree(rows, in_full=True)]


def _as_row(item: "Component") -> dict[str, object]:
    return {
        "kind": item.kind,
        "name": item.name,
        "path": item.path,
        "bytes": item.size,
        "tokens": item.tokens,
        "metadata": dict(item.metadata),
    }


def _list_versions(opened: Opened, mode: Mode, found: "Found") -> list[str]:
    """What an index has of a pack that comes from one."""
    if found.source.get("kind") != "index" or mode.offline:
        return []
    from claudepack.commands.indexes import find_shown
    from claudepack.source.archives import open_stage
    from claudepack.source.pip import list_versions

    index = find_shown(opened, opened.manifest, mode, found.source.get("index", ""))
    with open_stage() as stage:
        return list_versions(found.pack.identity.distribution, index, stage)


def find_pack(opened: Opened, word: str, mode: Mode) -> "Found":
    """The pack that a word of the command line means, installed or not.

    Raises:
        ClaudepackError: It cannot be found or read.
    """
    from claudepack.commands.pins import Pins
    from claudepack.source.places import find_path
    from claudepack.source.requirement import parse_requirement

    asked = parse_requirement(word)
    if asked.path:
        return find_path(asked.path, Path.cwd())
    if asked.git:
        from claudepack.source.checkout import find_repository

        return find_repository(asked.git, offline=mode.offline)[0]
    return _find_named(Pins(opened, opened.manifest, mode), asked.name, asked.specifier)


def _find_named(pins: "Pins", name: str, specifier: str) -> "Found":
    """A pack by its name, whatever else there is: as the project has it, or would get it."""
    from claudepack.commands.pins import find_git
    from claudepack.source.places import find_here, find_path, refuse_unknown

    opened, mode, root = pins.opened, pins.mode, Path(pins.opened.project.root)
    locked, entry = opened.lock.packs.get(name), opened.manifest.packs.get(name)
    if mode.index_url or mode.find_links:
        return pins.ask_index(name, specifier)
    if not specifier and entry and entry.path:
        return find_path(entry.path, root)
    if not specifier and locked:
        return pins.find(name, locked)
    if not specifier and entry and entry.git:
        return find_git(name, entry, mode)
    own_index = bool(entry and entry.index_name)
    found = None if own_index else find_here(name, specifier or (entry.version if entry else ""), root)
    try:
        return found or pins.ask_index(name, specifier or (entry.version if entry else ""))
    except ClaudepackError as error:
        if own_index:
            raise
        raise refuse_unknown(name, specifier, root, error) from error
