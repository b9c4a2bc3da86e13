"""What a pack says of itself, as rules read it: also where the pack as a whole cannot be read."""

import re
import tomllib
from collections.abc import Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.fault import Fault
from claudepack.lint.subject import File, Subject
from claudepack.pack.directory import PYPROJECT
from claudepack.pack.identity import Identity, read_pyproject
from claudepack.pack.settings import PackSettings, read_settings
from claudepack.pack.tree import CONTEXTS, SETTINGS, Pack, PackFile

README = "README.md"
_LINE = re.compile(r"(.*?):(\d+): (.*)", re.DOTALL)


def read_identity(subject: Subject) -> Identity | ClaudepackError | None:
    """What `pyproject.toml` says; None where there is none, as of a pack that comes from a wheel, or none to read."""
    if PYPROJECT not in subject.files or subject.read(PYPROJECT).is_unread:
        return None
    try:
        return read_pyproject(subject.read(PYPROJECT).data, PYPROJECT)
    except ClaudepackError as error:
        return error


def read_table(subject: Subject) -> Mapping[str, object]:
    """All of `pyproject.toml`; nothing where it is no TOML."""
    if PYPROJECT not in subject.files:
        return {}
    try:
        return tomllib.loads(subject.read(PYPROJECT).content)
    except (ValueError, RecursionError):
        return {}  # PK001 says so


def read_pack_settings(subject: Subject) -> PackSettings | ClaudepackError:
    """What `pack.toml` says, or why it cannot be read."""
    if subject.pack:
        return subject.pack.settings
    try:
        return read_settings(subject.read(SETTINGS).data if SETTINGS in subject.files else b"", SETTINGS)
    except ClaudepackError as error:
        return error


def as_pack(subject: Subject) -> Pack:
    """What is checked, as far as a context needs a pack."""
    settings = read_pack_settings(subject)
    texts = [subject.read(path) for path in CONTEXTS if path in subject.files]
    files = {text.path: _as_pack_file(text.file) for text in texts if not text.failure}
    read = settings if isinstance(settings, PackSettings) else PackSettings()
    return Pack(Identity("", "", "0", "", (), ""), read, files, {}, "")


def _as_pack_file(file: File) -> PackFile:
    return PackFile(file.path, "", file.size, False, file.open, False, False, False)  # noqa: FBT003 - a named tuple


def find_line(subject: Subject, path: str, said: str) -> int:
    """The first line of a file that holds a text; 0 where none does."""
    lines = subject.read(path).lines if path in subject.files else []
    return next((number for number, line in enumerate(lines, start=1) if said in line), 0)


def as_fault(error: ClaudepackError, path: str) -> Fault:
    """An error of a reader, which names the file and maybe the line."""
    rest = error.message.removeprefix(f"{path}: ")
    match = _LINE.fullmatch(error.message)
    if match and match[1] == path:
        return Fault(match[3], error.hint, int(match[2]), path=path)
    return Fault(rest, error.hint, path=path)
