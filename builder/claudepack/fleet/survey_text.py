"""A survey as text: what fits a screen, whatever the size of the fleet."""

from collections import Counter
from collections.abc import Iterator, Sequence

from claudepack.fleet.summary import PHRASES, count_states, count_versions, describe, list_pressing
from claudepack.fleet.survey import RepositoryStatus, Survey
from claudepack.report.text import count_things

_VERSIONS, _PRESSING, _CLUSTERS = 10, 12, 8
_WIDTH = 100  # of why a repository is listed: a screen has little more


def draw_survey(survey: Survey) -> list[str]:
    """The lines that a person reads."""
    counts = count_states(survey)
    told = ", ".join(f"{count:,} {PHRASES[state]}" for state, count in counts.items())
    lines = [
        f"{count_things(len(survey.repositories), 'repository', 'repositories')}: {told}" if told else "no repository"
    ]
    versions = [
        (count.pack, count.version or "-", f"{count.repositories:,}", count.about) for count in count_versions(survey)
    ]
    lines += _section("", [("pack", "version", "repositories", ""), *versions], _VERSIONS + 1) if versions else []
    pressing = [(item.states[0], item.name, _cut(describe(item))) for item in _choose(list_pressing(survey))]
    lines += _section("to look at:", pressing, _PRESSING)
    shared = [(str(cluster),) for cluster in survey.clusters if len(cluster.repositories) > 1]
    lines += _section("in no pack:", shared, _CLUSTERS)
    return lines + [f"note: {notice}" for notice in survey.notices]


def _choose(pressing: Sequence[RepositoryStatus]) -> list[RepositoryStatus]:
    """The same with a few of each state first: a hundred of the worst would hide the only one of the next."""
    few = max(1, _PRESSING // max(1, len({item.states[0] for item in pressing})))
    counts: Counter[str] = Counter()
    first: list[RepositoryStatus] = []
    rest: list[RepositoryStatus] = []
    for item in pressing:
        counts[item.states[0]] += 1
        (first if counts[item.states[0]] <= few else rest).append(item)
    return first + rest


def _section(title: str, rows: Sequence[tuple[str, ...]], most: int) -> Iterator[str]:
    if not rows:
        return
    yield ""
    if title:
        yield title
    shown = rows[:most]
    widths = [max(len(row[column]) for row in shown) for column in range(len(shown[0]))]
    yield from ("  ".join(map(str.ljust, row, widths)).rstrip() for row in shown)
    if len(rows) > most:
        yield f"and {len(rows) - most:,} more; --json has all"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
