"""The errors that a run can end with, each with its exit code.

A message says what happened and where; the hint says what to do. `code` is a slug that programs may
rely on: it is what `--json` prints as `error.code`.
"""


class ClaudepackError(Exception):
    """A run that was refused: usage, not found, unreadable, incompatible. Nothing was changed."""

    exit_code = 2

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class IntegrityError(ClaudepackError):
    """Bytes do not have the hash that they were promised to have. Nothing was changed."""

    exit_code = 4


class CollisionError(ClaudepackError):
    """Somebody else's files are where a pack wants its own. Nothing was changed."""

    def __init__(self, message: str, *, hint: str, paths: "tuple[str, ...]") -> None:
        super().__init__(message, code="collision", hint=hint)
        self.paths = paths


class BrokenPackError(ClaudepackError):
    """A pack has errors. Nothing was changed."""

    def __init__(self, message: str, *, code: str, hint: str, parts: "tuple[str, ...]") -> None:
        super().__init__(message, code=code, hint=hint)
        self.parts = parts  # without them the rest is whole


class StaleLockError(ClaudepackError):
    """The lock no longer answers the manifest, and the caller asked for it not to be renewed."""

    exit_code = 1


class BusyError(ClaudepackError):
    """Another run holds the project, or its results. Nothing was changed. The code is sysexits.h's EX_TEMPFAIL."""

    exit_code = 75
