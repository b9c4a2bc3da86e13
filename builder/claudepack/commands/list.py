"""`claudepack list`: the packs of the project, or those that can be had."""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from claudepack.commands.options import add_output, add_project, list_notices, open_project
from claudepack.report.result import PackChange, Result
from claudepack.report.text import count_things, list_notes, name_source

EXAMPLES = """examples:
  claudepack list                 installed here
  claudepack list --available     what `install NAME` finds
  claudepack list ./marketplace   for `install ./marketplace#NAME`"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("marketplace", nargs="?", metavar="DIR", help="a marketplace of Claude Code: its plugins")
    parser.add_argument("--available", action="store_true", help="what can be had, installed here or not")
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """List packs.

    Raises:
        ClaudepackError: The manifest, the lock or a pack cannot be read.
    """
    if arguments.marketplace:
        return _list_offers(arguments.marketplace)
    opened = open_project(arguments)
    installed = opened.lock.packs
    rows = [
        (
            name,
            pack.version,
            f"{count_things(len(pack.files) + bool(pack.context), 'file')} from {name_source(pack.source)}",
        )
        for name, pack in installed.items()
    ]
    if arguments.available:
        from claudepack.source.places import list_available

        found = list_available(Path(opened.project.root))
        rows = [(item.pack.name, item.pack.version, item.pack.identity.summary) for item in found]
    packs = tuple(
        PackChange(name, version, installed[name].version if name in installed else "") for name, version, _ in rows
    )
    notices = list_notices(opened.project)
    lines = [*_draw_rows(rows)] or ["nothing is installed here: claudepack list --available"]
    lines += [f"note: {notice}" for notice in notices]
    return Result("list", packs=packs, notices=notices, lines=tuple(lines))


def _list_offers(directory: str) -> Result:
    """The plugins of a marketplace; with the version that each would be installed in, where it lies there."""
    from claudepack.errors import ClaudepackError
    from claudepack.pack.marketplace import list_offers
    from claudepack.source.collected import read_collected

    rows: list[tuple[str, str, str]] = []
    notices: list[str] = []
    for offer in list_offers(Path(directory), directory):
        summary, version = str(offer.entry.get("description", "")), ""
        if offer.fault:
            notices.append(f"{offer.name} cannot be installed: {offer.fault.message.rpartition(f'{offer.name}: ')[2]}")
        elif offer.root is None:
            notices.append(f"{offer.name} lies elsewhere ({offer.elsewhere}): clone it, then name its directory")
        else:
            try:
                pack = read_collected(Path(directory), directory, offer.name)[0]
            except ClaudepackError as error:
                notices.append(f"{offer.name} cannot be installed: {error.message}")
            else:
                summary, version = pack.identity.summary or summary, pack.version
        rows.append((offer.name, version, summary))
    packs = tuple(PackChange(name, version, "") for name, version, _ in rows)
    lines = (*_draw_rows(rows), *list_notes(notices, in_full=False))
    return Result("list", packs=packs, notices=tuple(notices), lines=lines)


def _draw_rows(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Name, version and what it is, in columns; a line each where somebody watches."""
    width = max((len(name) for name, _, _ in rows), default=0)
    end = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for name, version, about in rows:
        line = f"{name:<{width}}  {version:<8}  {about}".rstrip()
        yield f"{line[: end - 1]}…" if 0 < end < len(line) else line
