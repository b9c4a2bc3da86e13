"""The packs that come with the tool."""

from pathlib import Path

from claudepack.resources import locate_resource


def find_bundled(name: str) -> Path | None:
    """The directory of a bundled pack, if there is one of that name."""
    root = locate_resource("packs") / name
    return root if (root / "pyproject.toml").is_file() else None


def list_bundled() -> list[str]:
    """The names of the bundled packs."""
    return sorted(path.parent.name for path in locate_resource("packs").glob("*/pyproject.toml"))
