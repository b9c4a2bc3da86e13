"""`claudepack fleet status`: a fleet read, and told as text, as JSON and as a page."""

import argparse
import datetime as dt
from pathlib import Path

from claudepack.apply.signals import termination_raised
from claudepack.commands.options import Mode
from claudepack.errors import ClaudepackError
from claudepack.fleet.cluster import open_executor
from claudepack.fleet.conditions import parse_condition
from claudepack.fleet.offers import ask_places
from claudepack.fleet.progress import shown_progress
from claudepack.fleet.roster import list_members, open_fleet
from claudepack.fleet.survey import (
    Patience,
    RepositoryReading,
    RepositoryStatus,
    Survey,
    is_meant,
    make_survey,
    read_members,
)
from claudepack.fleet.survey_text import draw_survey
from claudepack.report.result import Result

COMMAND = "fleet status"


def run_status(arguments: argparse.Namespace) -> Result:
    """Read a fleet, and change nothing in it.

    Raises:
        ClaudepackError: What is asked cannot be read, or the page cannot be written.
    """
    conditions = [parse_condition(text) for text in arguments.where]
    mode = Mode(offline=arguments.offline, index_url=arguments.index_url)
    target = Path(arguments.html) if arguments.html else None
    if target and not target.parent.is_dir():
        raise ClaudepackError(f"{target.parent}: no such directory", code="usage", hint="make it first")
    members = list_members(arguments, open_fleet(arguments))
    patience = Patience(arguments.timeout, arguments.tries)
    with (
        termination_raised(),
        open_executor("", arguments.jobs) as (executor, window),
        shown_progress(quiet=arguments.quiet or arguments.json) as tell,
    ):
        found: list[RepositoryReading] = []
        for item in read_members(members, mode, patience, executor, window):
            tell("unreadable" if item.reading.faults else "read", item.name)
            found += [item] if is_meant(item, conditions) else []
        packs = [pack for item in found for pack in item.reading.packs]
        survey = make_survey(found, ask_places(packs, executor, offline=mode.offline))
    lines = draw_survey(survey)
    if target:
        from claudepack.fleet.page import render_page

        target.write_text(render_page(survey, dt.datetime.now(dt.UTC)), encoding="utf-8")
        lines.append(f"the page is in {target}")
    is_unreadable = any(repository.reading.faults for repository in survey.repositories)
    extra = dump_survey(survey) if arguments.json else {}
    return Result(COMMAND, exit=int(is_unreadable), notices=survey.notices, lines=tuple(lines), extra=extra)


def dump_survey(survey: Survey) -> dict[str, object]:
    """A survey as JSON has it."""
    clusters = [
        {
            "kind": cluster.kind,
            "names": list(cluster.names),
            "repositories": len(cluster.repositories),
            "variants": [
                {
                    "sha256": variant.sha256,
                    "copies": [{"repository": name, "path": path} for name, path in variant.places],
                }
                for variant in cluster.variants
            ],
        }
        for cluster in survey.clusters
    ]
    return {"repositories": [_dump_repository(item) for item in survey.repositories], "clusters": clusters}


def _dump_repository(item: RepositoryStatus) -> dict[str, object]:
    reading = item.reading
    faults = [fault._asdict() for fault in reading.faults]
    packs = [
        {
            "name": pack.name,
            "version": pack.version,
            "states": list(status.states),
            **standing._asdict(),
            "edits": list(pack.edits),
            "pending": list(pack.pending),
            "drift": list(pack.drift),
            "is_stale": pack.is_stale,
        }
        for status in item.packs
        for pack, standing in [status]
    ]
    unmanaged = [{"kind": thing.kind, "name": thing.name, "path": thing.path} for thing in reading.unmanaged]
    return {
        "url": item.url,
        "path": item.path,
        "branch": item.branch,
        "exit": 2 if faults else 0,
        "packs": packs,
        "changes": [],
        "conflicts": [path for status in item.packs for path in status.pack.pending],
        "error": faults[0] if faults else None,
        "faults": faults,
        "is_bare": reading.is_bare,
        "unmanaged": unmanaged,
    }
