"""Proving with the real client that an update loses nothing: what it loads before, and what it would load after."""

import io
import os
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from claudepack.apply.operations import Changes, Delete
from claudepack.commands.client import ask_client
from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.lint.facts import find_facts
from claudepack.lint.loaded import Loaded
from claudepack.lint.rules.client import is_meant
from claudepack.lint.subject import File, Text
from claudepack.project.location import Project

_FOLDERS = ("agents", "skills", "commands")
_PLAIN = 0o100644

# By the path in `.claude`, the kind and the name of what the client is to list.
Names = Mapping[str, tuple[str, str]]


class Losses(NamedTuple):
    """What the client loads before and not after: what is still there, and what went or was renamed on purpose."""

    broken: tuple[str, ...]
    dropped: tuple[str, ...]


def prove_changes(project: Project, changes: Changes) -> tuple[str, ...]:
    """Ask the real client about copies of the project as it is, and as it would be.

    Returns:
        What is to be told.

    Raises:
        ClaudepackError: Something would be there and no longer be loaded; or the client cannot be asked.
    """
    before = _read_heads(project)
    after = _apply(project, before, changes)
    was, now = ask_client(before), ask_client(after)
    losses = find_losses(name_heads(before), was, name_heads(after), now)
    if losses.broken:
        raise ClaudepackError(
            f"Claude Code {now.version} loads {', '.join(losses.broken)}, and would not after this update",
            code="lost",
            hint="nothing was changed; claudepack update --dry-run shows what the new version changes",
        )
    count = sum(now.has(*key) for key in name_heads(after).values())
    told = f"Claude Code {now.version} loads all {count} agents, skills and commands that it should: it was asked"
    if count < len(after):
        told = f"Claude Code {now.version} loads {count} of {len(after)} agents, skills and commands, and none less"
    return (told, *(f"the update takes away {text}" for text in losses.dropped))


def find_losses(before: Names, was: Loaded, after: Names, now: Loaded) -> Losses:
    """What is lost between two states of a project.

    Args:
        before: What is on the disk.
        was: What the client loads of it.
        after: What will be on the disk.
        now: What the client loads of that.
    """
    broken: list[str] = []
    dropped: list[str] = []
    for path, (kind, name) in before.items():
        if not was.has(kind, name) or now.has(kind, name):
            continue
        renamed = path in after and after[path] != (kind, name) and now.has(*after[path])
        (dropped if path not in after or renamed else broken).append(f"the {kind} {name!r} ({path})")
    return Losses(tuple(broken), tuple(dropped))


def name_heads(files: Mapping[str, bytes]) -> Names:
    """The kind and the name of each file that the client is to list; an empty name where the file has none."""
    named = {}
    for path, data in files.items():
        facts = find_facts(Text(File(path, path, _PLAIN, len(data), partial(io.BytesIO, data))))
        named[path] = (facts.kind or "agent", facts.name)
    return named


def _read_heads(project: Project) -> dict[str, bytes]:
    """The files of a project that the client is to list."""
    files = {}
    for folder in _FOLDERS:
        root = project.locate(project.prefix + folder)
        for parent, _, names in os.walk(root):
            for name in names:
                real = os.path.join(parent, name)
                path = f"{folder}/{os.path.relpath(real, root)}".replace(os.sep, "/")
                if is_meant(path) and os.path.isfile(real):
                    files[path] = read_plain(real, project.prefix + path)
    return files


def _apply(project: Project, files: Mapping[str, bytes], changes: Changes) -> dict[str, bytes]:
    """The files as they will be."""
    after = dict(files)
    for operation in changes.operations:
        path = operation.path.removeprefix(project.prefix)
        if not operation.path.startswith(project.prefix) or not is_meant(path):
            continue
        if isinstance(operation, Delete):
            after.pop(path, None)
        else:
            with operation.open() as stream:
                after[path] = stream.read()
    return after
