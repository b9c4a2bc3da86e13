"""What a pack delivers into a project: the N of every decision."""

import hashlib
import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.context import choose_variables, render_context
from claudepack.pack.tree import CONTEXTS, FRAGMENTS, Pack, PackFile
from claudepack.project.claude_md import hash_body
from claudepack.project.fragments import MCP_FILE, take_apart
from claudepack.project.fragments import Entry as Item
from claudepack.project.json_text import JSON, parse_json
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import Entry, Manifest, Value
from claudepack.project.state import given_variables


class WantedFile(NamedTuple):
    """A file as the pack delivers it. `open` is None where only the lock was asked."""

    sha256: str
    executable: bool
    open: Callable[[], BinaryIO] | None = None

    def reader(self) -> BinaryIO:
        """Its bytes.

        Raises:
            ValueError: Only the lock was asked.
        """
        if self.open is None:
            raise ValueError(f"nobody has read the file with the hash {self.sha256}")
        return self.open()

    def read(self) -> bytes:
        """The whole content."""
        with self.reader() as stream:
            return stream.read()


class Wanted(NamedTuple):
    """A pack as the project is to have it.

    Attributes:
        entry: Its lock entry but for what only the plan knows: files, adopted, context, pending.
        files: By path in the project.
        body: The rendered context; None where there is none or only the lock was asked.
        context: The hash of the body; empty where there is no context.
        fragments: What it adds to JSON files of the project, by path.
    """

    entry: LockedPack
    files: Mapping[str, WantedFile] = {}
    body: bytes | None = None
    context: str = ""
    fragments: Mapping[str, tuple[Item, ...]] = {}


def want_pack(pack: Pack, entry: Entry, manifest: Manifest, prefix: str, source: Mapping[str, str]) -> Wanted:
    """What a pack, or the part of it that a project wants, delivers, given its entry and the project's variables.

    Raises:
        ClaudepackError: A variable is missing, or the context cannot be rendered.
    """
    body: bytes = b""
    used: dict[str, Value] = {}
    if pack.context:
        used = choose_variables(pack, manifest.variables)
        body = render_context(pack, used).encode()
    files = {
        prefix + path: _want_file(pack, file, entry.override.get(path))
        for path, file in pack.files.items()
        if path not in (*FRAGMENTS, *CONTEXTS)
    }
    locked = LockedPack(
        distribution=pack.identity.distribution,
        version=pack.version,
        requested=entry.requested,
        source=dict(source),
        digest=pack.digest,
        requires=pack.identity.requires,
        variables=given_variables(manifest.variables, used),
        files={},
        executable=tuple(sorted(path for path, file in files.items() if file.executable)),
        adopted=(),
        context=None,
        pending={},
    )
    fragments = _read_fragments(pack.files, choose_settings(prefix, manifest.settings))
    return Wanted(locked, files, body or None, hash_body(body) if body else "", fragments)


def _want_file(pack: Pack, file: PackFile, fields: Mapping[str, Value] | None) -> WantedFile:
    """A file, with the project's values for fields of its frontmatter."""
    if not fields:
        return WantedFile(file.sha256, file.executable, file.open)
    data = override(pack, file, fields)
    return WantedFile(hashlib.sha256(data).hexdigest(), file.executable, partial(io.BytesIO, data))


def override(pack: Pack, file: PackFile, fields: Mapping[str, Value]) -> bytes:
    """The bytes of a file with the project's values for fields of its frontmatter.

    Raises:
        ClaudepackError: It has no frontmatter that can be changed.
    """
    from claudepack.pack.override import override_fields

    values: dict[str, JSON] = {key: list(value) if isinstance(value, list) else value for key, value in fields.items()}
    return override_fields(file.read(), values, f"{pack.name}: {file.path}")


def choose_settings(prefix: str, settings: str) -> str:
    """The file of a project that the settings of packs go into."""
    return prefix + ("settings.local.json" if settings == "local" else "settings.json")


def _read_fragments(files: Mapping[str, PackFile], settings: str) -> dict[str, tuple[Item, ...]]:
    """What a pack adds to JSON files of a project.

    Raises:
        ClaudepackError: A fragment is no object of strict JSON.
    """
    fragments: dict[str, tuple[Item, ...]] = {}
    for path, target in zip(FRAGMENTS, (settings, MCP_FILE), strict=True):
        if path in files:
            value = parse_json(files[path].read(), path)[1].value
            if not isinstance(value, dict):
                raise ClaudepackError(f"{path}:1: it is no object", code="json", hint='write { "key": … }')
            fragments[target] = tuple(take_apart(value))
    return fragments


def want_locked(pack: LockedPack) -> Wanted:
    """What a pack delivers, as its lock entry says: enough where all of it is at rest."""
    executable = frozenset(pack.executable)
    files = {path: WantedFile(sha256, path in executable) for path, sha256 in pack.files.items()}
    fragments = {path: fragment.entries for path, fragment in pack.fragments.items()}
    return Wanted(pack, files, None, pack.context.sha256 if pack.context else "", fragments)
