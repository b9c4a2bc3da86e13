"""The page of a fleet in a real browser: with the mouse, by keyboard, in both themes, on a phone, on paper."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from chromium import Shown, Theme, find_chromium, show, start_chromium
from claudepack.fleet.page import render_page
from npm_project import install_packages
from surveys import make_thing, read_pack, read_repository, survey, survey_large

NOW = dt.datetime(2026, 11, 25, 23, 0, tzinfo=dt.UTC)
ROWS = "#table tbody tr:not([hidden])"
THEMES: list[Theme] = ["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all; each test has a profile of its own."""
    program = find_chromium()
    if not program:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with start_chromium(program) as started:
        yield started


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.html"
    path.write_text(render_page(survey_large(60), NOW), encoding="utf-8")
    return path


@pytest.fixture
def shown(browser: Browser, file: Path) -> Iterator[Shown]:
    """The page, open; in the end it must have had nothing to complain about, and asked nobody."""
    with show(browser, file) as opened:
        yield opened
        assert opened.told == []
        assert opened.asked == []


def _column(page: Page, heading: str) -> list[str]:
    """What the shown rows say in a column."""
    headings = [text.strip() for text in page.locator("#table thead th").all_inner_texts()]
    at = headings.index(heading) + 1
    cells = page.locator(f"{ROWS} > :nth-child({at})").all_inner_texts()
    return [text.partition("\n")[0].strip() for text in cells]


def _heading(page: Page, name: str) -> str | None:
    return page.locator("#table thead th", has_text=name).get_attribute("aria-sort")


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(shown: Shown) -> None:
    page = shown.page
    before = _column(page, "Behind")

    page.get_by_role("button", name="Behind").click()
    falling = [int(text.replace("?", "-1")) for text in _column(page, "Behind")]
    assert (_heading(page, "Behind"), falling) == ("descending", sorted(falling, reverse=True))
    assert sorted(before) != before

    page.get_by_role("button", name="Behind").click()
    rising = [int(text.replace("?", "-1")) for text in _column(page, "Behind")]
    assert (_heading(page, "Behind"), rising) == ("ascending", sorted(rising))

    page.get_by_role("button", name="Repository").click()
    names = _column(page, "Repository")
    assert (_heading(page, "Repository"), _heading(page, "Behind")) == ("ascending", None)
    assert names.index("git.example.org/team-2/service-0002") < names.index("git.example.org/team-10/service-0010")


def test_the_most_pressing_state_comes_first(shown: Shown) -> None:
    shown.page.get_by_role("button", name="State").click()

    states = _column(shown.page, "State")
    assert states[0] == "unreadable"
    assert states[-1] in ("up to date", "without packs")


def test_everything_can_be_done_by_keyboard(shown: Shown) -> None:
    page = shown.page
    seen: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        seen.append(focused)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", focused
        if focused == "Edits":
            page.keyboard.press("Enter")
            break
    edits = [int(text.replace("?", "-1")) for text in _column(page, "Edits")]
    assert (_heading(page, "Edits"), edits) == ("descending", sorted(edits, reverse=True))
    assert {"theme", "text", "pack", "state", "all", "Repository", "Behind"} <= set(seen)

    page.keyboard.press("Space")
    assert _heading(page, "Edits") == "ascending"


def test_the_files_behind_a_number_are_there_when_it_is_opened(shown: Shown) -> None:
    page = shown.page
    details = page.locator("#table details").first
    assert not details.locator("li").first.is_visible()

    details.locator("summary").focus()
    page.keyboard.press("Enter")

    assert details.locator("li").first.inner_text() == ".claude/agents/a.md"


def test_rows_are_filtered_by_text_pack_and_state_together(shown: Shown) -> None:
    page = shown.page
    whole = page.locator(ROWS).count()

    page.get_by_role("searchbox", name="Find").fill("team-2/")
    assert all("/team-2/" in name for name in _column(page, "Repository"))
    page.get_by_role("searchbox", name="Find").fill("1.1.0 service")
    assert set(_column(page, "Version")) == {"1.1.0"}
    page.get_by_role("searchbox", name="Find").fill("nothing is called so")
    assert page.locator(ROWS).count() == 0
    assert page.get_by_role("status").inner_text() == f"0 of {whole} rows"

    page.get_by_role("button", name="Show all").click()
    page.get_by_role("combobox", name="Pack").select_option("design")
    assert set(_column(page, "Pack")) == {"design"}
    page.get_by_role("combobox", name="Pack").select_option("")
    page.get_by_role("combobox", name="State").select_option("yanked")
    assert set(_column(page, "Version")) == {"0.9"}
    page.get_by_role("combobox", name="State").select_option("without")
    assert set(_column(page, "State")) == {"without packs"}
    page.get_by_role("button", name="Show all").click()
    assert page.get_by_role("status").inner_text() == f"{whole} of {whole} rows"


def test_a_number_of_the_summary_shows_its_rows(shown: Shown) -> None:
    shown.page.get_by_role("link", name="on a yanked version").click()

    assert set(_column(shown.page, "Version")) == {"0.9"}
    assert shown.page.get_by_role("combobox", name="State").input_value() == "yanked"


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_is_the_systems_until_the_button_says_otherwise(browser: Browser, file: Path, theme: Theme) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    with show(browser, file, theme=theme) as shown:
        page, button = shown.page, shown.page.get_by_role("button", name="Dark theme")
        first = page.evaluate(colour)
        assert button.get_attribute("aria-pressed") == str(theme == "dark").lower()

        button.click()
        second = page.evaluate(colour)
        page.reload()

        assert {first, second} == {"rgb(245, 246, 248)", "rgb(20, 23, 27)"}
        assert page.evaluate(colour) == second  # it is kept
        assert shown.told == []


def test_without_scripts_it_is_read_all_the_same(browser: Browser, file: Path) -> None:
    with show(browser, file, scripts=False, theme="dark") as shown:
        page = shown.page

        assert page.locator(ROWS).count() >= 60
        assert page.get_by_text("need an update or a decision").is_visible()
        assert not page.get_by_role("searchbox", name="Find").is_visible()
        assert page.get_by_role("button").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_as_wide_as_the_screen(browser: Browser, file: Path, width: int) -> None:
    with show(browser, file, width=width) as shown:
        assert shown.page.evaluate("document.documentElement.scrollWidth") == width


def test_on_paper_there_is_all_of_the_table_and_nothing_to_press(browser: Browser, file: Path) -> None:
    with show(browser, file, theme="dark") as shown:
        shown.page.emulate_media(media="print")

        assert not shown.page.get_by_role("searchbox", name="Find").is_visible()
        assert shown.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        tall = "(([box]) => box.scrollHeight === box.clientHeight)(document.getElementsByClassName('tall'))"
        assert shown.page.evaluate(tall)


NAMES = ["</script><script>window.ran = 1</script>", '"><img src=x onerror="window.ran = 1">', "<b>bold</b>"]


def test_whatever_a_repository_is_called_does_not_run(browser: Browser, tmp_path: Path) -> None:
    readings = [
        read_repository(name, [read_pack(edits=(name,))._replace(name=name)], [make_thing(name, {1})]) for name in NAMES
    ]
    readings += [read_repository(f"{name}2", [], [make_thing(name, {1})], name) for name in NAMES]
    file = tmp_path / "fleet.html"
    file.write_text(render_page(survey(readings), NOW), encoding="utf-8")

    with show(browser, file) as shown:
        shown.page.get_by_role("button", name="Repository").click()
        shown.page.get_by_role("combobox", name="Pack").select_option(NAMES[0])

        assert shown.page.locator(ROWS).count() == 1
        assert shown.page.evaluate("window.ran") is None
        assert shown.page.locator("img, b").count() == 0
        assert (shown.told, shown.asked) == ([], [])


def test_the_policy_of_the_page_stops_a_script_that_is_not_ours(browser: Browser, file: Path) -> None:
    with show(browser, file) as shown:
        shown.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
        )

        assert shown.page.evaluate("window.ran") is None
        assert "Content Security Policy" in shown.told[0]


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core, which knows what people need who use a screen reader or a keyboard alone."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed, so axe-core cannot be")
    folder = install_packages(Path(__file__).parent / "page")
    return (folder / "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(browser: Browser, file: Path, axe: str, theme: Theme, width: int) -> None:
    with show(browser, file, theme=theme, width=width) as shown:
        shown.page.evaluate(axe)  # by the debugger, which the policy does not hold
        shown.page.locator("#table details").first.evaluate("details => { details.open = true; }")
        found = shown.page.evaluate(
            "axe.run().then(found => found.violations.map(one => [one.id, one.impact, one.nodes[0].html]))"
        )

        assert found == []
