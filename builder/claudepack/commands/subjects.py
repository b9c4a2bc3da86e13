"""What a word of the command line means to `check`: what lies at a path, else a pack as `install` finds it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from claudepack.commands.options import open_project, read_mode, refuse_empty
from claudepack.source.places import split_plugin
from claudepack.source.requirement import ARCHIVES

if TYPE_CHECKING:
    from claudepack.lint.subject import Subject


def find_subjects(word: str, arguments: argparse.Namespace) -> "tuple[Path, list[Subject]]":
    """What is to be checked for a word, and the place whose configuration counts.

    Raises:
        ClaudepackError: There is nothing, or no pack can be had by it.
    """
    from claudepack.commands.show import find_pack
    from claudepack.lint.reading import read_subjects
    from claudepack.lint.whole import subject_of_pack

    refuse_empty(word)
    root, plugin = split_plugin(word, Path())
    is_archive = word.endswith(ARCHIVES)
    if not word.startswith("git+") and (root.exists() or plugin) and not is_archive:
        shown = word.rpartition("#")[0] if plugin else word
        return root, read_subjects(root, "" if shown == "." else shown, plugin)
    opened = open_project(arguments)
    found = find_pack(opened, word, read_mode(arguments, opened.project))
    return Path(), [subject_of_pack(found.pack, word if is_archive else found.pack.name)]
