"""`claudepack new`: the scaffold of a pack."""

import argparse
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_dry_run, add_output
from claudepack.errors import ClaudepackError
from claudepack.report.result import Change, PackChange, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from claudepack.apply.operations import Write
    from claudepack.pack.tree import PackFile

EXAMPLES = """examples:
  claudepack new review                 with an agent to start from
  claudepack new review --from ../shop  around the agents of ../shop/.claude
  claudepack new review -o packs/review"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens")
    parser.add_argument(
        "--from", dest="source", metavar="DIR", default="", help="a project, its .claude, or a folder of agents"
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
    from claudepack.apply.fresh import write_fresh
    from claudepack.report.text import draw_tree

    target = Path(arguments.output or arguments.name)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ClaudepackError(f"{target} is there already", code="exists", hint="say another directory: -o DIR")
    writes, notices = _plan(arguments.name, arguments.source)
    if not arguments.dry_run:
        write_fresh(os.path.abspath(target), writes)
    changes = tuple(Change(write.path, "create", arguments.name) for write in writes)
    next_steps = (
        f"claudepack install {_as_word(target)} --project YOUR-PROJECT",
        "claudepack sync --watch --project YOUR-PROJECT",
        f"claudepack build {target}",
    )
    return Result(
        "new",
        packs=(PackChange(arguments.name, "0.1.0", ""),),
        changes=changes,
        notices=tuple(notices),
        lines=(
            f"pack {target}",
            *draw_tree(changes),
            *(f"note: {notice}" for notice in notices),
            "next, once you have edited it:",
            *(f"  {step}" for step in next_steps),
        ),
        extra={"next": list(next_steps)},
    )


def _plan(name: str, source: str) -> "tuple[list[Write], list[str]]":
    from claudepack.apply.operations import Write
    from claudepack.pack.collection import read_collection, read_files
    from claudepack.pack.scaffold import render_scaffold
    from claudepack.pack.tree import META
    from claudepack.plan.outside import write_bytes

    collection = read_collection(Path(source), source) if source else None
    files = {file.path: file for file in read_files(collection) if file.path not in META} if collection else {}
    scaffold = render_scaffold(name, has_components=bool(files))
    writes = [Write(file.path, file.open, file.sha256, None, file.executable) for file in files.values()]
    writes += [write_bytes(path, data, None, executable=None) for path, data in scaffold.items()]
    notices = [*collection.notices] if collection else []
    return sorted(writes, key=lambda write: write.path), notices + _find_faults(scaffold, files)


def _find_faults(scaffold: "Mapping[str, bytes]", files: "Mapping[str, PackFile]") -> list[str]:
    """What is wrong with the components that were there: the author mends it, and until then it does not build."""
    from io import BytesIO

    from claudepack.pack.check import check_pack
    from claudepack.pack.identity import read_pyproject
    from claudepack.pack.tree import is_pack_path, make_pack, read_file

    made = [
        read_file(path, partial(BytesIO, data), executable=False)
        for path, data in scaffold.items()
        if is_pack_path(path)
    ]
    identity = read_pyproject(scaffold["pyproject.toml"], "pyproject.toml")
    return [str(finding) for finding in check_pack(make_pack(identity, [*made, *files.values()], "the new pack"))]


def _as_word(target: Path) -> str:
    """The path as a word that no pack's name can be."""
    word = target.as_posix()
    return word if "/" in word else f"./{word}"
