"""`claudepack list`: the packs of the project, or those that can be had."""

import argparse
from pathlib import Path

from claudepack.commands.options import add_output, add_project, list_notices, open_project
from claudepack.report.result import PackChange, Result
from claudepack.report.text import name_source

EXAMPLES = """examples:
  claudepack list               installed here
  claudepack list --available   what `install NAME` finds"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("--available", action="store_true", help="what can be had, installed here or not")
    add_project(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """List packs.

    Raises:
        ClaudepackError: The manifest, the lock or a pack cannot be read.
    """
    opened = open_project(arguments)
    installed = opened.lock.packs
    rows = [
        (
            name,
            pack.version,
            f"{len(pack.files) + bool(pack.context)} files from {name_source(pack.source)}",
        )
        for name, pack in installed.items()
    ]
    if arguments.available:
        from claudepack.source.places import list_available

        found = list_available(Path(opened.project.root))
        rows = [(item.pack.name, item.pack.version, item.pack.identity.summary) for item in found]
    width = max((len(name) for name, _, _ in rows), default=0)
    lines = [f"{name:<{width}}  {version:<8}  {about}".rstrip() for name, version, about in rows]
    packs = tuple(
        PackChange(name, version, installed[name].version if name in installed else "") for name, version, _ in rows
    )
    notices = list_notices(opened.project)
    lines = lines or ["nothing is installed here: claudepack list --available"]
    lines += [f"note: {notice}" for notice in notices]
    return Result("list", packs=packs, notices=notices, lines=tuple(lines))
