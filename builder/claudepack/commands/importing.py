"""`claudepack import`: a pack around what is there already."""

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_dry_run, add_output, refuse_empty
from claudepack.errors import BrokenPackError, ClaudepackError
from claudepack.report.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from claudepack.pack.collection import Collection
    from claudepack.pack.tree import Pack
    from claudepack.source.checkout import Unpacked

EXAMPLES = """examples:
  claudepack import ../shop                    around all of its .claude
  claudepack import . --only agents/review.md --only settings.json
  claudepack import . --context 'Code style'   with a section of CLAUDE.md
  claudepack import ../agents --exclude agents/old --exclude reviewer
  claudepack import ../plugin -o packs/tools
  claudepack import ../marketplace#tools
  claudepack import git+https://example.org/market.git@v2#tools"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a project, its .claude, a folder of agents, a plugin, a skill, an agent's .md, git+URL@ref",
    )
    parser.add_argument("-o", "--output", metavar="DIR", default="", help="where to (default: ./ and the pack's name)")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WHAT",
        help="take only this: a path, a folder, a pattern, the name of a component; settings.json and mcp.json of a "
        "project are taken where they are named",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="WHAT",
        help="leave this out: a path, a folder, a pattern, the name of a component",
    )
    parser.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="HEADING",
        help="the section of CLAUDE.md with this heading, as the context",
    )
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write a pack around what is there.

    Raises:
        ClaudepackError: There is nothing, it is broken, or the directory has something in it; nothing was written.
    """
    refuse_empty(arguments.source)
    with _gather(arguments.source) as there:
        return _write(arguments, there)


@contextlib.contextmanager
def _gather(source: str) -> "Iterator[Unpacked]":
    """What is there: in a directory, or in a repository, whose commit is told."""
    from claudepack.pack.directory import find_pack
    from claudepack.pack.layouts import read_collection
    from claudepack.source.checkout import Unpacked, gather_repository
    from claudepack.source.places import split_plugin
    from claudepack.source.requirement import parse_requirement

    if source.startswith("git+") and (repository := parse_requirement(source).git):
        with gather_repository(repository) as unpacked:
            yield unpacked
        return
    root, plugin = split_plugin(source, Path())
    if not plugin and find_pack(root, source):
        raise ClaudepackError(f"{source}: this is a pack already", code="usage", hint=f"claudepack build {source}")
    yield Unpacked(root, read_collection(root, source, plugin), "")


def _write(arguments: argparse.Namespace, there: "Unpacked") -> Result:
    from claudepack.commands.gathering import write_excludes
    from claudepack.commands.scaffolding import refuse_taken, scaffold_pack, write_scaffold
    from claudepack.lint.gate import check_pack, refuse_errors
    from claudepack.pack.collection import make_collected_pack

    collection = there.collection
    _leave_packs(collection, there.root, arguments.only)
    for word in arguments.only:
        if word in collection.offered:
            collection.accept(word)
    if arguments.context:
        collection.take_context(_read_context(there.root, collection.where, arguments.context))
    found = make_collected_pack(collection, "0")
    part = _choose(found, arguments.only, arguments.exclude)
    target = Path(arguments.output or found.name)
    refuse_taken(target)
    new = scaffold_pack(found.name, {**part.files, **part.meta}, collection, there.origin)
    try:
        refuse_errors(new.pack)
    except BrokenPackError as error:
        way_out = f", or leave out what is broken: {write_excludes(error.parts)}" if error.parts else ""
        error.hint = f"mend it where it is{way_out}; nothing was written"
        raise
    notices = (*collection.notices, *map(str, check_pack(new.pack)))
    return write_scaffold("import", new, target, notices, dry_run=arguments.dry_run)


def _choose(pack: "Pack", only: list[str], exclude: list[str]) -> "Pack":
    """What is wanted of it; the context that was asked for always is."""
    from claudepack.pack.components import find_components
    from claudepack.pack.parts import find_part, leave_out, take_part
    from claudepack.paths import nearest

    if not (only or exclude):
        return pack
    # What is left out by its path may be broken, so that it has no name.
    paths = [word for word in exclude if find_part(word, pack, ())]
    components = find_components(leave_out(pack, paths))
    for option, words in (("--only", only), ("--exclude", exclude)):
        for word in words:
            if not find_part(word, pack, components):
                known = [*pack.files, *(component.name for component in components)]
                raise ClaudepackError(f"{option} {word}: there is none", code="usage", hint=nearest(word, known))
    return take_part(pack, components, [*only, "CLAUDE.md"] if only else (), exclude)


def _leave_packs(collection: "Collection", root: Path, only: list[str]) -> None:
    """Leave out what packs have installed, but where it is asked for by its path: it has an author already."""
    from claudepack.hashing import read_plain
    from claudepack.project.location import LOCK
    from claudepack.project.lock import parse_lock

    project = root if (root / ".claude").is_dir() else root.resolve().parent
    try:
        lock = parse_lock(read_plain(str(project / LOCK), LOCK))
    except FileNotFoundError:
        return
    for name, pack in lock.packs.items():
        for path in pack.files:
            inner = path.removeprefix(".claude/")
            if inner in collection.sources and inner not in only:
                del collection.sources[inner]
                collection.leave(inner, f"from the pack {name}")


def _read_context(root: Path, where: str, headings: list[str]) -> bytes:
    """Sections of the CLAUDE.md that belongs to a place."""
    from claudepack.pack.sections import take_sections

    folder = root if root.is_dir() else root.parent
    spots = [folder / "CLAUDE.md", folder / ".claude/CLAUDE.md"]
    spots += [folder.resolve().parent / "CLAUDE.md"] if folder.resolve().name == ".claude" else []
    file = next((spot for spot in spots if spot.is_file()), None)
    if file is None:
        raise ClaudepackError(f"{where}: there is no CLAUDE.md", code="not-found", hint="leave --context out")
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ClaudepackError(f"{where}: CLAUDE.md is not UTF-8", code="pack", hint="save it as UTF-8") from error
    return take_sections(text, headings, f"{where}: CLAUDE.md").encode()
