"""What Claude Code reads in a project and no pack has brought: agents, skills, hooks, servers, permission rules."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.pack.components import place
from claudepack.paths import COMPONENT_FOLDERS
from claudepack.project.disk import read_bytes, walk_files
from claudepack.project.fragments import MCP_FILE, SETTINGS_FILES, Entry, load_json, take_apart
from claudepack.project.location import Project
from claudepack.project.lock import Lock, own_file

if TYPE_CHECKING:
    from claudepack.project.json_text import JSON

HOOK, PROGRAM, SERVER, PERMISSION = "hook", "hook program", "MCP server", "permission rule"
_MOST_LINES = 5000  # of a longer text only its equals are found
_SHOWN = 80
_HEAD = 1 << 14  # as much of a file as its frontmatter may have


@dataclass(frozen=True)
class Unmanaged:
    """One thing that is in no lock.

    Attributes:
        kind: What it is.
        name: What the client, or a person, knows it by.
        path: Its file, or its folder with a `/` at the end, relative to the project.
        sha256: Equal for equal bytes, but perhaps for their line endings.
        lines: Its lines as numbers, equal for equal lines: sorted, each once.
    """

    kind: str
    name: str
    path: str
    sha256: str
    lines: tuple[int, ...]


def find_unmanaged_files(project: Project, lock: Lock) -> list[Unmanaged]:
    """The components of a project that are in no lock, in the order of their paths.

    A skill that a pack has brought is the pack's, whatever else lies in its folder.

    Raises:
        OSError: One of them cannot be read.
    """
    known = _list_known(project, lock)
    groups: dict[tuple[str, str], list[str]] = {}
    for folder in COMPONENT_FOLDERS:
        for path in walk_files(project, project.prefix + folder):
            if spot := place(path.removeprefix(project.prefix)):
                groups.setdefault(spot, []).append(path)
    return [
        _make_component(project, PROGRAM if kind == "hook" else kind, project.prefix + head, files)
        for (kind, head), files in sorted(groups.items(), key=lambda item: item[0][1])
        if known.isdisjoint(files)
    ]


def find_unmanaged_entries(project: Project, lock: Lock, path: str) -> list[Unmanaged]:
    """The hooks, permission rules and MCP servers in a JSON file of the project that are in no lock.

    Raises:
        ClaudepackError: It is no strict JSON, which the client would drop.
        OSError: It cannot be read.
    """
    data = read_bytes(project, path)
    if data is None:
        return []
    known = {entry for pack in lock.packs.values() if path in pack.fragments for entry in pack.fragments[path].entries}
    found = (entry for entry in take_apart(load_json(data, path)) if entry not in known)
    return [item for entry in found if (item := _make_entry(path, entry))]


def list_json_files(project: Project) -> list[str]:
    """The files that `find_unmanaged_entries` is to be asked about."""
    return [*(project.prefix + name for name in SETTINGS_FILES), *([MCP_FILE] if project.prefix else [])]


def _list_known(project: Project, lock: Lock) -> set[str]:
    known: set[str] = set()
    for name, pack in lock.packs.items():
        known |= {*pack.files, *pack.pending}
        if pack.context:
            known |= {pack.context.file, own_file(name, pack.context.mode, pack.context.file, project.prefix)}
    return known


def _make_component(project: Project, kind: str, head: str, files: list[str]) -> Unmanaged:
    contents = {path.removeprefix(head): _read(project, path) for path in files}
    plain = [data.replace(b"\r\n", b"\n") for data in contents.values()]
    if head.endswith("/"):
        listed = zip(contents, map(_hash, plain), strict=True)
        sha256 = _hash("".join(f"{path}\0{known}\0" for path, known in listed).encode(errors="surrogateescape"))
    else:
        sha256 = _hash(plain[0])
    name = _name(kind, head.removeprefix(project.prefix).partition("/")[2].rstrip("/"), plain[0])
    return Unmanaged(kind, name, head, sha256, _number(line for data in plain for line in _split(data)))


def _read(project: Project, path: str) -> bytes:
    """The bytes of a file; of a link that leads out of the project, or nowhere, where it leads."""
    target = project.locate(path)
    try:
        return read_bytes(project, path) or b""
    except ClaudepackError:
        if os.path.islink(target):  # noqa: PTH114 - the project's paths are strings
            return os.fsencode(os.readlink(target))  # noqa: PTH115 - likewise
        raise


def _name(kind: str, below: str, data: bytes) -> str:
    name = below.removesuffix(".md")
    if kind == "agent":
        return _read_agent_name(data[:_HEAD]) or name.rpartition("/")[2]
    return name.replace("/", ":") if kind == "command" else below if kind == PROGRAM else name


@lru_cache(maxsize=4096)
def _read_agent_name(head: bytes) -> str:
    """The name in an agent's frontmatter; of a thousand copies one is parsed."""
    from claudepack.pack.frontmatter import read_document

    try:
        name = read_document(head, "").metadata.get("name")
    except ClaudepackError:
        return ""  # the client would skip it; its file has a name, too
    return name if isinstance(name, str) else ""


def _make_entry(path: str, entry: Entry) -> Unmanaged | None:
    """An entry that makes the client do something; None for a plain setting."""
    import json

    value: JSON = json.loads(entry.text)
    at = entry.at
    if value in ({}, []):
        return None
    if path == MCP_FILE:
        if at[0] != "mcpServers" or len(at) == 1:
            return None
        kind, name = SERVER, at[1]
    elif at[0] == "hooks":
        kind, name = HOOK, _describe_hook(at[1:], value)
    elif at[0] == "permissions":
        kind, name = PERMISSION, " ".join([*at[1:], value if isinstance(value, str) else entry.text])
    else:
        return None
    whole = f"{'.'.join(at)} {entry.text}".encode()
    leaves = (f"{'.'.join(leaf.at)} {leaf.text}".encode() for leaf in take_apart(value, ("",)))
    return Unmanaged(kind, _shorten(name or entry.text), path, _hash(whole), _number(leaves))


def _describe_hook(at: tuple[str, ...], group: "JSON") -> str:
    """A hook as a person knows it: its event, what it is for, and what is run."""
    words = list(at)
    if isinstance(group, dict):
        words += [str(group["matcher"])] if group.get("matcher") else []
        hooks = group.get("hooks")
        commands = [hook.get("command") for hook in hooks if isinstance(hook, dict)] if isinstance(hooks, list) else []
        words += ["; ".join(str(command) for command in commands if command)]
    return " ".join(word for word in words if word)


def _shorten(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _split(data: bytes) -> Iterator[bytes]:
    """The lines that say something; none of what is no text."""
    if b"\0" not in data:
        yield from (text for line in data.split(b"\n") if (text := line.strip()))


def _number(lines: Iterable[bytes]) -> tuple[int, ...]:
    numbers = {_hash_line(line) for line in lines}
    return tuple(sorted(numbers)) if len(numbers) <= _MOST_LINES else ()


@lru_cache(maxsize=1 << 16)
def _hash_line(line: bytes) -> int:
    """A line as a number, the same in every process; copies of it share one object."""
    return int.from_bytes(hashlib.blake2b(line, digest_size=8).digest())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
