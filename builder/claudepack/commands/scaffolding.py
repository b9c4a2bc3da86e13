"""Writing a new pack: the scaffold, around components that were there or with samples."""

import os
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from claudepack.apply.fresh import write_fresh
from claudepack.apply.operations import Write
from claudepack.errors import ClaudepackError
from claudepack.pack.identity import read_pyproject
from claudepack.pack.scaffold import render_scaffold
from claudepack.pack.tree import Pack, PackFile, is_pack_path, make_pack, read_file
from claudepack.plan.outside import write_bytes
from claudepack.report.result import Change, PackChange, Result
from claudepack.report.text import draw_tree, shorten_notice

if TYPE_CHECKING:
    from claudepack.pack.collection import Collection

FIRST_VERSION = "0.1.0"


class NewPack(NamedTuple):
    """A pack that is not written yet.

    Attributes:
        pack: As it will be read.
        writes: By path, what is to be written for it.
    """

    pack: Pack
    writes: Mapping[str, Write]


def refuse_taken(target: Path) -> None:
    """Refuse to write where something is.

    Raises:
        ClaudepackError: The directory has something in it.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ClaudepackError(f"{target} is there already", code="exists", hint="say another directory: -o DIR")


def scaffold_pack(
    name: str, files: Mapping[str, PackFile], collection: "Collection | None", origin: str = ""
) -> NewPack:
    """A new pack.

    Args:
        name: What it is called.
        files: The components that were there, by path, and with them what else is to be as it was.
        collection: What says its version and what it is for, if that is known.
        origin: Where they are from, if that is to be told.
    """
    version = collection.version if collection and "+" not in collection.version else ""
    summary = collection.summary if collection else ""
    scaffold = render_scaffold(
        name, has_components=bool(files), version=version or FIRST_VERSION, summary=summary, origin=origin
    )
    scaffold = {path: data for path, data in scaffold.items() if path not in files}
    made = {
        path: read_file(path, partial(BytesIO, data), executable=False)
        for path, data in scaffold.items()
        if is_pack_path(path)
    }
    identity = read_pyproject(scaffold["pyproject.toml"], "pyproject.toml")
    writes = {path: Write(path, file.open, file.sha256, None, file.executable) for path, file in files.items()}
    writes |= {path: write_bytes(path, data, None, executable=None) for path, data in scaffold.items()}
    return NewPack(make_pack(identity, (made | dict(files)).values(), "the new pack"), dict(sorted(writes.items())))


def write_scaffold(command: str, new: NewPack, target: Path, notices: tuple[str, ...], *, dry_run: bool) -> Result:
    """Write a new pack, and say what comes next.

    Raises:
        ClaudepackError: The system refuses; nothing was written.
    """
    if not dry_run:
        write_fresh(os.path.abspath(target), list(new.writes.values()))
    changes = tuple(Change(path, "create", new.pack.name) for path in new.writes)
    next_steps = (
        f"claudepack install {_as_word(target)} --project YOUR-PROJECT",
        "claudepack sync --watch --project YOUR-PROJECT",
        f"claudepack build {target}",
    )
    return Result(
        command,
        packs=(PackChange(new.pack.name, new.pack.version, ""),),
        changes=changes,
        notices=notices,
        lines=(
            f"pack {target}",
            *draw_tree(changes),
            *(f"note: {shorten_notice(notice)}" for notice in notices),
            "next, once you have edited it:",
            *(f"  {step}" for step in next_steps),
        ),
        extra={"next": list(next_steps)},
    )


def _as_word(target: Path) -> str:
    """The path as a word that no pack's name can be."""
    word = target.as_posix()
    return word if "/" in word else f"./{word}"
