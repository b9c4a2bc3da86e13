"""Which index each pack comes from: what the manifest and the options say."""

import os
from pathlib import Path

from claudepack.commands.options import Mode, Opened
from claudepack.pack.identity import PREFIX
from claudepack.project.manifest import Manifest
from claudepack.source.pip import Index
from claudepack.source.registry import Registry
from claudepack.urls import strip_credentials


def open_registry(opened: Opened, manifest: Manifest, mode: Mode) -> Registry:
    """The indexes of a run."""

    def find_own(distribution: str) -> Index | None:
        entry = manifest.packs.get(distribution.removeprefix(PREFIX))
        if entry is None or not entry.index_name:
            return None
        return find_shown(
            opened, manifest, mode, make_index(opened, manifest, manifest.indexes[entry.index_name]).shown
        )

    return Registry(find_own, find_usual(opened, manifest, mode), mode.offline)


def find_usual(opened: Opened, manifest: Manifest, mode: Mode) -> Index:
    """The index of packs that name none: of the options, of the manifest, else pip's own."""
    if mode.find_links:
        relative = os.path.relpath(os.path.abspath(mode.find_links), opened.project.root)
        return make_index(opened, manifest, Path(relative).as_posix())
    place = manifest.indexes.get(mode.index_url, mode.index_url) or manifest.indexes.get("default", "")
    return make_index(opened, manifest, place)


def make_index(opened: Opened, manifest: Manifest, place: str) -> Index:
    """The index at a place as the manifest names it: a URL, or a folder relative to the project."""
    if not place or "://" in place:
        return Index(url=place, minimum_age=manifest.minimum_age)
    # The project need not be there yet: somebody's `~/.claude` before its first pack.
    return Index(folder=place, root=os.path.normpath(os.path.join(opened.project.root, place)))


def find_shown(opened: Opened, manifest: Manifest, mode: Mode, shown: str) -> Index:
    """The index that a lock or a manifest names, as the options or the manifest have it: with their credentials."""
    known = [find_usual(opened, manifest, mode)]
    known += [make_index(opened, manifest, place) for place in manifest.indexes.values()]
    match = (index for index in known if index.shown == shown)
    return next(match, make_index(opened, manifest, shown))


def name_index(manifest: Manifest, index: Index) -> str:
    """The name that the manifest has for an index, or the one that it is to get."""
    for name, place in manifest.indexes.items():
        if strip_credentials(place) == index.shown:
            return name
    host = index.shown.partition("://")[2].partition("/")[0].partition(":")[0]
    base = "".join(char if char.isalnum() else "-" for char in host).strip("-") or "wheels"
    names = [base, *(f"{base}-{number}" for number in range(2, len(manifest.indexes) + 3))]
    return next(name for name in names if name not in manifest.indexes)
