"""The packs that are installed in a Python environment: read from `*.dist-info`, no Python is run.

The tool often lives in an environment of its own (`uv tool`, pipx), so three are looked at: the one
that is active, the project's `.venv`, the interpreter's own.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.pack.identity import GROUP, PREFIX


def list_environments(project: Path) -> list[Path]:
    """The `site-packages` folders to look into, in order, each once."""
    roots = [os.environ.get("VIRTUAL_ENV", ""), str(project / ".venv")]
    folders = [folder for root in roots if root for folder in _site_packages(Path(root))]
    folders += [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir()))


def find_installed(project: Path) -> dict[str, Path]:
    """The `.dist-info` folder of each installed pack, by pack name; the first environment wins."""
    found: dict[str, Path] = {}
    for folder in list_environments(project):
        for info in _list_packs(folder):
            stem = info.name.partition("-")[0].lower().replace("_", "-").replace(".", "-")
            found.setdefault(stem.removeprefix(PREFIX), info)
    return found


def _site_packages(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("lib/python3*/site-packages"))
    yield root / "Lib" / "site-packages"


def _list_packs(folder: Path) -> Iterator[Path]:
    prefix = PREFIX.replace("-", "_")
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".dist-info"))
    for name in names:
        if name.lower().replace("-", "_").replace(".", "_").startswith(prefix) and _is_pack(folder / name):
            yield folder / name


def _is_pack(info: Path) -> bool:
    try:
        return GROUP.encode() in read_plain(str(info / "entry_points.txt"), info.name)
    except (ClaudepackError, OSError):  # a repository may hold an environment, and links in it
        return False
