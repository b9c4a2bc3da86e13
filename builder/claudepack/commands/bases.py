"""The base of a file, found again: in the user's cache, in the project's git history, at the pack's pinned source."""

import hashlib
import json
import threading
from collections.abc import Mapping

from claudepack.commands.options import Mode, Opened
from claudepack.commands.pins import Pins
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.context import choose_variables, render_context
from claudepack.pack.tree import Pack, PackFile
from claudepack.plan.beside import block_key, conflict_path
from claudepack.plan.merge import match_newlines
from claudepack.plan.wanted import override
from claudepack.project.claude_md import hash_body, parse_claude_md
from claudepack.project.disk import read_bytes
from claudepack.project.history import find_in_history
from claudepack.project.lock import LockedPack, own_file
from claudepack.project.manifest import read_requested
from claudepack.source.cache import Kept, list_kept, open_kept

# Pins that no place has any more: of a thousand projects with the same lock, the first asks an index. What is here may
# be there again, as what `sync --watch` watches.
_absent: set[str] = set()
_guard = threading.Lock()


class Bases:
    """The packs that are locked, as they were when they were installed; each is read once.

    Args:
        opened: The project.
        mode: Says which index is asked for what only an index has, and whether one may be.
    """

    def __init__(self, opened: Opened, mode: Mode) -> None:
        self.opened, self.mode = opened, mode
        self.kept: dict[tuple[str, str], Kept | None] = {}
        self.pinned: dict[str, Pack | None] = {}

    def find(self, name: str, path: str, sha256: str) -> bytes | None:
        """The bytes with a hash that a pack delivered to a path; None if nobody has them any more.

        The pack is the one that delivers it now; another may have done so before.
        """
        others = [other for other, pack in self.opened.lock.packs.items() if pack.files.get(path) == sha256]
        for giver in dict.fromkeys([name, *others]):
            for source in (self._find_beside, self._find_kept, self._find_in_history, self._find_pinned):
                if (data := source(giver, path, sha256)) is not None:
                    return data
        return None

    def find_pack(self, name: str) -> Pack | None:
        """The locked pack, from the cache or its pinned source; opening a file of it may raise an `IntegrityError`."""
        locked = self.opened.lock.packs.get(name)
        if locked is None:
            return None
        kept = self._open_kept(name, locked.digest)
        return kept.pack if kept else self._read_pinned(name, locked)

    def find_passed(self, pack: Pack) -> Mapping[str, str]:
        """By their paths, the hashes of files of a pack that the gate of this claudepack has let pass before."""
        locked = self.opened.lock.packs.get(pack.name)
        for digest in (pack.digest, *([locked.digest] if locked else [])):
            if (kept := self._open_kept(pack.name, digest)) and kept.passed:
                return {path: file.sha256 for path, file in kept.pack.files.items()}
        return {}

    def _find_beside(self, name: str, path: str, sha256: str) -> bytes | None:
        """From an open conflict, beside which it lies."""
        key = block_key(path, name) if self._is_block(name, path) else path
        data = read_bytes(self.opened.project, conflict_path(key, "base"))
        return None if data is None else self._match(name, path, data, sha256)

    def _find_kept(self, name: str, path: str, sha256: str) -> bytes | None:
        """From the locked pack, else from an earlier one: the base of an open conflict is older than the lock."""
        locked = self.opened.lock.packs.get(name)
        for digest in dict.fromkeys([*([locked.digest] if locked else []), *list_kept(name)]):
            kept = self._open_kept(name, digest)
            try:
                data = self._extract(kept.pack, name, path, sha256) if kept else None
            except IntegrityError:
                continue  # the cache's file has other bytes by now
            if data is not None:
                return data
        return None

    def _find_pinned(self, name: str, path: str, sha256: str) -> bytes | None:
        locked = self.opened.lock.packs.get(name)
        return self._extract(self._read_pinned(name, locked), name, path, sha256) if locked else None

    def _open_kept(self, name: str, digest: str) -> Kept | None:
        if (name, digest) not in self.kept:
            self.kept[name, digest] = open_kept(name, digest)
        return self.kept[name, digest]

    def _read_pinned(self, name: str, locked: LockedPack) -> Pack | None:
        if name not in self.pinned:
            # A path leads elsewhere from another project.
            root = self.opened.project.root if "path" in locked.source else ""
            places = (root, locked.source, self.opened.manifest.indexes, self.mode.index_url, self.mode.find_links)
            pin = json.dumps([name, locked.digest, *places, self.mode.offline], default=dict)
            with _guard:
                found = self._find_pin(name, locked, self.mode._replace(offline=self.mode.offline or pin in _absent))
                if found is None:  # the conflict says that there is no base
                    _absent.add(pin)
            self.pinned[name] = found
        return self.pinned[name]

    def _find_pin(self, name: str, locked: LockedPack, mode: Mode) -> Pack | None:
        try:
            return Pins(self.opened, self.opened.manifest, mode).find(name, locked).pack
        except ClaudepackError:
            return None

    def _extract(self, pack: Pack | None, name: str, path: str, sha256: str) -> bytes | None:
        if pack is None:
            return None
        if self._is_context(name, path):
            data = self._render(pack, name)
            return data if hash_body(data) == sha256 else None
        file = pack.files.get(path.removeprefix(self.opened.project.prefix))
        if file is None or file.sha256 == sha256:
            return file.read() if file else None
        return self._override(pack, file, name, sha256)

    def _override(self, pack: Pack, file: PackFile, name: str, sha256: str) -> bytes | None:
        """The file as it was delivered with the project's values of that time, which the lock has."""
        locked = self.opened.lock.packs.get(name)
        try:
            fields = read_requested(name, locked.requested).override.get(file.path) if locked else None
            data = override(pack, file, fields) if fields else b""
        except ClaudepackError:
            return None  # not the pack that the lock means
        return data if _hash(data) == sha256 else None

    def _render(self, pack: Pack, name: str) -> bytes:
        """The context as it was: with the variables that the lock says it was rendered with."""
        locked = self.opened.lock.packs.get(name)
        given = {key: value for key, value in locked.variables.items() if value is not None} if locked else {}
        try:
            return render_context(pack, choose_variables(pack, given)).encode()
        except ClaudepackError:
            return b""  # not the pack that the lock means

    def _is_context(self, name: str, path: str) -> bool:
        locked = self.opened.lock.packs.get(name)
        context = locked.context if locked else None
        own = own_file(name, context.mode, context.file, self.opened.project.prefix) if context else ""
        return context is not None and path in (context.file, own)

    def _find_in_history(self, name: str, path: str, sha256: str) -> bytes | None:
        def accept(data: bytes) -> bytes | None:
            found = self._match(name, path, data, sha256)
            return _find_body(data, name, sha256) if found is None and self._is_context(name, path) else found

        paths = [path, *self._list_contexts(name)] if self._is_context(name, path) else [path]
        versions = (find_in_history(self.opened.project, file, accept) for file in dict.fromkeys(paths))
        return next((found for found in versions if found is not None), None)

    def _list_contexts(self, name: str) -> list[str]:
        """Wherever a pack's context may have been: the mode may have been another at that time."""
        prefix = self.opened.project.prefix
        rule = f"{prefix}rules/claudepack-{name}.md"
        return ["CLAUDE.md", f"{prefix}CLAUDE.md", rule, own_file(name, "import", "", prefix)]

    def _match(self, name: str, path: str, data: bytes, sha256: str) -> bytes | None:
        """The text, with whichever line endings give it the hash."""
        hash_text = hash_body if self._is_context(name, path) else _hash
        texts = (data, match_newlines(data, b"\n"), match_newlines(data, b"\r\n"))
        return next((text for text in texts if hash_text(text) == sha256), None)

    def _is_block(self, name: str, path: str) -> bool:
        locked = self.opened.lock.packs.get(name)
        return bool(locked and locked.context and locked.context.mode == "inline" and path == locked.context.file)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _find_body(data: bytes, name: str, sha256: str) -> bytes | None:
    try:
        document = parse_claude_md(data)
    except ClaudepackError:
        return None  # UTF-16 in the past: it holds no block
    bodies = (document.body(block) for block in document.blocks.get(name, ()))
    return next((body for body in bodies if hash_body(body) == sha256), None)
