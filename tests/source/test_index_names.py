"""The names that an index lists are read from whichever form its list has."""

import time
from pathlib import Path

import pytest

from claudepack.source.index_names import list_names
from claudepack.source.pip import Index
from indexes import serve_pages
from slow_lines import slow_line
from trees import write_wheel


@pytest.mark.parametrize(
    "page",
    [
        b'<a href="/simple/claudepack-web-api/">claudepack-web-api</a> <a href="claudepack.x/">x</a><a href="o/">o</a>',
        b'{"meta": {}, "projects": [{"name": "claudepack_web.api"}, {"name": "claudepack-x"}, {"name": "other"}]}',
    ],
    ids=["HTML", "JSON"],
)
def test_a_list_is_read(page: bytes) -> None:
    with serve_pages({"": (404, "text/plain", b""), "/simple/": (200, "text/html", page)}) as url:
        assert list_names(Index(url=url)) == {"web-api", "x"}


def test_a_folder_lists_its_wheels(tmp_path: Path) -> None:
    write_wheel(tmp_path, "web-api", "1.0")
    write_wheel(tmp_path, "web-api", "2.0a1")
    write_wheel(tmp_path, "x2", "1.0")
    assert list_names(Index(folder="w", root=str(tmp_path))) == {"web-api", "x2"}


@pytest.mark.parametrize("url", ["", "https://pypi.org/simple", "file:///nowhere", "http://127.0.0.1:9/simple"])
def test_what_says_nothing_costs_only_the_suggestion(url: str) -> None:
    assert list_names(Index(url=url)) == set()


def test_what_trickles_costs_only_the_suggestion_too() -> None:
    page = b'<a href="/simple/claudepack-x/">claudepack-x</a>'
    with serve_pages({"": (200, "text/html", page)}) as url, slow_line(url, 5) as line:
        begin = time.monotonic()
        assert list_names(Index(url=line.url)) == set()
        assert time.monotonic() - begin < 10
        assert line.wait_until_left(5)
