"""`claudepack new`: the scaffold of a pack."""

import argparse
from pathlib import Path

from claudepack.commands.options import add_dry_run, add_output
from claudepack.report.result import Result

EXAMPLES = """examples:
  claudepack new review                 with an agent to start from
  claudepack new review --from ../shop  around the agents of ../shop/.claude
  claudepack new review -o packs/review"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        default="",
        help="what is there: a project, its .claude, a folder of agents, a plugin",
    )
    parser.add_argument("-o", "--output", metavar="DIR", default="", help="where to (default: ./NAME)")
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write a new pack.

    Raises:
        ClaudepackError: The name is none, the directory has something in it, or there is nothing to take; nothing was
            written.
    """
    from claudepack.commands.scaffolding import refuse_taken, scaffold_pack, write_scaffold
    from claudepack.lint.gate import check_pack
    from claudepack.pack.collection import read_files
    from claudepack.pack.layouts import read_collection
    from claudepack.source.places import split_plugin

    Path.cwd()  # an error where it is gone: what is imported below might have another
    target = Path(arguments.output or arguments.name)
    refuse_taken(target)
    root, plugin = split_plugin(arguments.source, Path())
    collection = read_collection(root, arguments.source, plugin) if arguments.source else None
    files = {file.path: file for file in read_files(collection)} if collection else {}
    new = scaffold_pack(arguments.name, files, collection)
    # What is wrong with the components that were there, the author mends: until then the pack does not build.
    notices = (*(collection.notices if collection else ()), *map(str, check_pack(new.pack)))
    return write_scaffold("new", new, target, notices, dry_run=arguments.dry_run)
