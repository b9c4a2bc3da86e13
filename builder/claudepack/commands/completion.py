"""`claudepack completion`: completion of verbs and options, for a shell."""

import argparse
import sys
from collections.abc import Mapping

from claudepack.commands.options import add_output
from claudepack.report.result import Result

SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """examples:
  cd ~/.local/share/bash-completion/completions
  claudepack completion bash > claudepack
  claudepack completion zsh > ~/.zfunc/_claudepack   ~/.zfunc is on your fpath
  claudepack completion fish > ~/.config/fish/completions/claudepack.fish"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    add_output(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Print the script for a shell."""
    import shtab

    from claudepack.commands.verbs import make_parser

    parser = make_parser()
    _complete_paths(parser, {"DIR": shtab.DIRECTORY, "PATH": shtab.FILE, "REQ": shtab.FILE})
    script = shtab.complete(parser, shell=arguments.shell)
    if not arguments.json:
        sys.stdout.write(script + "\n")  # a script has tabs, which a report would show as such
    return Result("completion", extra={"script": script})


def _complete_paths(parser: argparse.ArgumentParser, kinds: Mapping[str, object]) -> None:
    """Tell shtab, which asks an action's `complete`, what is a directory or a file."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to walk them, and shtab does the same
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - likewise
            for inner in action.choices.values():
                _complete_paths(inner, kinds)
        elif isinstance(action.metavar, str) and action.metavar in kinds:
            action.complete = kinds[action.metavar]  # type: ignore[attr-defined]  # shtab's own attribute
