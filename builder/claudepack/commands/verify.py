"""`claudepack verify`: status as a gate."""

import argparse

from claudepack.commands import status
from claudepack.report.result import Result

EXAMPLES = """examples:
  claudepack verify              in CI: exit 1 on drift, edits pass
  claudepack verify --no-edits   edits fail too"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("--no-edits", action="store_true", help="let edits fail too")
    status.add_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Verify the project.

    Raises:
        ClaudepackError: There is no manifest, or a file cannot be read.
    """
    return status.run_verify(arguments)
