"""The packs of a run: found once for each question, however many repositories ask it.

A repository asks by its manifest, and by the packs that its lock pins. Files play no part: what is absent is restored
from the cache, like anywhere else.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future
from typing import NamedTuple

from claudepack.commands.finding import Search, find_updates
from claudepack.commands.options import Mode, Opened
from claudepack.project.location import Project
from claudepack.project.lock import Lock, LockedPack
from claudepack.project.manifest import Manifest
from claudepack.project.state import Seen
from claudepack.source.cache import locate_cache
from claudepack.source.places import Found

_MOST = 256
_known: OrderedDict[str, "Future[Mapping[str, Found]]"] = OrderedDict()
_guard = threading.Lock()


class Question(NamedTuple):
    """What a repository asks: which packs do its manifest and its lock come to?"""

    manifest: Manifest
    pins: Lock
    mode: Mode
    is_update: bool
    run: str

    @property
    def is_shared(self) -> bool:
        """Whether the answer is the same for every repository that asks: a path leads to another place in each."""
        return not any(entry.path for entry in self.manifest.packs.values()) and all(
            "://" in place for place in self.manifest.indexes.values()
        )

    @property
    def key(self) -> str:
        """The same for the same question."""
        packs = {name: entry.requested for name, entry in self.manifest.packs.items()}
        manifest = [packs, dict(self.manifest.indexes), self.manifest.minimum_age]
        pins = {name: (*pack[:6], pack.ahead) for name, pack in self.pins.packs.items()}
        mode = [self.mode.offline, self.mode.index_url]
        asked = [manifest, pins, mode, self.is_update, self.run]
        return hashlib.sha256(json.dumps(asked, default=dict).encode()).hexdigest()


def ask(opened: Opened, manifest: Manifest, mode: Mode, *, is_update: bool, run: str) -> Question:
    """The question of a repository."""
    return Question(manifest, pin_lock(opened.lock), mode, is_update, run)


def pin_lock(lock: Lock) -> Lock:
    """A lock without its files."""
    return Lock({name: _pin(pack) for name, pack in lock.packs.items()}, ())


def find_packs(question: Question) -> Mapping[str, Found]:
    """The packs that have to be read to answer a question; those at rest with their pins are not among them.

    Raises:
        ClaudepackError: One cannot be had. Whoever asks the same is told the same.
    """
    with _guard:
        future = _known.get(question.key)
        is_first = future is None
        if future is None:
            future = _known[question.key] = Future()
            if len(_known) > _MOST:
                _known.popitem(last=False)
    if is_first:
        try:
            future.set_result(_find(question))
        except BaseException as error:  # noqa: BLE001 - it is raised to everybody who waits, here first
            future.set_exception(error)
    if why := future.exception():
        raise why.with_traceback(None)  # whoever was told before is not kept with it
    return future.result()


def list_versions(found: Mapping[str, Found]) -> dict[str, list[str]]:
    """An answer in short, to tell it from another."""
    return {name: [here.pack.version, here.pack.digest] for name, here in sorted(found.items())}


def _find(question: Question) -> Mapping[str, Found]:
    nowhere = Project(str(locate_cache() / "fleet" / "no-project"), ".claude/", "")
    lock_bytes = b"" if question.pins.packs else None
    opened = Opened(nowhere, question.manifest, question.pins, has_manifest=True, lock_bytes=lock_bytes, seen=Seen())
    if question.is_update:
        return find_updates(opened, [], question.mode)
    search = Search(opened, question.manifest, question.mode, {})
    search.run()
    return search.read


def _pin(pack: LockedPack) -> LockedPack:
    return pack._replace(files={}, executable=(), adopted=(), context=None, pending={}, fragments={})
