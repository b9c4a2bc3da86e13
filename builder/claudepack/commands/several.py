"""`claudepack sync A B C`: several projects on this machine, one after another; what one comes to stops no other."""

import argparse
from collections.abc import Iterator

from claudepack.commands.options import open_project, read_mode, refuse_empty
from claudepack.commands.sync import run_opened
from claudepack.errors import ClaudepackError
from claudepack.report.result import Result, as_document
from claudepack.report.text import count_things

_CONFLICTS = 3


def sync_several(arguments: argparse.Namespace) -> Result:
    """Sync several projects, and say what came of each.

    Raises:
        ClaudepackError: An option is for one project only, or a path is empty; nothing was changed.
    """
    refuse_empty(*arguments.projects)
    for option in ("project", "user", "watch"):
        if getattr(arguments, option):
            raise ClaudepackError(
                f"--{option} is for one project, and {len(arguments.projects)} are named",
                code="usage",
                hint="leave one of them out",
            )
    rows: list[dict[str, object]] = []
    lines: list[str] = []
    exits: set[int] = set()
    for place in dict.fromkeys(arguments.projects):
        result, error = _sync_one(argparse.Namespace(**{**vars(arguments), "project": place}))
        exits.add(result.exit)
        lines += result.lines
        told = {"code": error.code, "message": error.message, "hint": error.hint} if error else None
        document = as_document(result, told)
        rows.append({"url": place, "branch": "", **{key: document[key] for key in _KEYS}})
        lines += _describe(place, error) if error else []
    failed = exits - {0, _CONFLICTS}
    code = 1 if failed else max(exits)
    lines.append(f"{count_things(len(rows), 'project')}: {_count(rows)}")
    return Result("sync", code, lines=tuple(lines), extra={"repositories": rows})


_KEYS = ("exit", "packs", "changes", "conflicts", "error")


def _sync_one(arguments: argparse.Namespace) -> tuple[Result, ClaudepackError | None]:
    try:
        opened = open_project(arguments)
        return run_opened(opened, read_mode(arguments, opened.project), command="sync"), None
    except ClaudepackError as error:
        return Result("sync", error.exit_code), error


def _describe(place: str, error: ClaudepackError) -> Iterator[str]:
    yield f"project {place}"
    yield f"error: {error.message}"
    if error.hint:
        yield f"  {error.hint}"


def _count(rows: list[dict[str, object]]) -> str:
    conflicts = sum(row["exit"] == _CONFLICTS for row in rows)
    failed = sum(row["error"] is not None for row in rows)
    parts = {"in step": len(rows) - conflicts - failed, "with conflicts": conflicts, "failed": failed}
    return ", ".join(f"{count} {word}" for word, count in parts.items() if count)
