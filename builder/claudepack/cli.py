"""The command line: the verbs, the fast way to a version, the one place where errors end."""

import os
import sys

TYPE_CHECKING = False  # importing typing for it would cost half a start
if TYPE_CHECKING:
    import argparse
    from typing import NoReturn, Protocol

    from claudepack.errors import ClaudepackError
    from claudepack.report.result import Result

    class Command(Protocol):
        """What a module of `commands` has."""

        EXAMPLES: str

        def add_arguments(self, parser: argparse.ArgumentParser) -> None:
            """Declare what the verb takes."""

        def run(self, arguments: argparse.Namespace) -> Result:
            """Do it."""
            ...


VERBS = {
    "install": "packs into manifest, lock and project; without any: sync",
    "uninstall": "take packs out; edits stay",
    "sync": "make the project what its manifest and lock say",
    "status": "what is installed, edited, pending",
    "verify": "status as a gate: exit 1 on drift",
    "exclude": "leave files of a pack out of this project",
    "list": "the packs here, or those that can be had",
    "show": "what is in a pack",
    "why": "which pack and version a file is from",
    "new": "the scaffold of a pack, to write your own",
    "build": "the wheel of a pack, into dist/",
    "doctor": "what is wrong here, and what to do about it",
    "completion": "completion of verbs and options, for a shell",
}
ALIASES = {"add": "install", "remove": "uninstall"}
_USAGE = """usage: claudepack VERB ... (claudepack VERB --help tells more)

Versioned packs of Claude Code agents, installed into any repository and kept in step.

"""
_INTERRUPTED, _TERMINATED = 130, 143


def main(arguments: "list[str] | None" = None) -> int:
    """Run one command.

    Args:
        arguments: The words after the program's name; the process's own unless given.

    Returns:
        The exit code.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words in (["--version"], ["-V"]):
        from claudepack import __version__

        sys.stdout.write(f"claudepack {__version__}\n")
        return 0
    if not words or words in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(_USAGE + "".join(f"  {verb:<10} {about}\n" for verb, about in VERBS.items()))
        return 0 if words else 2
    return _run(*_split(words))


def _split(words: "list[str]") -> "tuple[str, list[str]]":
    """The verb and its words; options may stand before it, as in `claudepack -C DIR sync`."""
    verbs = (*VERBS, *ALIASES)
    at = next((index for index, word in enumerate(words) if word in verbs), 0) if words[0].startswith("-") else 0
    return ALIASES.get(words[at], words[at]), [*words[:at], *words[at + 1 :]]


def _run(verb: str, words: "list[str]") -> int:
    from claudepack.errors import ClaudepackError

    as_json = "--json" in words or os.environ.get("CLAUDEPACK_JSON", "").lower() in ("1", "true", "yes", "on")
    try:
        return _call(verb, words)
    except ClaudepackError as error:
        return _fail(verb, error, as_json=as_json)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone, and that is no error
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        told = ClaudepackError(
            f"{where}{error.strerror or error}", code="os", hint="check that it can be read and written"
        )
        return _fail(verb, told, as_json=as_json)
    except KeyboardInterrupt:
        told = ClaudepackError("interrupted", code="interrupted", hint="")
        told.exit_code = _INTERRUPTED
        return _fail(verb, told, as_json=as_json)


def _call(verb: str, words: "list[str]") -> int:
    from claudepack.errors import ClaudepackError

    if verb not in VERBS:
        from claudepack.paths import nearest

        raise ClaudepackError(f"there is no verb {verb!r}", code="usage", hint=nearest(verb, VERBS))
    # importlib would be one more import on the way of every run.
    command: Command = __import__(f"claudepack.commands.{verb}", fromlist=["run"])
    parsed = _parse(verb, command, words)
    result = command.run(parsed)
    if parsed.json:
        _print_json(result, None)
    elif not parsed.quiet:
        from claudepack.report.text import print_lines

        print_lines(result.lines)
    sys.stdout.flush()
    return result.exit


def _parse(verb: str, command: "Command", words: "list[str]") -> "argparse.Namespace":
    import argparse

    from claudepack.errors import ClaudepackError

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> "NoReturn":
            raise ClaudepackError(message, code="usage", hint=f"claudepack {verb} --help")

    parser = Parser(
        prog=f"claudepack {verb}",
        description=VERBS[verb],
        epilog=command.EXAMPLES,
        formatter_class=_choose_formatter(words),
    )
    command.add_arguments(parser)
    return parser.parse_args(words)


def make_parser() -> "argparse.ArgumentParser":
    """The parser of all verbs, for completion and for the reference; a run builds only that of its own verb."""
    import argparse

    parser = argparse.ArgumentParser(prog="claudepack", description=_USAGE.split("\n")[2])
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers(metavar="VERB")
    for verb, about in VERBS.items():
        command: Command = __import__(f"claudepack.commands.{verb}", fromlist=["run"])
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


def _choose_formatter(words: "list[str]") -> "type[argparse.HelpFormatter]":
    """The formatter of the help; where none is asked for, one that does not look how wide the terminal is.

    argparse makes a formatter for every option it checks, and each would import shutil for that.
    """
    import argparse
    from functools import partial

    if "-h" in words or "--help" in words:
        return argparse.RawDescriptionHelpFormatter
    narrow: type[argparse.HelpFormatter] = partial(argparse.RawDescriptionHelpFormatter, width=80)  # type: ignore[assignment]  # it is only called
    return narrow


def _fail(verb: str, error: "ClaudepackError", *, as_json: bool) -> int:
    if as_json:
        from claudepack.report.result import Result

        told = {"code": error.code, "message": error.message, "hint": error.hint}
        _print_json(Result(verb, exit=error.exit_code), told)
    else:
        from claudepack.report.text import escape_controls

        lines = [f"error: {error.message}"] + ([f"  {error.hint}"] if error.hint else [])
        sys.stderr.write("".join(escape_controls(line) + "\n" for text in lines for line in text.split("\n")))
    return error.exit_code


def _print_json(result: "Result", error: "dict[str, str] | None") -> None:
    import json

    from claudepack.report.result import as_document

    sys.stdout.write(json.dumps(as_document(result, error), indent=1, ensure_ascii=False) + "\n")
