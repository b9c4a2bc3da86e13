"""Addresses of repositories, as people write them."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.addresses import read_address


@pytest.mark.parametrize(
    ("word", "url"),
    [
        ("https://example.org/a.git", "https://example.org/a.git"),
        ("https://u:p@example.org/a.git", "https://u:p@example.org/a.git"),
        ("git@example.org:team/a.git", "ssh://git@example.org/team/a.git"),
        ("example.org:a", "ssh://example.org/a"),
        ("ssh://git@example.org:2222/a", "ssh://git@example.org:2222/a"),
    ],
)
def test_an_address_is_a_url(tmp_path: Path, word: str, url: str) -> None:
    assert read_address(word, tmp_path) == url


def test_a_directory_is_a_repository_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()

    assert read_address("a b", tmp_path) == f"file://{tmp_path}/a%20b"


@pytest.mark.parametrize("word", ["ext::sh -c touch", "shop", "--upload-pack=x", "ftp://x.org/a", "https://x.org/a b"])
def test_anything_else_is_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(ClaudepackError):
        read_address(word, tmp_path)
