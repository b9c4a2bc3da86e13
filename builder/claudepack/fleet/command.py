"""`claudepack fleet`: the same job for many repositories."""

import argparse
from contextlib import AbstractContextManager, chdir, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, cast

from claudepack.errors import ClaudepackError
from claudepack.fleet.options import add_all, add_matrix, add_status, list_specs, read_course
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.fleet.spec import Action

EXAMPLES = """examples:
  claudepack fleet sync               each to what its manifest says
  claudepack fleet update --jobs 16   to the newest that each manifest allows
  claudepack fleet adopt --no-push    over copies made by hand; only shown
  claudepack fleet update --pr --wave 10%
  claudepack fleet update --resume    after a run that was cut short
  claudepack fleet sync --repo git@example.org:team/shop.git
  claudepack fleet sync --glob 'work/*' --direct
  claudepack fleet status --html fleet.html
  claudepack fleet status --where 'backend<1.2.3'
  claudepack fleet matrix --emit github --shards 16"""

WORDS = {
    "sync": "make each repository what its manifest and lock say; one without gets the fleet's packs",
    "update": "the same, with the newest packs that its manifest allows",
    "adopt": "sync, over copies that were made by hand: they stay, managed from now on as edits",
    "status": "which packs each has, how far behind, with what edits; and the copies that are in no pack",
    "matrix": "the fleet in shards, for the runners of a CI",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    words = parser.add_subparsers(metavar="WORD", dest="word", required=True)
    for word, about in WORDS.items():
        add = {"status": add_status, "matrix": add_matrix}.get(word, add_all)
        add(words.add_parser(word, help=about, description=about[0].upper() + about[1:] + "."))


def run(arguments: argparse.Namespace) -> Result:
    """Do it.

    Raises:
        ClaudepackError: What is asked cannot be read; nothing was begun.
    """
    with _open_folder(arguments.project):
        return _run(arguments)


def _open_folder(folder: str) -> AbstractContextManager[None]:
    """Everything that is named is relative to a folder, the current one unless told."""
    if folder and not Path(folder).is_dir():
        raise ClaudepackError(f"{folder}: no such directory", code="project", hint="name the folder of the fleet file")
    return chdir(folder) if folder else nullcontext()


def _run(arguments: argparse.Namespace) -> Result:
    if arguments.word == "matrix":
        return _run_matrix(arguments)
    if arguments.word == "status":
        from claudepack.fleet.status import run_status

        return run_status(arguments)
    from claudepack.fleet.cluster import open_executor
    from claudepack.fleet.run import run_fleet

    specs, count = list_specs(arguments, cast("Action", arguments.word))
    with open_executor(arguments.scheduler, arguments.jobs) as (executor, window):
        course = read_course(arguments, count, window)
        return run_fleet(f"fleet {arguments.word}", specs, executor, course)


def _run_matrix(arguments: argparse.Namespace) -> Result:
    from claudepack.fleet.matrix import emit_matrix
    from claudepack.fleet.roster import list_members, open_fleet

    members = list(list_members(arguments, open_fleet(arguments)))
    lines = emit_matrix(members, arguments.emit, arguments.shards, arguments.run)
    return Result("fleet matrix", lines=tuple(lines), extra={"matrix": "\n".join(lines)})
