"""The options of the verb `fleet`, and the specs that they come to."""

import argparse
import os
import secrets
from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_indexes, add_output
from claudepack.errors import ClaudepackError
from claudepack.fleet.fleet_file import FLEET, Fleet, Member, is_author
from claudepack.fleet.matrix import FORMS, read_shard, take_shard
from claudepack.fleet.roster import list_members, open_fleet
from claudepack.fleet.spec import Action, Delivery, RepositorySpec

if TYPE_CHECKING:
    from claudepack.fleet.run import Course

_SECONDS, _TRIES = 300, 4
_WHOLE = 100


def add_repositories(parser: argparse.ArgumentParser) -> None:
    """The options that say which repositories."""
    parser.add_argument("-C", "--project", metavar="DIR", default="", help="do it as if started in that folder")
    parser.add_argument("-f", "--file", metavar="FILE", default="", help=f"the fleet file (default: {FLEET} here)")
    parser.add_argument(
        "--repo", action="append", default=[], metavar="URL", help="this repository, instead of those of the file"
    )
    parser.add_argument(
        "--repos-from",
        action="append",
        default=[],
        metavar="FILE",
        help="those that a file lists, a line each; - for standard input",
    )
    parser.add_argument(
        "--glob", action="append", default=[], metavar="PATTERN", help="those on this machine that a pattern matches"
    )


def add_shard(parser: argparse.ArgumentParser) -> None:
    """The option that leaves the rest to other runners."""
    parser.add_argument(
        "--shard", type=read_shard, metavar="K/N", help="only the Kth of N parts, as fleet matrix deals them out"
    )


def add_matrix(parser: argparse.ArgumentParser) -> None:
    """The options of `fleet matrix`."""
    add_repositories(parser)
    parser.add_argument("--emit", choices=FORMS, required=True, help="for whom: the runners of a CI, or a list")
    parser.add_argument("--shards", type=_read_count, default=16, metavar="N", help="how many jobs (default: 16)")
    parser.add_argument(
        "--run", default="update --pr", metavar="WORDS", help="what each job of gitlab does (default: update --pr)"
    )
    add_output(parser)


def add_delivery(parser: argparse.ArgumentParser) -> None:
    """The options that say what is committed, and where it goes."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--direct", action="store_true", help="push to the branch itself, not to one of its own")
    where.add_argument("--no-push", action="store_true", help="push nothing: say what would be pushed")
    parser.add_argument(
        "--author", metavar="'NAME <ADDRESS>'", default="", help="who commits (default: you, as git has it)"
    )
    parser.add_argument("--sign-off", action="store_true", help="end the message with a Signed-off-by")


def add_requests(parser: argparse.ArgumentParser) -> None:
    """The options that say how what is pushed is proposed, and how much of it at once."""
    tool = parser.add_mutually_exclusive_group()
    tool.add_argument("--pr", action="store_true", help="make a pull request of each branch, by gh or glab")
    tool.add_argument(
        "--pr-command", metavar="COMMAND", default="", help="the same by a command, which is told by CLAUDEPACK_PR_…"
    )
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--limit", type=_read_count, default=0, metavar="N", help="push to at most so many")
    part.add_argument("--wave", type=_read_share, default=0, metavar="N%", help="push to at most that part of all")
    parser.add_argument(
        "--max-open-prs",
        type=_read_count,
        default=0,
        metavar="N",
        help="begin no more while so many branches of ours are open",
    )


def add_pace(parser: argparse.ArgumentParser) -> None:
    """The options that say how many repositories are under way at once, and how long each may take."""
    parser.add_argument("-j", "--jobs", type=_read_count, default=0, metavar="N", help="how many at once")
    parser.add_argument(
        "--timeout", type=_read_number, default=_SECONDS, metavar="SECONDS", help=f"for each (default: {_SECONDS})"
    )
    parser.add_argument(
        "--tries", type=_read_count, default=_TRIES, metavar="N", help=f"where the network fails (default: {_TRIES})"
    )


def add_course(parser: argparse.ArgumentParser) -> None:
    """The options that say how a run is done."""
    add_pace(parser)
    parser.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        default=os.environ.get("CLAUDEPACK_SCHEDULER", ""),
        help="do it on the workers of a Dask cluster, in place of threads here",
    )
    parser.add_argument(
        "--results",
        metavar="FILE",
        default=os.environ.get("CLAUDEPACK_RESULTS", "fleet.jsonl"),
        help="what came of each, a line of JSON each (default: fleet.jsonl)",
    )
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on with a run that was cut short")
    again.add_argument("--failed", action="store_true", help="only those that came to nothing, or to conflicts, before")
    parser.add_argument(
        "--max-failures", type=_read_count, default=0, metavar="N", help="begin no more once so many have failed"
    )
    parser.add_argument("--rate", type=_read_number, default=0, metavar="N", help="begin at most so many a minute")


def add_all(parser: argparse.ArgumentParser) -> None:
    """All options of the words that change repositories."""
    add_repositories(parser)
    add_shard(parser)
    add_delivery(parser)
    add_requests(parser)
    add_course(parser)
    add_indexes(parser)
    add_output(parser)


def add_status(parser: argparse.ArgumentParser) -> None:
    """The options of the word that only looks."""
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="PACK",
        help="only those with that version of a pack (backend<1.2.3), with the pack (backend), or without (!backend)",
    )
    parser.add_argument("--html", metavar="FILE", default="", help="write a page for people, of which FILE is all")
    add_repositories(parser)
    add_pace(parser)
    add_indexes(parser)
    add_output(parser)


def read_course(arguments: argparse.Namespace, count: int, window: int) -> "Course":
    """How a run over so many repositories is to be done, of which so many are under way at once."""
    from claudepack.fleet.run import Course

    return Course(
        Path(arguments.results),
        window,
        arguments.rate,
        arguments.max_failures,
        arguments.limit or ceil(arguments.wave * count),
        arguments.max_open_prs,
        resume=arguments.resume,
        failed=arguments.failed,
        quiet=arguments.quiet or arguments.json,
        as_json=arguments.json,
    )


def list_specs(arguments: argparse.Namespace, action: Action) -> tuple[Iterator[RepositorySpec], int]:
    """What is asked of each repository, and how many there are.

    Raises:
        ClaudepackError: The fleet file or an option cannot be read.
    """
    fleet = open_fleet(arguments)
    members = list(list_members(arguments, fleet))
    if arguments.shard:
        members = list(take_shard(members, arguments.shard))
    return make_specs(arguments, action, fleet, members), len(members)


def make_specs(
    arguments: argparse.Namespace, action: Action, fleet: Fleet, members: Iterable[Member]
) -> Iterator[RepositorySpec]:
    """The same, of repositories that are known."""
    if arguments.author and not is_author(arguments.author):
        raise ClaudepackError(
            f"--author {arguments.author!r}: no author", code="usage", hint="write --author 'NAME <ADDRESS>'"
        )
    delivery: Delivery = "direct" if arguments.direct else "none" if arguments.no_push else "branch"
    common = RepositorySpec(
        url="",
        action=action,
        manifest=fleet.manifest,
        offline=arguments.offline,
        index_url=arguments.index_url,
        delivery=delivery,
        message=fleet.message,
        author=arguments.author or fleet.author or _ask_author(),
        sign_off=arguments.sign_off or fleet.sign_off,
        pull_request=arguments.pr_command or ("auto" if arguments.pr else ""),
        seconds=arguments.timeout,
        tries=arguments.tries,
        run=secrets.token_hex(8),
    )
    return (common.of(member.url, member.branch, member.path, member.overrides) for member in members)


def _ask_author() -> str:
    from claudepack.source.git_process import run_git

    try:
        who = run_git(["var", "GIT_AUTHOR_IDENT"]).decode("utf-8", "replace")
    except ClaudepackError as error:
        raise ClaudepackError(
            "git does not know who commits", code="author", hint="--author 'NAME <ADDRESS>', or git config user.email"
        ) from error
    return who.rpartition(">")[0] + ">"


def _read_count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _read_share(text: str) -> float:
    number = float(text.removesuffix("%"))
    if not text.endswith("%") or not 0 < number <= _WHOLE:
        raise argparse.ArgumentTypeError("must be a part such as 10%%")
    return number / _WHOLE


def _read_number(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return number
