"""The page of a fleet as a file: what is in it, and that nothing else is."""

import base64
import datetime as dt
import hashlib
import re
from html.parser import HTMLParser

import pytest

from claudepack.fleet.page import render_page
from claudepack.fleet.survey import Survey
from surveys import make_thing, read_pack, read_repository, survey, survey_large

NOW = dt.datetime(2026, 11, 25, 23, 0, tzinfo=dt.UTC)
HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "<!--",
    "]]>&lt;\u202e",
]
EVENTS = ("on", "style")


class _Page(HTMLParser):
    """Every tag of a page with its attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _parse(given: Survey) -> _Page:
    return _Page(render_page(given, NOW))


def _hostile() -> Survey:
    return survey(
        [
            read_repository(name, [read_pack(edits=(name,))._replace(name=name)], [make_thing(name, {1}, name)], name)
            for name in HOSTILE
        ]
        + [read_repository("javascript:alert(1)"), read_repository("https://a.example/'onclick='alert(1)")]
    )


def test_a_survey_is_told_without_a_script_running() -> None:
    page = _parse(survey_large(40))

    text = " ".join(page.text.split())
    assert "Claude Code packs in 40 repositories" in text
    assert "25 November 2026, 23:00 UTC" in text
    assert sum(tag == "tr" and "data-pack" in attributes for tag, attributes in page.tags) >= 40
    assert "git.example.org/team-1/service-0001" in text
    assert "reviewer" in text
    hidden = [attributes.get("id") for _, attributes in page.tags if "hidden" in attributes]
    assert hidden == ["theme", "filters"]  # what does nothing without a script


@pytest.mark.parametrize("given", [survey_large(40), _hostile(), survey([])], ids=["large", "hostile", "empty"])
def test_nothing_is_loaded_and_nothing_runs_but_our_own_script(given: Survey) -> None:
    text = render_page(given, NOW)
    page = _Page(text)

    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [(tag, name) for tag, attributes in page.tags for name in attributes if name.startswith(EVENTS)]
    assert not [tag for tag, attributes in page.tags if "src" in attributes or tag in ("img", "link", "iframe", "base")]
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert all(link == "#repositories" or str(link).startswith("https://") for link in links)
    [policy] = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    for tag in ("style", "script"):
        [own] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        sha256 = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{sha256}'" in str(policy)
    assert str(policy).startswith("default-src 'none';")


def test_whatever_a_repository_is_called_is_text() -> None:
    text = _parse(_hostile()).text

    for name in HOSTILE:
        assert name in text


def test_of_what_cannot_be_read_no_number_is_told() -> None:
    page = _parse(survey([read_repository("https://example.org/shop.git", [], [], "claudepack.lock: not JSON")]))

    row = " ".join(page.text.partition("example.org/shop")[2].split())
    assert "? ? ? ? unreadable claudepack.lock: not JSON 0" in row


def test_every_table_says_what_it_is_and_every_heading_what_it_heads() -> None:
    page = _parse(survey_large(20))

    names = [tag for tag, _ in page.tags]
    assert names.count("caption") == names.count("table") == names.count("thead") == 3
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
