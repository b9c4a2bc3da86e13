"""`claudepack cache`: where the cache is, what it holds, and making room."""

import argparse

from claudepack.commands.options import add_output
from claudepack.errors import ClaudepackError
from claudepack.report.result import Result
from claudepack.report.text import count_things

EXAMPLES = """examples:
  claudepack cache dir               for a CI job that keeps it between runs
  claudepack cache info
  claudepack cache prune --days 30   what was not used for a month
  claudepack cache clean             all of it: everything can be had again"""

_DAYS = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("action", choices=("dir", "info", "clean", "prune"), help="dir, info, clean or prune")
    parser.add_argument(
        "--days",
        type=int,
        default=_DAYS,
        metavar="N",
        help=f"for prune: what was not used for so many days (default: {_DAYS})",
    )
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Tell of the cache, or make room.

    Raises:
        ClaudepackError: A number of days is none.
        OSError: An entry cannot be removed.
    """
    from claudepack.source.cache import locate_cache
    from claudepack.source.cache_room import clean, measure, prune

    if arguments.days < 0:
        raise ClaudepackError("--days is less than 0", code="usage", hint="claudepack cache clean takes all of it out")
    folder = str(locate_cache())
    if arguments.action == "dir":
        return Result("cache", lines=(folder,), extra={"directory": folder})
    if arguments.action == "info":
        rooms = measure()
        lines = [folder, *(f"  {room.kind:<8}  {room.entries:>6}  {_show(room.size)}" for room in rooms)]
        extra = {"directory": folder, "entries": [room._asdict() for room in rooms]}
        return Result("cache", lines=tuple(lines if rooms else [folder, "  nothing"]), extra=extra)
    gone = clean() if arguments.action == "clean" else prune(arguments.days)
    told = f"{count_things(gone.entries, 'entry', 'entries')} removed, {_show(gone.size)}"
    return Result("cache", lines=(told,), extra={"directory": folder, "removed": gone.entries, "bytes": gone.size})


def _show(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size / (1 << 10):.1f} KiB"
