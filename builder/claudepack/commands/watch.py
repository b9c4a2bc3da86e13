"""`claudepack sync --watch`: follow packs in directories while their authors edit them."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from claudepack.commands.options import Opened, open_project, read_mode
from claudepack.errors import ClaudepackError
from claudepack.project.location import MANIFEST
from claudepack.report.result import Result
from claudepack.report.text import print_lines
from claudepack.source.places import split_plugin

_STEP, _DEBOUNCE, _TICK = 50, 300, 500  # milliseconds: an editor's save is several events


def watch(arguments: argparse.Namespace) -> Result:
    """Sync at once, and again after each change, until Ctrl-C.

    A pack that is broken amid an edit is reported, and the next save is waited for.

    Raises:
        ClaudepackError: No pack of the project comes from a directory, or the output is to be one JSON object.
    """
    if arguments.json:
        raise ClaudepackError(
            "--watch has no end, and --json prints one object", code="usage", hint="leave one of them out"
        )
    roots = _list_roots(open_project(arguments))
    if not roots:
        raise ClaudepackError(
            "no pack of this project comes from a directory, so there is nothing to watch",
            code="usage",
            hint="claudepack install ./the-pack --project DIR, then watch that project",
        )
    _sync(arguments)
    print_lines([f"watching {', '.join(map(str, roots))}; Ctrl-C ends it"])
    try:
        for _ in _changes(arguments):
            _sync(arguments)
    except KeyboardInterrupt:
        return Result("sync")
    raise AssertionError("a watch ends by Ctrl-C only")


def _changes(arguments: argparse.Namespace) -> Iterator[None]:
    from watchfiles import watch as follow

    manifest = Path(open_project(arguments).project.locate(MANIFEST))
    while True:
        try:
            roots = _list_roots(open_project(arguments))
        except ClaudepackError:
            roots = []  # the sync before has told what is wrong with the manifest: it is waited for
        is_settled = False  # what changed while nothing was watched is seen by one more sync
        for batch in follow(
            *roots, manifest, step=_STEP, debounce=_DEBOUNCE, rust_timeout=_TICK, yield_on_timeout=True
        ):
            if batch or not is_settled:
                is_settled = not batch
                yield
            if any(Path(path) == manifest for _, path in batch):
                break  # what is to be watched may be other directories now


def _list_roots(opened: Opened) -> list[Path]:
    root = Path(opened.project.root)
    return [split_plugin(entry.path, root)[0].resolve() for entry in opened.manifest.packs.values() if entry.path]


def _sync(arguments: argparse.Namespace) -> None:
    from claudepack.commands.sync import run_opened

    try:
        opened = open_project(arguments)
        result = run_opened(opened, read_mode(arguments, opened.project), command="sync")
    except ClaudepackError as error:
        print_lines([f"error: {error.message}", *([f"  {error.hint}"] if error.hint else [])])
        return
    if result.changes or result.notices:
        print_lines(result.lines)
