"""The verbs of the command line, and the modules behind them."""

TYPE_CHECKING = False  # importing typing for it would cost half a start
if TYPE_CHECKING:
    import argparse
    from typing import Protocol

    from claudepack.report.result import Result

    class Command(Protocol):
        """What a module of `commands` has."""

        EXAMPLES: str

        def add_arguments(self, parser: argparse.ArgumentParser) -> None:
            """Declare what the verb takes."""

        def run(self, arguments: argparse.Namespace) -> Result:
            """Do it."""
            ...


ABOUT = "Versioned packs of Claude Code agents, in any repository and kept in step."
VERBS = {
    "install": "packs into manifest, lock and project; without any: sync",
    "uninstall": "take packs out; edits stay",
    "sync": "make the project what its manifest and lock say",
    "lock": "pin what the manifest asks for, without installing it",
    "update": "packs to the newest version that the manifest allows",
    "resolve": "end conflicts that a run left open",
    "status": "what is installed, edited, pending",
    "verify": "status as a gate: exit 1 on drift",
    "diff": "your edits, against what the packs delivered",
    "allow": "consent to what a pack would have executed",
    "exclude": "leave files of a pack out of this project",
    "list": "the packs here, or those that can be had",
    "show": "what is in a pack",
    "outdated": "which packs have newer versions, and why not those",
    "why": "which pack and version a file is from",
    "new": "the scaffold of a pack, to write your own",
    "import": "a pack around what is there: a plugin, a .claude, agents",
    "export": "packs as a Claude Code plugin, or as a marketplace of them",
    "check": "what would fail silently, in packs and projects",
    "build": "the wheel of a pack, into dist/",
    "cache": "where the cache is, what it holds, and making room",
    "fleet": "sync or update many repositories: clone, commit, push",
    "doctor": "what is wrong here, and what to do about it",
    "completion": "completion of verbs and options, for a shell",
}
# A word of Python's own names no module, and what is done with many projects has a room of its own.
_MODULES = {"import": "commands.importing", "export": "commands.exporting", "fleet": "fleet.command"}
TWO_WORDS = ("fleet",)
ALIASES = {"add": "install", "remove": "uninstall", "upgrade": "update"}


def load_command(verb: str) -> "Command":
    """The module of a verb."""
    # importlib would be one more import on the way of every run.
    command: Command = __import__(f"claudepack.{_MODULES.get(verb, f'commands.{verb}')}", fromlist=["run"])
    return command


def make_parser() -> "argparse.ArgumentParser":
    """The parser of all verbs, for completion and for the reference; a run builds only that of its own verb."""
    import argparse

    parser = argparse.ArgumentParser(prog="claudepack", description=ABOUT)
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers(metavar="VERB")
    for verb, about in VERBS.items():
        command = load_command(verb)
        names = [alias for alias, meant in ALIASES.items() if meant == verb]
        command.add_arguments(
            verbs.add_parser(
                verb,
                aliases=names,
                help=about,
                description=about,
                epilog=command.EXAMPLES,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser
