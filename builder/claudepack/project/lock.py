"""`claudepack.lock`: what was installed. JSON, one entry a line, nothing in it of a machine or a time."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.paths import COMPONENT_FOLDERS, is_confined
from claudepack.project.fragments import MCP_FILE, SETTINGS_FILES, LockedFragment, dump_fragment, read_fragment
from claudepack.project.location import LOCK, Project
from claudepack.project.manifest import MODES, Value

if TYPE_CHECKING:
    from packaging.version import Version

FORMAT = 1
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_MARKERS = ("<<<<<<< ", ">>>>>>> ")
# By the kind of place a pack is from: what pins it there.
_PINS: Mapping[str, tuple[str, ...]] = {
    "bundled": (),
    "environment": (),
    "path": ("path",),
    "archive": ("path", "sha256"),
    "git": ("url", "commit"),
    "index": ("sha256",),
}


class LockedContext(NamedTuple):
    """The context that a pack has in the project.

    Attributes:
        mode: `inline`, `rules` or `import`.
        file: Where it stands, relative to the project.
        sha256: Of its body as the pack delivered it, with LF.
        created: Whether this tool made the file.
        before: What this tool put between the text that was there and the block.
    """

    mode: str
    file: str
    sha256: str
    created: bool
    before: str


def own_file(name: str, mode: str, file: str, prefix: str) -> str:
    """The file that holds nothing but a pack's context; empty where the context is a block's body."""
    return {"rules": file, "import": f"{prefix}context/{name}.md"}.get(mode, "")


class LockedPack(NamedTuple):
    """A pack as installed. The paths are relative to the project.

    Attributes:
        distribution: What an index knows it by.
        version: The installed version.
        requested: The manifest's entry at that time.
        source: The kind of place, and what pins it.
        digest: The pack's digest.
        requires: Its requirements on other packs.
        variables: What its context uses; None where the pack's default was taken.
        files: The base of each file: its SHA-256 as delivered.
        executable: The files that were delivered with an exec bit.
        adopted: The files that were there before, with these bytes; they stay after.
        context: Where its context went, if it has one.
        pending: The files with an open conflict, and the SHA-256 of what the pack delivers.
        fragments: What it has in JSON files of the project, by path.
        ahead: Whether this is pinned and not installed yet: the files are those of what was there before.
    """

    distribution: str
    version: str
    requested: str
    source: Mapping[str, str]
    digest: str
    requires: tuple[str, ...]
    variables: Mapping[str, Value | None]
    files: Mapping[str, str]
    executable: tuple[str, ...]
    adopted: tuple[str, ...]
    context: LockedContext | None
    pending: Mapping[str, str]
    fragments: Mapping[str, LockedFragment] = {}
    ahead: bool = False


class Lock(NamedTuple):
    """All installed packs, and the directories that this tool made for them."""

    packs: Mapping[str, LockedPack]
    directories: tuple[str, ...]


EMPTY = Lock({}, ())


def read_lock(project: Project) -> bytes | None:
    """The bytes of the project's lock, None where it has none.

    Raises:
        ClaudepackError: It is no file.
    """
    try:
        return read_plain(project.locate(LOCK), LOCK)
    except FileNotFoundError:
        return None


def load_lock(project: Project) -> Lock:
    """What the project's lock says; nothing where it has none.

    Raises:
        ClaudepackError: It cannot be read; the message names the way out.
    """
    data = read_lock(project)
    return EMPTY if data is None else parse_lock(data, project.prefix)


def parse_lock(data: bytes, prefix: str = ".claude/") -> Lock:
    """Read the bytes of a lock, and believe nothing: it comes from a repository.

    Args:
        data: The file.
        prefix: What stands before the path of a component.

    Raises:
        ClaudepackError: It cannot be read; the message names the way out.
    """
    try:
        text = data.decode("utf-8")
        document = json.loads(text)
        if "\\u" in text:  # half a surrogate pair is JSON, and no text
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and any(line.startswith(_MARKERS) for line in text.splitlines()):
            raise _unreadable(
                "it holds git's conflict markers",
                "take either side (git checkout --ours claudepack.lock), then: claudepack sync",
            ) from error
        raise _unreadable(f"not JSON: {error}", f"git show HEAD:{LOCK} > {LOCK}, then: claudepack sync") from error
    written = document.get("format") if isinstance(document, dict) else None
    if isinstance(written, int) and written > FORMAT:
        raise ClaudepackError(
            f"{LOCK}: format {written}, and this claudepack knows format {FORMAT}",
            code="format",
            hint="upgrade claudepack",
        )
    try:
        lock = Lock(
            {name: _read_pack(entry) for name, entry in document["packs"].items()},
            tuple(document["directories"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _unreadable(
            f"not a lock of format {FORMAT}: {error}", f"git show HEAD:{LOCK} > {LOCK}, then: claudepack sync"
        ) from error
    _refuse_misnamed(lock)
    _refuse_unpinned(lock)
    _refuse_escapes(lock, prefix)
    return lock


def read_version(name: str, pack: LockedPack) -> "Version":
    """The version of a pack, to be compared.

    Raises:
        ClaudepackError: It is none: only what compares versions needs one.
    """
    from packaging.version import InvalidVersion, Version

    try:
        return Version(pack.version)
    except InvalidVersion as error:
        raise _changed(f"{name}: {pack.version!r} is no version") from error


def dump_lock(lock: Lock) -> str:
    """The text of a lock: sorted keys, LF, one entry a line."""
    packs = {name: _dump_pack(pack) for name, pack in lock.packs.items()}
    document = {"format": FORMAT, "directories": sorted(lock.directories), "packs": packs}
    return _dump(document, "\n") + "\n"


def _dump(value: object, line: str) -> str:
    """What `json.dumps` gives with an indent of one, and sorted keys; with an indent it has no C to do that in."""
    inner = line + " "
    if isinstance(value, dict) and value:
        rows = [f"{_ENCODER.encode(key)}: {_dump(value[key], inner)}" for key in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(rows)}{line}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{f',{inner}'.join(_dump(item, inner) for item in value)}{line}]"
    return _ENCODER.encode(value)


def _dump_pack(pack: LockedPack) -> dict[str, object]:
    document: dict[str, object] = {
        **pack._asdict(),
        "context": pack.context._asdict() if pack.context else None,
        "fragments": {path: dump_fragment(fragment) for path, fragment in pack.fragments.items()},
    }
    if not pack.ahead:
        del document["ahead"]
    return document


def amend_lock(old: bytes | None, new: bytes | None, conflicts: frozenset[str]) -> bytes | None:
    """The lock of a run in which somebody else changed files: for these, the old base stays in force.

    Args:
        old: The lock before the run, None where there was none.
        new: The lock that the run would have written, None to have none.
        conflicts: The files, relative to the project.

    Returns:
        The lock to write, None to have none.
    """
    before = _load(old)
    after = _load(new)
    packs = {
        name: _amend_pack(name, before.packs.get(name), after.packs.get(name), conflicts)
        for name in dict.fromkeys([*after.packs, *before.packs])
    }
    kept = {name: pack for name, pack in packs.items() if pack is not None}
    directories = {*after.directories, *(before.directories if set(kept) - set(after.packs) else ())}
    return dump_lock(Lock(kept, tuple(directories))).encode() if kept else None


def _amend_pack(
    name: str, old: LockedPack | None, new: LockedPack | None, conflicts: frozenset[str]
) -> LockedPack | None:
    if new is None:
        blocked = _find_conflict(name, old.context, conflicts) if old else ""
        # Its context could not be taken out: that much of the pack is still there.
        return (
            old._replace(files={}, executable=(), adopted=(), pending={blocked: ""}, fragments={})
            if old and blocked
            else None
        )
    bases = old.files if old else {}
    context, former = new.context, old.context if old else None
    pending = {path: sha256 for path, sha256 in new.files.items() if path in conflicts}
    if context and (blocked := _find_conflict(name, context, conflicts)):
        pending[blocked] = context.sha256
        context = former
    fragments = {path: fragment for path, fragment in new.fragments.items() if path not in conflicts}
    for path in new.fragments.keys() & conflicts:
        pending[path] = ""
        fragments |= {path: old.fragments[path]} if old and path in old.fragments else {}
    return new._replace(
        fragments=fragments,
        files={path: bases.get(path, sha256) if path in conflicts else sha256 for path, sha256 in new.files.items()},
        context=context,
        pending={**new.pending, **pending},
    )


def _find_conflict(name: str, context: LockedContext | None, conflicts: frozenset[str]) -> str:
    """The file of a context that somebody else changed, empty where none was."""
    if context is None:
        return ""
    prefixes = (".claude/", "")
    owns = [own_file(name, context.mode, context.file, prefix) for prefix in prefixes]
    return next((path for path in (context.file, *owns) if path in conflicts), "")


def _load(data: bytes | None) -> Lock:
    # The run that calls this has read the one and made the other.
    document = json.loads(data) if data else {"packs": {}, "directories": []}
    return Lock({name: _read_pack(entry) for name, entry in document["packs"].items()}, tuple(document["directories"]))


def _read_pack(entry: Mapping[str, object]) -> LockedPack:
    context = entry["context"]
    return LockedPack(
        distribution=_text(entry["distribution"]),
        version=_text(entry["version"]),
        requested=_text(entry["requested"]),
        source=_source(entry["source"]),
        digest=_text(entry["digest"]),
        requires=_list(entry["requires"]),
        variables=_values(entry["variables"]),
        files=_texts(entry["files"]),
        executable=_list(entry["executable"]),
        adopted=_list(entry["adopted"]),
        context=_read_context(context) if isinstance(context, dict) else None,
        pending=_texts(entry["pending"]),
        fragments=_read_fragments(entry["fragments"]),
        ahead=_flag(entry.get("ahead", False)),
    )


def _read_context(entry: Mapping[str, object]) -> LockedContext:
    return LockedContext(
        mode=_text(entry["mode"]),
        file=_text(entry["file"]),
        sha256=_text(entry["sha256"]),
        created=entry["created"] is True,
        before=_text(entry["before"]),
    )


def _read_fragments(value: object) -> dict[str, LockedFragment]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} holds no fragments")
    return {path: read_fragment(fragment) for path, fragment in value.items()}


def _refuse_misnamed(lock: Lock) -> None:
    for name, pack in lock.packs.items():
        sound = name.replace("-", "").isalnum() and name == name.lower() and name.isascii()
        if not sound or pack.distribution != f"claudepack-{name}":
            raise _changed(f"{pack.distribution!r} is not the distribution of a pack {name!r}")


def _refuse_unpinned(lock: Lock) -> None:
    for name, pack in lock.packs.items():
        kind = pack.source.get("kind", "")
        if kind not in _PINS or not all(pack.source.get(key) for key in _PINS[kind]):
            raise _changed(f"{dict(pack.source)!r} does not say where {name} is from")


def _refuse_escapes(lock: Lock, prefix: str) -> None:
    folders = tuple(f"{prefix}{folder}/" for folder in COMPONENT_FOLDERS)
    for name, pack in lock.packs.items():
        for path in pack.files:
            _refuse_escape(path, path.startswith(folders))
        for path in (*pack.executable, *pack.adopted, *pack.pending):
            _refuse_escape(path, path.startswith(prefix) or path in ("CLAUDE.md", MCP_FILE))
        for path in pack.fragments:
            _refuse_escape(path, path in (MCP_FILE, *(prefix + name for name in SETTINGS_FILES)))
        if pack.context:
            places = ("CLAUDE.md", f"{prefix}CLAUDE.md", f"{prefix}rules/claudepack-{name}.md")
            sound = pack.context.file in places and pack.context.mode in MODES and not pack.context.before.strip()
            _refuse_escape(pack.context.file, sound)
    for path in lock.directories:
        _refuse_escape(path, f"{path}/".startswith((*folders, prefix or "context/")))


def _refuse_escape(path: str, allowed: bool) -> None:  # noqa: FBT001 - the verdict on the path beside it
    if not (allowed and is_confined(path)):
        raise _changed(f"{path!r} is no place of a pack in this project")


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise TypeError(f"{value!r} does not map texts to texts")
    return value


def _source(value: object) -> dict[str, str]:
    source = _texts(value)
    if any("\0" in item for item in source.values()):
        raise ValueError("a source with a NUL in it, which no path and no URL has")
    return source


def _values(value: object) -> dict[str, Value | None]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} holds no variables")
    return value


def _list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{value!r} is no list of texts")
    return tuple(value)


def _changed(why: str) -> ClaudepackError:
    return _unreadable(why, "somebody changed the lock by hand: take it from the repository's history")


def _unreadable(why: str, hint: str) -> ClaudepackError:
    return ClaudepackError(f"{LOCK}: {why}", code="lock", hint=hint)
