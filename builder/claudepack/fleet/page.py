"""A survey as a page that a browser shows without asking anybody for anything."""

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from claudepack import __version__
from claudepack.fleet.summary import PHRASES, WITHOUT, VersionCount, count_states, count_versions, list_pressing
from claudepack.fleet.survey import STATES, PackStatus, RepositoryStatus, Survey
from claudepack.resources import locate_resource

if TYPE_CHECKING:
    from markupsafe import Markup

_MOST = 50  # entries of a list within the page
_WORDS = {**{state: state for state in STATES}, "current": "up to date", WITHOUT: PHRASES[WITHOUT]}
_MEANINGS = {
    "unreadable": "the repository, its lock or its manifest",
    "conflict": "an update and an edit changed the same lines: somebody has to decide",
    "yanked": "its author took that version back",
    "drift": "files are absent or foreign, or the lock is stale: a sync mends it",
    "behind": "a newer version is to be had",
    "unknown": "what is new of a pack: its index was not asked, or did not answer",
    "edited": "the team changed files; updates keep that",
    "current": "the newest versions, as delivered",
    WITHOUT: "no pack is installed",
}


class Row(NamedTuple):
    """A row of the page's table: a pack of a repository, or that there is none, or that it cannot be read."""

    name: str = ""
    version: str = ""
    behind: int | None = 0
    latest: str = ""
    edits: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


def render_page(survey: Survey, now: dt.datetime) -> str:
    """The page; it says when the fleet was read, and whatever a repository is called is text in it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    folder = locate_resource("templates") / "fleet"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"short": _shorten, "tone": _choose_tone, "rank": _rank}
    style, script = ((folder / f"status.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    counts = count_states(survey)
    return environment.get_template("status.html.j2").render(
        policy=_make_policy(style, script),
        style=Markup(style),  # noqa: S704 - ours, and nothing is put into it
        script=Markup(script),  # noqa: S704 - likewise
        version=__version__,
        now=now,
        total=len(survey.repositories),
        counts=counts,
        pressing=len(list_pressing(survey)),
        phrases=PHRASES,
        words=_WORDS,
        meanings=_MEANINGS,
        versions=count_versions(survey),
        clusters=[cluster for cluster in survey.clusters if len(cluster.repositories) > 1],
        packs=sorted({item.pack.name for repository in survey.repositories for item in repository.packs}),
        rows=[(repository, row) for repository in survey.repositories for row in _list_rows(repository)],
        notices=survey.notices,
        most=_MOST,
    )


def _make_policy(style: str, script: str) -> str:
    """What the browser may load: nothing; and run: our own style and script, known by their hashes."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _list_rows(repository: RepositoryStatus) -> Iterator[Row]:
    faults = repository.why_unreadable
    if faults:
        yield Row(behind=None, states=("unreadable",), why=faults)
    yield from (_make_row(item, is_bare=repository.reading.is_bare) for item in repository.packs)
    if not faults and not repository.packs:
        yield Row(states=(WITHOUT,))


def _make_row(item: PackStatus, *, is_bare: bool) -> Row:
    pack, standing = item
    why = [standing.why, "its files are not committed" if is_bare else ""]
    stale = ("the lock is stale" if pack.version else "not installed",) if pack.is_stale else ()
    return Row(
        pack.name,
        pack.version,
        standing.behind,
        standing.latest,
        pack.edits,
        pack.pending,
        (*pack.drift, *stale),
        item.states,
        tuple(text for text in why if text),
    )


def _shorten(name: str) -> "Markup":
    """The name of a repository without what they all have, how it is reached and `.git`; it breaks after a slash."""
    from markupsafe import Markup

    where = name.partition("://")[2].rpartition("@")[2] or name
    return Markup("/<wbr>").join(where.replace(".git#", "#").removesuffix(".git").strip("/").split("/"))


def _choose_tone(count: VersionCount) -> str:
    if count.is_yanked or not count.version:
        return "yanked"
    return {None: "unknown", 0: "current"}.get(count.behind, "behind")


def _rank(states: tuple[str, ...]) -> int:
    """How pressing it is: the most pressing has the most."""
    return len(STATES) - STATES.index(states[0]) if states[0] in STATES else 0
