"""A pack as data: who it is, its files with their hashes, and what `pack.toml` says.

The readers (`directory`, `wheel`, `distribution`) make a `Pack`; nothing here touches a disk. On the way of a run
that changes nothing, where a pack comes from a directory: named tuples here.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.hashing import CHUNK
from claudepack.pack.identity import Identity
from claudepack.pack.settings import PackSettings, read_settings
from claudepack.paths import COMPONENT_FOLDERS, find_collision, find_fault

FRAGMENTS = ("settings.json", "mcp.json")
CONTEXTS = ("CLAUDE.md", "CLAUDE.md.j2")
SETTINGS = "pack.toml"
_TEXTS = (".md", ".md.j2")
CHANGELOG = "CHANGELOG.md"
META = (SETTINGS, CHANGELOG)

_REFERENCE = b".claude/"

MAX_FILES = 50_000
MAX_BYTES = 1 << 30


class PackFile(NamedTuple):
    """One file of a pack, as it was when it was hashed.

    Attributes:
        path: Relative to the pack.
        sha256: Of its bytes.
        size: In bytes.
        executable: Whether its owner may execute it; a text for a model is no program, whatever its mode.
        open: Gives its bytes anew at each call.
        is_script: Whether it begins with `#!`.
        is_ascii: Whether all its bytes are ASCII, so that nothing can hide in it.
        refers: Whether it may refer to a folder of a project (`@.claude/…`).
    """

    path: str
    sha256: str
    size: int
    executable: bool
    open: Callable[[], BinaryIO]
    is_script: bool
    is_ascii: bool
    refers: bool

    def read(self) -> bytes:
        """The whole content."""
        with self.open() as stream:
            return stream.read()


class Pack(NamedTuple):
    """A pack, read and known to be well-formed; what its components mean is for `components` and `check`.

    Attributes:
        identity: Name, distribution, version, summary and requirements.
        settings: What `pack.toml` says.
        files: The files that are installed or merged, by path; what is for people is not among them.
        meta: `pack.toml` and `CHANGELOG.md`, where they are: read by this tool, not installed.
        digest: SHA-256 over all paths and hashes, `pack.toml` included: two packs with one digest install
            the same bytes, whatever place they came from.
    """

    identity: Identity
    settings: PackSettings
    files: Mapping[str, PackFile]
    meta: Mapping[str, PackFile]
    digest: str

    @property
    def name(self) -> str:
        """The name that a project's manifest knows the pack by."""
        return self.identity.name

    @property
    def version(self) -> str:
        """The version, as the distribution spells it."""
        return self.identity.version

    @property
    def context(self) -> PackFile | None:
        """The file that holds the context for CLAUDE.md, if the pack has one."""
        return next((self.files[name] for name in CONTEXTS if name in self.files), None)


def is_pack_path(path: str) -> bool:
    """Whether a file of a pack's folder belongs to the pack, rather than to its people or its tools."""
    top, _, rest = path.partition("/")
    if not rest:
        return path in (*FRAGMENTS, *CONTEXTS, *META)
    return top in COMPONENT_FOLDERS and not is_junk(path)


def is_junk(path: str) -> bool:
    """Whether a file is what systems and tools leave about: hatchling leaves the same out of a wheel."""
    parts = path.split("/")
    return (
        "__pycache__" in parts
        or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")
        or parts[-1].endswith((".pyc", ".pyo", ".pyd", "~"))
    )


def take_file(path: str, data: bytes, open_file: Callable[[], BinaryIO], *, executable: bool) -> PackFile:
    """Hash one file of a pack, given all its bytes."""
    return PackFile(
        path,
        hashlib.sha256(data).hexdigest(),
        len(data),
        executable and not path.endswith(_TEXTS),
        open_file,
        is_script=data.startswith(b"#!"),
        is_ascii=data.isascii(),
        refers=_REFERENCE in data,
    )


def read_file(path: str, open_file: Callable[[], BinaryIO], *, executable: bool) -> PackFile:
    """Hash one file of a pack.

    Raises:
        OSError: The file cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    is_script, is_ascii, refers = False, True, False
    with open_file() as stream:
        while chunk := stream.read(CHUNK):
            is_script |= not size and chunk.startswith(b"#!")
            is_ascii &= chunk.isascii()
            refers |= _REFERENCE in chunk or len(chunk) == CHUNK  # it may stand across two of them
            digest.update(chunk)
            size += len(chunk)
    executable = executable and not path.endswith(_TEXTS)
    return PackFile(path, digest.hexdigest(), size, executable, open_file, is_script, is_ascii, refers)


def make_pack(identity: Identity, files: Iterable[PackFile], where: str) -> Pack:
    """Put a pack together from what a reader found.

    Args:
        identity: Who the pack is.
        files: Everything for which `is_pack_path` holds.
        where: The place, for messages.

    Raises:
        ClaudepackError: A path is unfit, two collide, or `pack.toml` cannot be read.
    """
    by_path = {file.path: file for file in sorted(files, key=lambda file: file.path)}
    for path in by_path:
        check_path(path, where)
    if clash := find_collision(by_path):
        raise ClaudepackError(
            f"{where}: {clash[0]!a} and {clash[1]!a} are one file on systems that fold case, or normalise",
            code="path",
            hint="rename one of them",
        )
    if all(name in by_path for name in CONTEXTS):
        raise ClaudepackError(
            f"{where}: CLAUDE.md and CLAUDE.md.j2 are both there, and a pack has one context",
            code="pack",
            hint="keep CLAUDE.md.j2 if it has variables, else CLAUDE.md",
        )
    meta = {name: by_path.pop(name) for name in META if name in by_path}
    settings = [meta[SETTINGS]] if SETTINGS in meta else []
    parsed = read_settings(settings[0].read() if settings else b"", f"{where}/{SETTINGS}")
    return Pack(identity, parsed, by_path, meta, compute_digest([*by_path.values(), *settings]))


def check_path(path: str, where: str) -> None:
    """Refuse a path that must not be in a pack.

    Raises:
        ClaudepackError: With the code `path`.
    """
    if fault := find_fault(path):
        raise ClaudepackError(
            f"{where}: {path!r} cannot be in a pack: {fault}",
            code="path",
            hint="rename the file; a pack is read on every system",
        )


def compute_digest(files: Iterable[PackFile]) -> str:
    """SHA-256 over the paths and hashes of files, in the order of their paths."""
    lines = sorted(f"{file.path}\0{file.sha256}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
