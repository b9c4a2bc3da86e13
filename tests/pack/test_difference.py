"""What those who use a pack will notice of a new version."""

from collections.abc import Mapping

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.components import find_components
from claudepack.pack.difference import Difference, compare_packs, read_changelog
from packs_in_memory import make_test_pack
from trees import AGENT

FILES: dict[str, str | bytes] = {
    "agents/a.md": AGENT.format(name="a"),
    "prompts/p/one.md": "One.\n",
    "CLAUDE.md": "Read.\n",
}
MOVED = {"agents/team/a.md": FILES["agents/a.md"], **{path: FILES[path] for path in list(FILES)[1:]}}


def _compare(files: Mapping[str, str | bytes]) -> Difference:
    new = make_test_pack(files, version="1.1.0")
    return compare_packs(make_test_pack(FILES), new, find_components(new))


@pytest.mark.parametrize(
    ("files", "added", "removed", "renamed"),
    [
        (FILES, (), (), ()),
        ({**FILES, "prompts/p/one.md": "1.\n", "prompts/p/two.md": "Two.\n"}, (), (), ()),
        ({**FILES, "agents/b.md": AGENT.format(name="b")}, ("agent b",), (), ()),
        ({**FILES, "agents/a.md": AGENT.format(name="b")}, ("agent b",), ("agent a",), ()),
        ({path: FILES[path] for path in ("agents/a.md", "CLAUDE.md")}, (), ("prompt folder p",), ()),
        (MOVED, (), (), (("agent a", "agents/a.md", "agents/team/a.md"),)),
    ],
    ids=["nothing", "texts only", "an agent comes", "one for another", "a folder goes", "a file moves"],
)
def test_components_come_and_go(
    files: Mapping[str, str | bytes],
    added: tuple[str, ...],
    removed: tuple[str, ...],
    renamed: tuple[tuple[str, str, str], ...],
) -> None:
    difference = _compare(files)
    assert (difference.added, difference.removed, difference.renamed) == (added, removed, renamed)
    assert not difference.has_new_context


@pytest.mark.parametrize(
    ("changed", "is_new", "tokens"),
    [
        ({"CLAUDE.md": "Read.\n"}, False, 0),
        ({"CLAUDE.md": "Read." + "x" * 350 + "\n"}, True, 100),
        ({"agents/a.md": AGENT.format(name="a").replace("Does a.", "Does a." + "x" * 350)}, False, 100),
        ({"agents/a.md": AGENT.format(name="a") + "x" * 350}, False, 0),
        ({"prompts/p/one.md": "x" * 350}, False, 0),
    ],
    ids=["the same", "a longer context", "a longer description", "a longer agent", "a longer prompt"],
)
def test_what_every_session_costs_is_told(changed: Mapping[str, str], *, is_new: bool, tokens: int) -> None:
    difference = _compare({**FILES, **changed})
    assert (difference.has_new_context, difference.tokens) == (is_new, tokens)


def test_a_context_is_new_also_where_it_goes() -> None:
    difference = _compare({path: text for path, text in FILES.items() if path != "CLAUDE.md"})
    assert difference.has_new_context
    assert difference.tokens < 0


def test_the_changelog_of_the_new_version_is_read() -> None:
    text = "\ufeff# Changelog\n\n## [1.1.0]\n\n- Më.\n\n## [1.0.0]\n\n- First.\n"
    assert _compare({**FILES, "CHANGELOG.md": text}).changelog == "## [1.1.0]\n\n- Më."
    assert read_changelog(make_test_pack(FILES)) == ""
    with pytest.raises(ClaudepackError, match=r"CHANGELOG\.md: not UTF-8"):
        read_changelog(make_test_pack({**FILES, "CHANGELOG.md": b"\xff"}))
