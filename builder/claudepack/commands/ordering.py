"""What `install` is asked for, put into the text of the manifest."""

import os
from collections.abc import Mapping
from pathlib import Path

from claudepack.commands.options import Mode, Opened
from claudepack.errors import ClaudepackError
from claudepack.pack.directory import find_pack
from claudepack.pack.identity import PLAIN_VERSION
from claudepack.project.manifest import REFS, SOURCES, parse_manifest
from claudepack.project.manifest_text import set_index, set_pack
from claudepack.source.places import Found, find_here, find_path
from claudepack.source.requirement import parse_requirement
from claudepack.urls import strip_credentials

# An entry has one source: a new one takes the place of the other's keys.
_NO_SOURCE: dict[str, str | list[str]] = dict.fromkeys((*SOURCES, *REFS, "index", "subdirectory", "plugin"), "")


class Order:
    """The packs of a command line, as they are put into the text of the manifest."""

    def __init__(self, opened: Opened, mode: Mode, given: Mapping[str, list[str]], text: str) -> None:
        self.opened, self.mode, self.text = opened, mode, text
        self.found: dict[str, Found] = {}
        self._lists = {key: words for key, words in given.items() if words}
        self._root = Path(opened.project.root)
        self._unversioned: list[str] = []

    def add(self, word: str) -> None:
        """Put in what one word asks for; of what an index has to be asked for, only that it is wanted."""
        asked = parse_requirement(word)
        if asked.path:
            relative = self._relate(asked.path)
            self._take(find_path(relative, self._root), {"path": relative})
            return
        if asked.git:
            from claudepack.source.checkout import find_repository

            found, pin = find_repository(asked.git, offline=self.mode.offline)
            within = {"subdirectory": asked.git.subdirectory, "plugin": asked.git.plugin}
            fields = {"git": strip_credentials(asked.git.url), **within}
            self._take(found, {**fields, **({pin.kind: pin.name} if pin.kind else {})})
            return
        entry = parse_manifest(self.text).packs.get(asked.name)
        own_index = self._index_fields() or ({"index": entry.index_name} if entry and entry.index_name else {})
        if entry is not None and not asked.specifier and own_index.get("index", "") == entry.index_name:
            self.text = set_pack(self.text, asked.name, self._join_lists(asked.name)) if self._lists else self.text
            return
        here = None if own_index else find_here(asked.name, asked.specifier, self._root)
        if here:
            self._take(here, {"version": asked.specifier or _default_range(here.pack.version)})
            return
        specifier = asked.specifier or (entry.version if entry else "")
        self._unversioned += [] if specifier else [asked.name]
        fields = {"version": specifier or ">=0", **own_index}
        self.text = set_pack(self.text, asked.name, {**_NO_SOURCE, **self._join_lists(asked.name), **fields})

    def ask_indexes(self) -> None:
        """Find what was not here, and write the range of versions that it is in."""
        if not self._unversioned:
            return
        from claudepack.commands.finding import Search

        search = Search(self.opened, parse_manifest(self.text), self.mode, self.found)
        search.run()
        self.found |= search.read
        for name in self._unversioned:
            self.text = set_pack(self.text, name, {"version": _default_range(self.found[name].pack.version)})

    def _relate(self, path: str) -> str:
        """A path as the manifest is to have it."""
        relative = Path(os.path.relpath(os.path.abspath(path), self._root)).as_posix()
        if relative in (".", ".claude") and not find_pack(self._root / relative, relative):
            raise ClaudepackError(
                f"{path}: this is where packs are installed, not one of them",
                code="usage",
                hint=f"claudepack import {path} makes a pack of it",
            )
        try:
            relative.encode()
        except UnicodeEncodeError as error:
            raise ClaudepackError(
                f"{relative}: the manifest is UTF-8, and this path is not",
                code="path",
                hint="rename it; if it is UTF-8: set LC_ALL=C.UTF-8",
            ) from error
        return relative

    def _take(self, found: Found, fields: Mapping[str, str]) -> None:
        name = found.pack.name
        self.found[name] = found
        self.text = set_pack(self.text, name, {**_NO_SOURCE, **self._join_lists(name), **fields})

    def _join_lists(self, name: str) -> dict[str, str | list[str]]:
        """What was given on the command line, beside what is there of each."""
        entry = parse_manifest(self.text).packs.get(name)
        there = {"allow": entry.allow, "only": entry.only, "exclude": entry.exclude} if entry else {}
        return {key: list(dict.fromkeys([*there.get(key, ()), *words])) for key, words in self._lists.items()}

    def _index_fields(self) -> dict[str, str]:
        """Where the options name an index, it is written down: a pack goes on to come from there."""
        if not (self.mode.index_url or self.mode.find_links):
            return {}
        from claudepack.commands.indexes import find_usual, name_index  # pip's whole room

        manifest = parse_manifest(self.text)
        index = find_usual(self.opened, manifest, self.mode)
        name = name_index(manifest, index)
        if name not in manifest.indexes:
            self.text = set_index(self.text, name, index.shown)
        return {"index": name}


def _default_range(version: str) -> str:
    if PLAIN_VERSION.fullmatch(version):
        major, minor, *_ = (*version.split("."), "0")
        return f">={major}.{minor},<{int(major) + 1}"
    from packaging.version import Version

    parsed = Version(version)
    lowest = str(parsed) if parsed.is_prerelease else f"{parsed.major}.{parsed.minor}"
    return f">={lowest},<{parsed.major + 1}"
