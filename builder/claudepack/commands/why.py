"""`claudepack why`: which pack and version a file is from."""

import argparse

from claudepack.commands.options import add_output, add_project, list_notices, locate_in_project, open_project
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.state import examine
from claudepack.report.result import PackChange, Result
from claudepack.report.text import name_source

EXAMPLES = """examples:
  claudepack why .claude/agents/backend-engineer.md
  claudepack why CLAUDE.md"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("path", metavar="PATH", help="a file of the project")
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Say where a file is from.

    Raises:
        ClaudepackError: No pack delivered it.
    """
    opened = open_project(arguments)
    path = locate_in_project(opened.project, arguments, arguments.path)
    states = [
        state for state in examine(opened.project, opened.lock) if state.path == path and state.state != "foreign"
    ]
    if not states:
        known = [state.path for state in examine(opened.project, opened.lock)]
        raise ClaudepackError(
            f"{path} is from no pack",
            code="not-found",
            hint=nearest(path, known) if known else "nothing is installed here",
        )
    lines = []
    for state in states:
        pack = opened.lock.packs[state.pack]
        origin = f"{state.pack} {pack.version} from {name_source(pack.source)}"
        lines.append(f"{path}: {origin}, {state.state}")
    packs = tuple(
        PackChange(state.pack, opened.lock.packs[state.pack].version, opened.lock.packs[state.pack].version)
        for state in states
    )
    notices = list_notices(opened.project)
    lines += [f"note: {notice}" for notice in notices]
    files = [state._asdict() for state in states]
    return Result("why", packs=packs, notices=notices, lines=tuple(lines), extra={"files": files})
