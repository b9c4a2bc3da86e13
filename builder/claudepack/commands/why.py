"""`claudepack why`: which pack and version a file is from."""

import argparse
import os

from claudepack.commands.options import add_output, add_project, list_notices, open_project
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.state import examine
from claudepack.report.result import PackChange, Result

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
    base = opened.project.root if arguments.project else os.getcwd()
    path = os.path.relpath(os.path.join(os.path.realpath(base), arguments.path), opened.project.root).replace(
        os.sep, "/"
    )
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
        kind = pack.source.get("path", pack.source.get("kind", ""))
        lines.append(f"{path}: {state.pack} {pack.version} ({pack.distribution}, from {kind}), {state.state}")
    packs = tuple(
        PackChange(state.pack, opened.lock.packs[state.pack].version, opened.lock.packs[state.pack].version)
        for state in states
    )
    notices = list_notices(opened.project)
    lines += [f"note: {notice}" for notice in notices]
    files = [state._asdict() for state in states]
    return Result("why", packs=packs, notices=notices, lines=tuple(lines), extra={"files": files})
