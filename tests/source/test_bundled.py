"""The packs that come with the tool are found, and are whole."""

import pytest

from claudepack.lint.gate import check_pack
from claudepack.pack.directory import read_directory
from claudepack.resources import locate_resource
from claudepack.source.bundled import find_bundled, list_bundled


def test_every_bundled_pack_is_whole_and_named_as_its_directory() -> None:
    assert "backend" in list_bundled()
    for name in list_bundled():
        root = find_bundled(name)
        assert root is not None
        assert root == locate_resource("packs") / name
        pack = read_directory(root)
        assert (pack.name, check_pack(pack)) == (name, [])


@pytest.mark.parametrize("name", ["nothing", "backend/agents", ""])
def test_what_is_no_bundled_pack_is_not_found(name: str) -> None:
    assert find_bundled(name) is None
