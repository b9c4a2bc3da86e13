"""A fleet in shards, for the runners of a CI: each does every Nth repository of the same list."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from urllib.parse import urlsplit

from claudepack.errors import ClaudepackError
from claudepack.fleet.fleet_file import Member
from claudepack.fleet.texts import read_template, render

FORMS = ("github", "gitlab", "repos.txt")
# What the two hosts let a matrix have.
_MOST = {"github": 256, "gitlab": 200}
Item = TypeVar("Item")


def take_shard(items: Iterable[Item], shard: tuple[int, int]) -> Iterator[Item]:
    """The part of a list that a shard is: of three, the first has items 1, 4, 7 and so on."""
    number, count = shard
    return islice(items, number - 1, None, count)


def read_shard(text: str) -> tuple[int, int]:
    """A shard, as `2/16`.

    Raises:
        ValueError: It is none.
    """
    number, _, count = text.partition("/")
    shard = int(number), int(count)
    if not 1 <= shard[0] <= shard[1]:
        raise ValueError(text)
    return shard


def emit_matrix(members: list[Member], form: str, shards: int, words: str) -> list[str]:
    """The matrix of a fleet.

    Args:
        members: The repositories.
        form: For whom.
        shards: How many; no more than there are repositories.
        words: What each runner is to do.

    Raises:
        ClaudepackError: There are none, the host allows no matrix as large, or a list is to have what no host does.
    """
    if not members:
        raise ClaudepackError("the fleet has no repository", code="fleet", hint="name some in the fleet file")
    if form == "repos.txt":
        return list(dict.fromkeys(_name(member.url) for member in members))
    if shards > _MOST[form]:
        raise ClaudepackError(
            f"--shards {shards}: a matrix of {form} has at most {_MOST[form]} jobs",
            code="usage",
            hint="a shard takes any number of repositories",
        )
    count = min(shards, len(members))
    names = [f"{number}/{count}" for number in range(1, count + 1)]
    if form == "github":
        return [json.dumps({"shard": names})]
    return render(read_template("gitlab-child"), {"shards": names, "words": words}, "the pipeline").splitlines()


def _name(url: str) -> str:
    """A repository as multi-gitter and turbolift name it."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        raise ClaudepackError(
            f"{url} is on this machine: a list names repositories as their hosts do",
            code="fleet",
            hint="name it by the URL of its host, or leave it out",
        )
    path = parts.path.strip("/").removesuffix(".git")
    return path if parts.hostname == "github.com" else f"{parts.hostname}/{path}"
