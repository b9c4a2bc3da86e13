"""The packs that come with the tool."""

from pathlib import Path

import claudepack


def bundled_packs() -> Path:
    """The directory of the bundled packs: in the wheel beside the code, in a checkout at its top."""
    package = Path(claudepack.__file__).parent
    inside = package / "packs"
    return inside if inside.is_dir() else package.parents[1] / "packs"


def find_bundled(name: str) -> Path | None:
    """The directory of a bundled pack, if there is one of that name."""
    root = bundled_packs() / name
    return root if (root / "pyproject.toml").is_file() else None


def list_bundled() -> list[str]:
    """The names of the bundled packs."""
    return sorted(path.parent.name for path in bundled_packs().glob("*/pyproject.toml"))
