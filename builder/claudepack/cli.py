"""The command line: the verbs, the fast way to a version, the one place where errors end."""

import os
import sys

TYPE_CHECKING = False  # importing typing for it would cost half a start
if TYPE_CHECKING:
    import argparse
    from typing import NoReturn

    from claudepack.commands.verbs import Command
    from claudepack.errors import ClaudepackError
    from claudepack.report.result import Result

_USAGE = "usage: claudepack VERB ... (claudepack VERB --help tells more)"
_YES = ("1", "true", "yes", "on")
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

        return _show(f"claudepack {__version__}\n", 0)
    if not words or words in (["--help"], ["-h"], ["help"]):
        from claudepack.commands.verbs import ABOUT, VERBS

        verbs = "".join(f"  {verb:<10} {about}\n" for verb, about in VERBS.items())
        return _show(f"{_USAGE}\n\n{ABOUT}\n\n{verbs}", 0 if words else 2)
    return _run(*_split(words), as_json="--json" in words or os.environ.get("CLAUDEPACK_JSON", "").lower() in _YES)


def _split(words: "list[str]") -> "tuple[str, list[str]]":
    """The verb and its words; options may stand before it, as in `claudepack -C DIR sync`."""
    from claudepack.commands.verbs import ALIASES, VERBS

    verbs = (*VERBS, *ALIASES)
    found = (at for at, word in enumerate(words) if word in verbs and words[at - 1] not in ("-C", "--project"))
    at = next(found, -1) if words[0].startswith("-") else 0
    if at < 0:  # there is none: what is most likely meant for one is told
        return next((word for word in words if word != "--json"), ""), []
    return ALIASES.get(words[at], words[at]), [*words[:at], *words[at + 1 :]]


def _show(text: str, code: int) -> int:
    """Print a text for which nothing has to be imported."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        _drop_output()
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: standard output: {error.strerror}\n")
            return 2
    return code


def _run(verb: str, words: "list[str]", *, as_json: bool) -> int:
    from claudepack.errors import ClaudepackError

    try:
        return _call(verb, words)
    except ClaudepackError as error:
        return _fail(verb, error, as_json=as_json)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone, and that is no error
        return 0
    except OSError as error:
        told = _explain(error)
    except MemoryError:
        told = ClaudepackError(
            "there is too little memory",
            code="memory",
            hint="let this program have more (ulimit -v), or move very large files away, then run this again",
        )
    except UnicodeEncodeError as error:
        unknown = error.object[error.start : error.end]
        told = ClaudepackError(
            f"{unknown!r} cannot be part of a path where the encoding is {error.encoding}",
            code="encoding",
            hint="set LC_ALL=C.UTF-8, or PYTHONUTF8=1",
        )
    except KeyboardInterrupt:
        told = ClaudepackError("interrupted", code="interrupted", hint="")
        told.exit_code = _INTERRUPTED
    return _fail(verb, told, as_json=as_json)


def _call(verb: str, words: "list[str]") -> int:
    from claudepack.commands.verbs import VERBS, load_command
    from claudepack.errors import ClaudepackError

    if verb not in VERBS:
        from claudepack.paths import nearest

        told = f"there is no verb {verb!r}" if verb else "no verb is given"
        raise ClaudepackError(told, code="usage", hint=nearest(verb, VERBS))
    command = load_command(verb)
    parsed = _parse(verb, command, words)
    if not parsed.quiet and sys.stderr.isatty():
        from claudepack.report.progress import show_progress

        show_progress()
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

    from claudepack.commands.verbs import TWO_WORDS, VERBS
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
    if verb in TWO_WORDS:
        from claudepack.commands.words import put_word_first

        words = put_word_first(parser, words)
    return parser.parse_args(words)


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
        try:
            _print_json(Result(verb, exit=error.exit_code), told)
            sys.stdout.flush()
        except OSError:  # a full disk, mostly: the error itself may be that
            _drop_output()
        else:
            return error.exit_code
    from claudepack.report.text import escape_controls

    lines = [f"error: {error.message}"] + ([f"  {error.hint}"] if error.hint else [])
    sys.stderr.write("".join(escape_controls(line) + "\n" for text in lines for line in text.split("\n")))
    return error.exit_code


def _explain(error: OSError) -> "ClaudepackError":
    from claudepack.errors import ClaudepackError

    if isinstance(error, FileNotFoundError) and not error.filename and _is_lost():
        return ClaudepackError("the current directory is gone", code="os", hint="cd to one that is there")
    where = f"{error.filename}: " if error.filename else ""
    return ClaudepackError(f"{where}{error.strerror or error}", code="os", hint="check that it can be read and written")


def _is_lost() -> bool:
    """Whether the current directory is gone; `.` would still be found."""
    try:
        os.getcwd()  # noqa: PTH109 - pathlib is an import on the way of every run
    except FileNotFoundError:
        return True
    return False


def _drop_output() -> None:
    """Let what could not be printed go, or the end of the process would try it again."""
    number = os.open(os.devnull, os.O_WRONLY)
    os.dup2(number, sys.stdout.fileno())
    os.close(number)


def _print_json(result: "Result", error: "dict[str, str] | None") -> None:
    import json

    from claudepack.report.result import as_document

    # Half a surrogate pair, of a path that is not UTF-8, is written as the escape that it is in JSON, too.
    is_utf8 = (sys.stdout.encoding or "utf-8").lower() == "utf-8"  # a stream in memory has none
    sys.stdout.write(json.dumps(as_document(result, error), indent=1, ensure_ascii=not is_utf8) + "\n")
