"""Writes `reference/command-line.md` from the parsers: `python docs/reference.py`."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from claudepack.commands.verbs import ABOUT, ALIASES, VERBS, load_command

TARGET = Path(__file__).parent / "reference" / "command-line.md"
END = """
## Exit codes

| Code | Says |
|---|---|
| 0 | done, or nothing to do |
| 1 | the answer is no: drift, a stale lock, something to mend |
| 2 | refused, not found, not usable: nothing was changed |
| 3 | done, and conflicts are left (`resolve` ends with 0 once the named ones are over) |
| 4 | a hash is wrong: nothing was changed |
| 75 | another run holds the project, or the results of a fleet: nothing was changed |
| 130, 143 | interrupted, terminated |
"""
INTRODUCTION = """
Every option that is listed with a `CLAUDEPACK_` variable can be given as that, too. `--json` prints one object to
standard output and nothing else goes there: `command`, `exit`, `packs` (`name`, `version`, `previous`), `changes`
(`path`, `action`, `pack`; `from` of what was renamed), `conflicts`, `notices`, `error` (null, or `code`, `message`,
`hint`), and what a verb adds.
A word with a `/` in it, or `.`, is a path; any other is the name of a pack. What takes more than half a second is shown
on standard error while it is waited for, where that is a terminal, and not with `--quiet` or `CI`.
"""


def render() -> str:
    """The page."""
    lines = ["# Command line", "", ABOUT, INTRODUCTION]
    for verb, about in VERBS.items():
        lines += _render_verb(verb, about)
    return "\n".join(lines) + END


def _render_verb(verb: str, about: str) -> Iterator[str]:
    command = load_command(verb)
    parser = argparse.ArgumentParser(prog=f"claudepack {verb}", add_help=False)
    command.add_arguments(parser)
    aliases = [f"`{alias}`" for alias, meant in ALIASES.items() if meant == verb]
    yield f"## {verb}\n"
    yield about[0].upper() + about[1:] + "." + (f" Also called {', '.join(aliases)}." if aliases else "") + "\n"
    yield from _render_options(parser)
    yield "\n" + "\n".join("    " + line.removeprefix("  ") for line in command.EXAMPLES.splitlines()[1:]) + "\n"


def _render_options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The options; those of a verb's words below each, but what all of them have is told once."""
    words = next((action.choices for action in parser._actions if action.nargs == argparse.PARSER), None)  # noqa: SLF001 - argparse has no other way
    if not isinstance(words, dict):
        yield from _render_table(parser._actions)  # noqa: SLF001 - likewise
        return
    lists = {word: {_name(action): action for action in words[word]._actions} for word in words}  # noqa: SLF001 - likewise
    common = [name for name in next(iter(lists.values())) if all(name in actions for actions in lists.values())]
    yield "With every word:\n"
    yield from _render_table(next(iter(lists.values()))[name] for name in common)
    for word, actions in lists.items():
        yield f"\n### {parser.prog.removeprefix('claudepack ')} {word}\n"
        yield f"{words[word].description}\n"
        if own := [action for name, action in actions.items() if name not in common and name != "`-h, --help`"]:
            yield from _render_table(own)


def _render_table(actions: Iterable[argparse.Action]) -> Iterator[str]:
    yield "| Word or option | Says |"
    yield "|---|---|"
    yield from (f"| {_name(action)} | {_about(action)} |" for action in actions if action.dest != "help")


def _name(action: argparse.Action) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest if not action.option_strings else ""
    words = ", ".join(action.option_strings) or metavar
    return f"`{words}{f' {metavar}' if action.option_strings and metavar else ''}`"


def _about(action: argparse.Action) -> str:
    return (action.help or "").replace("|", "\\|")


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
