"""`claudepack export`: packs as a Claude Code plugin, or as a marketplace of them."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import add_dry_run, add_output, add_project, add_sources, open_project, read_mode
from claudepack.errors import ClaudepackError
from claudepack.report.result import Change, PackChange, Result

if TYPE_CHECKING:
    from claudepack.apply.operations import Write
    from claudepack.pack.tree import Pack, PackFile

EXAMPLES = """examples:
  claudepack export plugin backend -o backend-plugin
  claudepack export plugin ./packs/mine -o mine-plugin
  claudepack export marketplace -o shop          all packs of this project
  claudepack export marketplace backend ./packs/mine -o shop"""

_FORMS = ("plugin", "marketplace")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("form", choices=_FORMS, metavar="FORM", help="plugin, of one pack; or marketplace, of several")
    parser.add_argument(
        "packs",
        nargs="*",
        metavar="PACK",
        help="a name, a directory, an archive, git+URL (default: those of the project)",
    )
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="where to; a new directory")
    add_project(parser)
    add_sources(parser)
    add_dry_run(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Write packs as plugins.

    Raises:
        ClaudepackError: A pack cannot be had or is broken, or the directory has something in it; nothing was written.
    """
    from claudepack.apply.fresh import write_fresh
    from claudepack.commands.scaffolding import refuse_taken
    from claudepack.commands.show import find_pack
    from claudepack.report.text import draw_tree

    target = Path(arguments.output)
    refuse_taken(target)
    opened = open_project(arguments)
    mode = read_mode(arguments, opened.project)
    words = arguments.packs or [*opened.manifest.packs]
    if not words or (arguments.form == "plugin" and len(words) > 1):
        raise ClaudepackError(
            f"which pack? {len(words)} are named, and a plugin is one" if words else "which pack?",
            code="usage",
            hint="claudepack export plugin NAME -o DIR; a marketplace holds several",
        )
    packs = {pack.name: pack for pack in (find_pack(opened, word, mode).pack for word in words)}
    files, notices = _gather(arguments.form, target, list(packs.values()))
    if not arguments.dry_run:
        write_fresh(os.path.abspath(target), [_as_write(path, file) for path, file in sorted(files.items())])
    changes = tuple(Change(path, "create", "") for path in sorted(files))
    return Result(
        "export",
        packs=tuple(PackChange(pack.name, pack.version, "") for pack in packs.values()),
        changes=changes,
        notices=tuple(notices),
        lines=(f"{arguments.form} {target}", *draw_tree(changes), *(f"note: {notice}" for notice in notices)),
    )


def _gather(form: str, target: Path, packs: "list[Pack]") -> "tuple[dict[str, PackFile], list[str]]":
    from claudepack.lint.gate import refuse_errors
    from claudepack.lint.plugin_forms import find_reserved_name
    from claudepack.pack.collection import MARKETPLACE, normalise_pack_name
    from claudepack.pack.plugin_export import export_marketplace, export_plugin

    files: dict[str, PackFile] = {}
    notices: list[str] = []
    for pack in packs:
        below = f"plugins/{pack.name}/" if form == "marketplace" else ""
        exported, told = export_plugin(pack, refuse_errors(pack))
        files |= {below + path: file for path, file in exported.items()}
        notices += [f"{pack.name}: {text}" for text in told]
        notices += [f"{why}; rename the pack"] if (why := find_reserved_name(pack.name)) else []
    if form == "marketplace":
        name = normalise_pack_name(Path(os.path.abspath(target)).name, str(target))
        files[MARKETPLACE] = export_marketplace(name, packs)
    return files, notices


def _as_write(path: str, file: "PackFile") -> "Write":
    from claudepack.apply.operations import Write

    return Write(path, file.open, file.sha256, None, file.executable)
