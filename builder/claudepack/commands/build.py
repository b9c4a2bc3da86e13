"""`claudepack build`: the wheel of a pack."""

import argparse
from functools import partial
from pathlib import Path

from claudepack.commands.options import add_output, refuse_empty
from claudepack.report.result import PackChange, Result
from claudepack.report.text import count_things
from claudepack.tasks import Task

EXAMPLES = """examples:
  claudepack build                       the pack in this directory, into dist/
  claudepack build packs/backend -o out"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the directory of the pack (default: this one)"
    )
    parser.add_argument("-o", "--output", default="dist", metavar="DIR", help="where the wheel goes (default: dist)")
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Check and build a pack.

    Raises:
        ClaudepackError: It is broken, or hatchling refuses it; nothing was written.
    """
    from claudepack.lint.gate import BUILDING, refuse_errors
    from claudepack.pack.build import build_wheel, find_pin_mismatch
    from claudepack.pack.wheel import read_wheel

    refuse_empty(arguments.path)
    root = Path(arguments.path)
    with Task(f"building {arguments.path}"):
        wheel = build_wheel(root, Path(arguments.output), partial(refuse_errors, also=BUILDING))
    pack = read_wheel(wheel)
    notice = find_pin_mismatch(root)
    lines = [f"{pack.name} {pack.version}: {count_things(len(pack.files), 'file')}", str(wheel)] + (
        [f"note: {notice}"] if notice else []
    )
    return Result(
        "build",
        packs=(PackChange(pack.name, pack.version, ""),),
        notices=(notice,) if notice else (),
        lines=tuple(lines),
        extra={"wheel": str(wheel)},
    )
