"""What is no pack, read as one: with the version of the commit that it lies in, where it says none itself."""

import os
import subprocess
from pathlib import Path

from claudepack.pack.collection import make_collected_pack
from claudepack.pack.identity import UNVERSIONED
from claudepack.pack.layouts import read_collection
from claudepack.pack.tree import Pack

NO_VERSION = "0"


def read_collected(root: Path, where: str, plugin: str = "") -> tuple[Pack, tuple[str, ...]]:
    """The pack that a place is read as, and what is to be told of it.

    Args:
        root: A directory, or an agent's file.
        where: How messages call it.
        plugin: Which plugin of a marketplace.

    Raises:
        ClaudepackError: There is nothing to read, or it holds what a pack must not.
    """
    collection = read_collection(root, where, plugin)
    version = collection.version or find_commit_version(root)
    return make_collected_pack(collection, version), collection.notices


def find_commit_version(path: Path) -> str:
    """A version made of the commit that changed a path last; `0` where nobody knows one."""
    folder, name = (path, ".") if path.is_dir() else (path.parent, path.name)
    words = ["git", "--no-optional-locks", "log", "-1", "--format=%H", "--", name]
    try:
        # A hook that calls us has set what is for its own repository.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        done = subprocess.run(
            words, cwd=folder, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    except OSError:
        return NO_VERSION  # there is no git
    commit = done.stdout.strip() if not done.returncode else ""
    return f"{UNVERSIONED}g{commit[:12]}" if commit else NO_VERSION
