"""`claudepack outdated`: which packs have newer versions, and why those are not installed."""

import argparse
from typing import TYPE_CHECKING

from claudepack.commands.options import Mode, Opened, add_output, add_project, add_sources, open_project, read_mode
from claudepack.errors import ClaudepackError
from claudepack.report.result import PackChange, Result

if TYPE_CHECKING:
    from claudepack.commands.newer import Standing

EXAMPLES = """examples:
  claudepack outdated          exit 1 if any is
  claudepack outdated --json   for a bot"""


_AT_ONCE = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    add_project(parser)
    add_sources(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Compare what is installed with what is to be had.

    Raises:
        ClaudepackError: An index or a repository does not answer.
    """
    opened = open_project(arguments)
    mode = read_mode(arguments, opened.project)
    if mode.offline:
        raise ClaudepackError("offline, nobody can tell what is new", code="offline", hint="leave --offline out")
    standings = _compare(opened, mode)
    behind = [item for item in standings if item.is_behind]
    packs = tuple(PackChange(item.name, item.installed, item.installed) for item in standings)
    extra = {"outdated": [item._asdict() for item in behind]}
    return Result("outdated", exit=1 if behind else 0, packs=packs, lines=tuple(_draw(behind)), extra=extra)


def _compare(opened: Opened, mode: Mode) -> "list[Standing]":
    """Every pack of the project; what is asked for elsewhere is asked for at once."""
    from concurrent.futures import ThreadPoolExecutor
    from functools import partial

    from claudepack.commands.newer import compare

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(partial(compare, opened, mode), opened.lock.packs))


def _draw(behind: "list[Standing]") -> list[str]:
    if not behind:
        return ["everything is as new as it can be"]
    rows = [("pack", "installed", "wanted", "latest", ""), *behind]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join(map(str.ljust, row, [*widths, 0])).rstrip() for row in rows]
