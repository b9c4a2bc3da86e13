"""A path stays inside, on every system, and no two of them are one file on some system."""

import pytest

from claudepack.paths import add_ending, find_collision, find_fault, is_confined, is_hidden, name_few, nearest


@pytest.mark.parametrize(
    ("path", "confined"),
    [
        ("a", True),
        ("agents/a b.md", True),
        (".claude/agents/é.md", True),
        ("a/..b", True),
        ("", False),
        ("/etc/passwd", False),
        ("..", False),
        ("a/../b", False),
        ("./a", False),
        ("a//b", False),
        ("a/", False),
        ("a\\b", False),
        ("C:/a", False),
        ("a\nb", False),
        ("a\u202eb", False),
        ("\u65e5\u672c\u3000.md", True),
    ],
)
def test_a_path_is_confined_or_not(path: str, *, confined: bool) -> None:
    assert is_confined(path) == confined


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("agents/a.md", ""),
        ("prompts/node.js/.hidden", ""),
        ("agents/console.md", ""),
        ("/agents/a.md", "absolute"),
        ("agents//a.md", "empty part"),
        ("", "empty part"),
        ("agents/../a.md", "'..' is not a name"),
        ("agents/./a.md", "'.' is not a name"),
        ("agents/a\x07.md", "U+0007"),
        ("agents/a\U000e0041.md", "U+E0041"),
        ("agents/a\udc80.md", "U+DC80"),
        ("agents/a?.md", "'?'"),
        ("agents/a\\b.md", "Windows does not allow"),
        ("agents./a.md", "'agents.' ends with a dot"),
        ("agents/a.md ", "ends with a dot or a blank"),
        ("agents/aux", "device"),
        ("agents/NUL.tar.md", "device"),
        ("agents/com¹.md", "device"),
        ("agents/con .md", "device"),
    ],
)
def test_what_makes_a_path_unfit_is_said(path: str, fault: str) -> None:
    found = find_fault(path)
    assert fault in found
    assert bool(found) == bool(fault)


@pytest.mark.parametrize("char", "\0\n\x1b\x7f\x85\u200e\u202a\u202e\u2066\u2069\ud800\udfff\U000e0001\U000e007f")
def test_what_a_person_cannot_see_is_hidden(char: str) -> None:
    assert is_hidden(char)


@pytest.mark.parametrize("char", " ~\xa0é\u200d\u202f\ufe0f\ufeff\U0001f3f4\U000e0100")
def test_blanks_joiners_and_variation_selectors_are_not(char: str) -> None:
    assert not is_hidden(char)


@pytest.mark.parametrize(
    ("paths", "pair"),
    [
        (["agents/a.md", "agents/b.md", "rules/a.md"], None),
        (["agents/a.md", "agents/A.md"], ("agents/a.md", "agents/A.md")),
        (["agents/a.md", "Agents/b.md"], ("agents/a.md", "Agents/b.md")),
        (["caf\u00e9", "cafe\u0301"], ("caf\u00e9", "cafe\u0301")),
        (["straße", "STRASSE"], ("straße", "STRASSE")),
        (["a", "a/b"], ("a", "a/b")),
        (["a/b/c", "x", "a/B"], ("a/b/c", "a/B")),
        (["a/b", "a/c"], None),
        ([], None),
    ],
)
def test_paths_that_some_system_makes_one_collide(paths: list[str], pair: tuple[str, str] | None) -> None:
    assert find_collision(paths) == pair


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("bakend", ["design", "backend"], "did you mean backend?"),
        ("verison", ["version", "versions"], "did you mean version or versions?"),
        ("zzz", ["path", "git"], "known: git, path"),
        ("zzz", [], ""),
    ],
)
def test_the_nearest_known_word_is_named(word: str, known: list[str], hint: str) -> None:
    assert nearest(word, known) == hint


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, ""), (3, "0, 1, 2"), (8, "0, 1, 2, 3, 4, 5, 6, 7"), (1009, "0, 1, 2, 3, 4, 5, 6, 7 and 1,001 more")],
)
def test_of_many_names_a_few_are_said(count: int, said: str) -> None:
    assert name_few([str(number) for number in range(count)]) == said


@pytest.mark.parametrize("name", ["a.md", "é" * 60, "b" * 239])
def test_what_comes_after_a_name_comes_after_the_whole_name(name: str) -> None:
    assert add_ending(f"x/{name}", ".base") == f"x/{name}.base"


@pytest.mark.parametrize("name", ["b" * 240, "b" * 255, "é" * 127, "\U0001f600" * 63, "\udc80" * 255])
def test_a_long_name_is_cut_and_is_none_that_begins_alike(name: str) -> None:
    paths = [add_ending(f"x/y/{start}", ".merged") for start in (name, name[:-1] + "c")]

    assert len(set(paths)) == 2
    for path in paths:
        folder, _, cut = path.rpartition("/")
        assert (folder, path.endswith(".merged"), len(cut.encode()) <= 255) == ("x/y", True, True)
        assert cut.startswith(name[:50].encode(errors="ignore").decode())
