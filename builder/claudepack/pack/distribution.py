"""Reading a pack from an installed distribution: its `.dist-info` tells, nothing is imported.

An editable one is where PEP 610's `direct_url.json` says; any other lies beside its `.dist-info`, in
the module that its entry point names.
"""

import json
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain
from claudepack.pack.directory import read_directory, read_tree
from claudepack.pack.identity import Identity, read_metadata
from claudepack.pack.tree import Pack, make_pack


def read_identity(dist_info: Path) -> Identity:
    """Read who the pack behind a `.dist-info` folder is, without reading its files.

    Raises:
        ClaudepackError: The metadata does not describe a pack.
    """
    where = dist_info.name
    try:
        metadata, entry_points = (
            read_plain(str(dist_info / name), f"{where}/{name}").decode() for name in ("METADATA", "entry_points.txt")
        )
    except (OSError, UnicodeDecodeError) as error:
        raise ClaudepackError(f"{where}: {error}", code="environment", hint="install the pack again") from error
    return read_metadata(metadata, entry_points, where)


def read_distribution(dist_info: Path) -> Pack:
    """Read the pack that a `.dist-info` folder describes.

    Raises:
        ClaudepackError: It is no pack, or its files are not where they should be.
    """
    source = find_editable(dist_info)
    if source is not None:
        return read_directory(source)
    identity = read_identity(dist_info)
    root = dist_info.parent / identity.module
    if not root.is_dir():
        raise ClaudepackError(
            f"{identity.distribution} {identity.version} is installed, but {root} is not there",
            code="environment",
            hint=f"install it again: pip install --force-reinstall {identity.distribution}",
        )
    where = f"{identity.distribution} {identity.version}"
    return make_pack(identity, read_tree(root, where, follow_links=True), where)


def find_editable(dist_info: Path) -> Path | None:
    """The directory of an editable install, None for any other.

    Raises:
        ClaudepackError: `direct_url.json` cannot be read.
    """
    told = dist_info / "direct_url.json"
    if not told.exists():
        return None
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        document = json.loads(read_plain(str(told), f"{dist_info.name}/{told.name}"))
        editable = document.get("dir_info", {}).get("editable", False)
        url = urlsplit(document["url"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ClaudepackError(
            f"{dist_info.name}: direct_url.json: {error}", code="environment", hint="install the pack again"
        ) from error
    return Path(url2pathname(url.path)) if editable and url.scheme == "file" else None
