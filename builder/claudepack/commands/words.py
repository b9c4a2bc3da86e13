"""The second word of a verb that has such: the options that are its own may stand before it, too."""

import argparse
from collections.abc import Mapping


def put_word_first(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """What follows a verb, with its second word where argparse looks for one.

    What an option takes is no such word: `--repo sync status` looks at a repository called `sync`. Where there is
    none, all is left as it is, for argparse to say so.
    """
    known = next((action.choices for action in parser._actions if action.nargs == argparse.PARSER), None)  # noqa: SLF001 - argparse has no other way
    if not isinstance(known, dict):
        return words
    actions = [action for word in known.values() for action in word._actions]  # noqa: SLF001 - likewise
    takes = {name: action.nargs != 0 for action in actions for name in action.option_strings}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if _takes_next(words[at], takes) else 1
    return [words[at], *words[:at], *words[at + 1 :]] if at < len(words) and words[at] in known else words


def _takes_next(word: str, takes: Mapping[str, bool]) -> bool:
    """Whether the word after an option is its value; the option may be cut short, or be several letters at once."""
    if word in takes:
        return takes[word]
    if word.startswith("--"):
        return any(takes[name] for name in takes if name.startswith(word))
    letter = next((at for at, letter in enumerate(word) if takes.get(f"-{letter}")), -1)
    return letter == len(word) - 1  # else what it takes follows in the same word
