"""`claudepack install`: packs into manifest, lock and project."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from claudepack.commands import sync
from claudepack.commands.options import (
    Opened,
    add_output,
    add_project,
    add_reconciling,
    open_project,
    read_mode,
)
from claudepack.errors import ClaudepackError
from claudepack.paths import nearest
from claudepack.project.manifest import parse_manifest
from claudepack.report.result import Result

if TYPE_CHECKING:
    from claudepack.commands.reconcile import Aim

EXAMPLES = """examples:
  claudepack install backend            comes with claudepack, or is installed
  claudepack install 'backend>=1.0'     with a version
  claudepack install ../packs/mine      a pack in a directory
  claudepack install ../marketplace#x   a plugin; or a .claude, or agents
  claudepack install x-1.0-py3-none-any.whl
  claudepack install git+https://example.org/packs.git@v1.2#subdirectory=review
  claudepack install backend --set language=Go
  claudepack install tools --only reviewer --only 'skills/*'
  claudepack install backend --adopt    over copies made by hand: yours stay
  claudepack install                    the same as claudepack sync"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument(
        "requirements",
        nargs="*",
        metavar="REQ",
        help="a name, a name with a version, a directory (a pack, a plugin, a .claude, agents), an agent's .md, "
        "a wheel, git+URL@ref#subdirectory=p, git+URL@ref#PLUGIN",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="give a variable of the context a value",
    )
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="KIND[,KIND]",
        help="consent to what would be executed: hooks, mcp, permissions, executables",
    )
    for option, about in (("--only", "of the packs named, want only this"), ("--exclude", "of them, leave this out")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="PART",
            help=f"{about}: a path, a pattern, or the name of a component",
        )
    parser.add_argument(
        "--local", action="store_true", help="settings of packs go into .claude/settings.local.json, in this project"
    )
    add_project(parser)
    add_reconciling(parser)
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Install packs; without any, the same as sync.

    Raises:
        ClaudepackError: Something is refused; nothing was changed.
    """
    opened = open_project(arguments)
    mode = read_mode(arguments, opened.project)
    if not arguments.requirements:
        if arguments.set or arguments.allow or arguments.only or arguments.exclude or arguments.local:
            raise ClaudepackError(
                "--set, --allow, --only, --exclude and --local go with a pack", code="usage", hint="name the pack too"
            )
        return sync.run_opened(opened, mode, command="install")
    from claudepack.commands.reconcile import reconcile

    return reconcile("install", opened, partial(_aim, arguments), mode)


def _aim(arguments: argparse.Namespace, opened: Opened) -> "Aim":
    from claudepack.commands.ordering import Order
    from claudepack.commands.reconcile import Aim
    from claudepack.project.manifest_text import set_project, set_variable

    given = {"allow": _read_kinds(arguments.allow), "only": arguments.only, "exclude": arguments.exclude}
    order = Order(opened, read_mode(arguments, opened.project), given, opened.manifest.text)
    for word in arguments.requirements:
        order.add(word)
    order.ask_indexes()
    text = order.text
    for pair in arguments.set:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ClaudepackError(f"--set {pair}: no NAME=VALUE", code="usage", hint="write --set language=Go")
        text = set_variable(text, key, value)
    if arguments.local:
        text = set_project(text, "settings", "local")
    return Aim(parse_manifest(text), order.found)


def _read_kinds(words: list[str]) -> list[str]:
    from claudepack.consents import CONSENTS

    kinds = [kind for word in words for kind in word.split(",") if kind]
    for kind in kinds:
        if kind not in CONSENTS:
            raise ClaudepackError(f"--allow {kind}: there is no such kind", code="usage", hint=nearest(kind, CONSENTS))
    return sorted(set(kinds))
