"""The bytes that a file of the project had in the past, from the project's own git objects. No network."""

import os
from collections.abc import Callable, Iterator

from claudepack.project.location import Project

_SECONDS = 30
_VERSIONS = 500
# Nothing of a repository's configuration runs for this, and a clone without all objects fetches none.
_QUIET = ("--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false")
_SHUT = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def find_in_history(project: Project, path: str, accept: Callable[[bytes], bytes | None]) -> bytes | None:
    """The first version of a file, the newest first, that is accepted.

    Args:
        project: The project.
        path: The file, relative to it.
        accept: Gives what is wanted of a version, None if this is not the one.

    Returns:
        What was accepted; None where no version is, or there is no git.
    """
    if not project.git_root:
        return None
    for blob in _list_blobs(project, path):
        data = _call(project, "cat-file", "blob", blob)
        if data is not None and (found := accept(data)) is not None:
            return found
    return None


def _list_blobs(project: Project, path: str) -> Iterator[str]:
    """The object of each version of a file, each once."""
    words = ("log", "--all", "--full-history", "-m", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff")
    listed = _call(project, *words, "--format=", f"--max-count={_VERSIONS}", "--", path)
    seen = {"0" * 40, "0" * 64}
    for line in (listed or b"").decode("ascii", "replace").splitlines():
        fields = line.split()
        for blob in reversed(fields[2:4]):  # `:MODE MODE OLD NEW STATUS`
            if line.startswith(":") and blob not in seen:
                seen.add(blob)
                yield blob


def _call(project: Project, *words: str) -> bytes | None:
    """What git prints; None where it fails: a shallow clone lacks objects, and that is no error here."""
    import subprocess

    try:
        done = subprocess.run(
            ["git", *_QUIET, *words],  # noqa: S607 - git is looked up on PATH, as its user does
            cwd=project.root,
            env=_make_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _make_environment() -> dict[str, str]:
    """This process's, without what names another repository: a hook of git has that."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    return {**kept, **_SHUT}
