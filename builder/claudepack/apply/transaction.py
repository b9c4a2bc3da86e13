"""Doing the operations of a plan: all of them, or none.

Every content is written to a stage on the project's own file system, and verified; only then are the
files exchanged by renames. What stood at a path is kept in the stage until all is done, and an error
puts it back, in reverse. Signals are held while files are being exchanged.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from types import FrameType

from claudepack.apply.operations import Changes, Delete, Operation, Write
from claudepack.errors import ClaudepackError, IntegrityError

STATE = ".claudepack"
_CHUNK = 1 << 20
_IGNORE_ITSELF = "*\n"


def apply(root: str, changes: Changes) -> None:
    """Do all that a plan says, or leave the project as it was.

    Args:
        root: The absolute path of the project.
        changes: What to do.

    Raises:
        ClaudepackError: A file is not what the plan saw, or the system refuses; nothing was changed.
        IntegrityError: A content does not have the hash that it should have; nothing was changed.
        KeyboardInterrupt: Ctrl-C before the first exchange: nothing was changed; after: all was done.
        SystemExit: The same for SIGTERM.
    """
    made_root = not os.path.isdir(root)
    try:
        os.makedirs(root, exist_ok=True)
        with _termination_raised(), _stage(root) as stage:
            staged = _write_contents(root, stage, changes)
            with _signals_held():
                _Exchange(root, stage).run(changes, staged)
    except OSError as error:
        if made_root:
            with contextlib.suppress(OSError):
                os.rmdir(root)
        shown = os.path.relpath(error.filename, root) if isinstance(error.filename, str) else root
        raise ClaudepackError(
            f"{shown}: {error.strerror or error}; nothing was changed",
            code="os",
            hint="make it writable, or free some space, then run this again",
        ) from error


@contextlib.contextmanager
def _stage(root: str) -> Iterator[str]:
    """A folder beside what will be exchanged, so that a rename is possible and is atomic."""
    state = os.path.join(root, STATE)
    made = not os.path.isdir(state)
    os.makedirs(state, exist_ok=True)
    try:
        ignore = os.path.join(state, ".gitignore")
        if not os.path.exists(ignore):
            with open(ignore, "w", encoding="utf-8") as stream:
                stream.write(_IGNORE_ITSELF)
        with tempfile.TemporaryDirectory(dir=state, prefix="stage-") as stage:
            yield stage
    finally:
        if made or os.listdir(state) == [".gitignore"]:
            _remove_state(state)


def _remove_state(state: str) -> None:
    if os.listdir(state) in ([], [".gitignore"]):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(state, ".gitignore"))
        os.rmdir(state)


def _write_contents(root: str, stage: str, changes: Changes) -> dict[str, str]:
    staged: dict[str, str] = {}
    for number, operation in enumerate(changes.operations):
        if isinstance(operation, Write):
            target = os.path.join(stage, f"new-{number}")
            _write_content(operation, target)
            os.chmod(target, _choose_mode(root, operation, os.stat(target).st_mode))
            staged[operation.path] = target
    return staged


def _write_content(operation: Write, target: str) -> None:
    digest = hashlib.sha256()
    with operation.open() as source, open(target, "xb") as stream:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            stream.write(chunk)
    if digest.hexdigest() != operation.post:
        raise IntegrityError(
            f"{operation.path}: what its pack delivers changed while it was read",
            code="integrity",
            hint="run this again once nobody writes to the pack",
        )


def _choose_mode(root: str, operation: Write, fresh: int) -> int:
    """The mode of a new file: the umask's, with the exec bit where it may be read; that of the old one stays."""
    try:
        mode = stat.S_IMODE(os.stat(os.path.join(root, operation.path)).st_mode) & 0o777
    except FileNotFoundError:
        mode = stat.S_IMODE(fresh)
    if operation.executable is None:
        return mode
    return mode | (mode & 0o444) >> 2 if operation.executable else mode & ~0o111


class _Exchange:
    """Exchanges files, and remembers how to take each step back."""

    def __init__(self, root: str, stage: str) -> None:
        self.root = root
        self.stage = stage
        self.kept: list[tuple[str, str | None]] = []
        self.directories: list[str] = []

    def run(self, changes: Changes, staged: dict[str, str]) -> None:
        try:
            for operation in changes.operations:
                self._do(operation, staged)
            for path in changes.remove_directories:
                self._remove_directory(path)
        except (OSError, ClaudepackError):
            self._undo()
            raise

    def _do(self, operation: Operation, staged: dict[str, str]) -> None:
        # A link is written through: its target was checked to lie in the project when the plan was made.
        target = os.path.realpath(os.path.join(self.root, operation.path))
        if _hash(target) != operation.pre:
            raise ClaudepackError(
                f"{operation.path} was changed while this ran; nothing was changed by it",
                code="changed",
                hint="run this again",
            )
        self._make_directories(os.path.dirname(target))
        backup = None
        if operation.pre is not None:
            backup = os.path.join(self.stage, f"old-{len(self.kept)}")
            _keep(target, backup)
        self.kept.append((target, backup))
        if isinstance(operation, Delete):
            os.unlink(target)
        else:
            os.replace(staged[operation.path], target)

    def _make_directories(self, folder: str) -> None:
        missing = []
        while not os.path.isdir(folder):
            missing.append(folder)
            folder = os.path.dirname(folder)
        for path in reversed(missing):
            os.mkdir(path)
            self.directories.append(path)

    def _remove_directory(self, path: str) -> None:
        # Somebody may have put a file there since the plan was made: then the directory is theirs.
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(self.root, path))

    def _undo(self) -> None:
        for target, backup in reversed(self.kept):
            if backup is not None and os.path.exists(backup):
                os.replace(backup, target)
            elif backup is None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(target)
        for path in reversed(self.directories):
            with contextlib.suppress(OSError):
                os.rmdir(path)


def _keep(target: str, backup: str) -> None:
    try:
        os.link(target, backup)
    except OSError:  # a file system without hard links
        shutil.copy2(target, backup)


def _hash(path: str) -> str | None:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _termination_raised() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C does, so that the stage is removed; its exit code stays 143."""

    def terminate(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the exchange is over."""
    arrived: list[int] = []

    def hold(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.signal(number, hold) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in arrived:
        signal.raise_signal(late)
