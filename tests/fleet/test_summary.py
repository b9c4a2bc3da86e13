"""What a survey comes to, as data and as text."""

from claudepack.fleet.summary import VersionCount, count_states, count_versions, list_pressing
from claudepack.fleet.survey_text import draw_survey
from surveys import make_thing, read_pack, read_repository, survey, survey_large

URL = "https://example.org/{}.git"
SMALL = survey(
    [
        read_repository(URL.format("calm"), [read_pack()]),
        read_repository(URL.format("edited"), [read_pack(edits=("a.md",))]),
        read_repository(URL.format("old"), [read_pack(version="1.0.0")]),
        read_repository(URL.format("older"), [read_pack(version="0.9", edits=("a.md",))]),
        read_repository(URL.format("odd"), [read_pack(drift=("b.md",)), read_pack("other", "", is_stale=True)]),
        read_repository(URL.format("open"), [read_pack(pending=("c.md",), version="1.1.0")]),
        read_repository(URL.format("dark"), [read_pack("design", "2.0")]),
        read_repository(URL.format("none"), [], [make_thing("reviewer", range(9))]),
        read_repository(URL.format("broken"), [], [], "claudepack.lock: not JSON\nat all"),
    ]
)


def test_repositories_are_counted_by_what_they_are() -> None:
    assert count_states(SMALL) == {
        "unreadable": 1,
        "conflict": 1,
        "yanked": 1,
        "drift": 1,
        "behind": 3,
        "unknown": 1,
        "edited": 2,
        "current": 1,
        "without": 1,
    }


def test_versions_are_counted_the_newest_first() -> None:
    assert count_versions(SMALL)[:4] == [
        VersionCount("backend", "1.2.0", 3, 0, is_yanked=False),
        VersionCount("backend", "1.1.0", 1, 1, is_yanked=False),
        VersionCount("backend", "1.0.0", 1, 2, is_yanked=False),
        VersionCount("backend", "0.9", 1, 3, is_yanked=True),
    ]


def test_what_somebody_has_to_look_at_comes_first_and_edits_are_no_such_thing() -> None:
    assert [item.url.rpartition("/")[2] for item in list_pressing(SMALL)] == [
        "broken.git",
        "open.git",
        "older.git",
        "odd.git",
        "old.git",
    ]


def test_the_text_says_why() -> None:
    lines = draw_survey(SMALL)

    assert lines[0] == (
        "9 repositories: 1 could not be read, 1 with open conflicts, 1 on a yanked version, 1 with drift, 3 behind, "
        "1 of which nobody can tell, 2 with edits, 1 up to date, 1 without packs"
    )
    text = "\n".join(" ".join(line.split()) for line in lines)
    assert "backend 0.9 1 3 behind, yanked" in text
    assert "other - 1 wanted by the manifest, not in the lock" in text
    assert "unreadable https://example.org/broken.git claudepack.lock: not JSON\n" in text
    assert "conflict https://example.org/open.git backend: c.md; also behind" in text
    assert "yanked https://example.org/older.git backend: 0.9 was yanked by its author; also behind, edited" in text
    assert "drift https://example.org/odd.git backend: b.md; other: not installed" in text
    assert "behind https://example.org/old.git backend 1.0.0, newest 1.2.0" in text
    assert "note: design: https://index.example.org does not answer" in text


def test_a_thousand_repositories_fit_a_screen() -> None:
    lines = draw_survey(survey_large(1000))

    assert lines[0].startswith("1,000 repositories: ")
    assert len(lines) <= 40
    assert max(map(len, lines[1:])) <= 180
    assert any(line.startswith("and ") and line.endswith(" more; --json has all") for line in lines)
    assert "the agent reviewer is in 334 repositories, in 4 variants" in lines


def test_no_repository_is_said_in_a_line() -> None:
    assert draw_survey(survey([]))[0] == "no repository"
