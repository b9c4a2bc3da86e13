"""A pack is read from what its .dist-info says, and nothing of it is imported."""

import json
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.distribution import find_editable, read_distribution, read_identity
from trees import AGENT, write_pack, write_tree

INFO = "claudepack_mine-1.0.0.dist-info"
METADATA = "Metadata-Version: 2.4\nName: claudepack-mine\nVersion: 1.0.0\n"
POINTS = "[claudepack.packs]\nmine = claudepack_mine\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    files = {
        f"{INFO}/METADATA": METADATA,
        f"{INFO}/entry_points.txt": POINTS,
        "claudepack_mine/agents/mine.md": AGENT.format(name="mine"),
        "claudepack_mine/__init__.py": "raise SystemExit('imported')\n",
    }
    return write_tree(tmp_path / "site-packages", files)


def _say(site: Path, document: object) -> Path:
    text = document if isinstance(document, str) else json.dumps(document)
    return write_tree(site, {f"{INFO}/direct_url.json": text}) / INFO


def test_a_pack_lies_beside_its_dist_info(site: Path) -> None:
    pack = read_distribution(site / INFO)
    assert (pack.name, pack.version, list(pack.files)) == ("mine", "1.0.0", ["agents/mine.md"])


def test_an_editable_one_lies_where_its_author_edits_it(site: Path, tmp_path: Path) -> None:
    root = write_pack(tmp_path / "a b", version="2.0.0")
    info = _say(site, {"url": root.as_uri(), "dir_info": {"editable": True}})
    assert read_distribution(info).version == "2.0.0"


@pytest.mark.parametrize(
    "document",
    [
        {"url": "file:///nowhere", "dir_info": {}},
        {"url": "file:///nowhere", "dir_info": {"editable": False}},
        {"url": "https://example.org/a.whl", "archive_info": {}},
        {"url": "https://example.org/a", "dir_info": {"editable": True}},
    ],
)
def test_what_came_from_elsewhere_is_not_editable(site: Path, document: object) -> None:
    info = _say(site, document)
    assert find_editable(info) is None
    assert read_distribution(info).version == "1.0.0"


@pytest.mark.parametrize(
    "document", ["", "{", "[]", "7", {"dir_info": {}}, {"url": 7}, {"url": "file:///x", "dir_info": 7}]
)
def test_a_direct_url_that_cannot_be_read_is_an_error(site: Path, document: object) -> None:
    with pytest.raises(ClaudepackError, match=rf"{INFO}: direct_url\.json") as caught:
        find_editable(_say(site, document))
    assert caught.value.code == "environment"


@pytest.mark.parametrize("name", ["METADATA", "entry_points.txt"])
@pytest.mark.parametrize("content", [None, b"\xff"], ids=["absent", "no text"])
def test_metadata_that_cannot_be_read_is_an_error(site: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (site / INFO / name).unlink()
    else:
        (site / INFO / name).write_bytes(content)
    with pytest.raises(ClaudepackError, match=f"^{INFO}: ") as caught:
        read_identity(site / INFO)
    assert caught.value.code == "environment"


def test_files_that_are_gone_are_an_error(site: Path) -> None:
    (site / "claudepack_mine").rename(site / "elsewhere")
    with pytest.raises(
        ClaudepackError, match=r"claudepack-mine 1\.0\.0 is installed, but .*claudepack_mine is not there"
    ):
        read_distribution(site / INFO)


@pytest.mark.parametrize("name", ["METADATA", "entry_points.txt", "direct_url.json"])
def test_what_has_no_end_is_refused(site: Path, name: str) -> None:
    file = site / INFO / name
    file.unlink(missing_ok=True)
    file.symlink_to("/dev/zero")
    with pytest.raises(ClaudepackError, match=f"{name} is a device"):
        read_distribution(site / INFO)
