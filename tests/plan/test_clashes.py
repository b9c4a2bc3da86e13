"""What two packs cannot both be is refused, and both are named."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.plan.clashes import refuse_shared_agents, refuse_shared_calls, refuse_shared_paths, refuse_unmet
from claudepack.plan.wanted import Wanted, want_pack
from claudepack.project.manifest import EMPTY, Entry
from packs_in_memory import make_test_pack


def _want(name: str, paths: tuple[str, ...] = (), version: str = "1.0", requires: tuple[str, ...] = ()) -> Wanted:
    pack = make_test_pack(dict.fromkeys(paths, "x"), name=name, version=version, requires=requires)
    return want_pack(pack, Entry(""), EMPTY, ".claude/", {})


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("agents/a.md", "agents/b.md", ""),
        ("prompts/p/a.md", "prompts/p/b.md", ""),
        ("agents/a.md", "agents/a.md", r"^\.claude/agents/a\.md is in one and in two$"),
        ("agents/a.md", "agents/A.md", r"agents/a\.md \(one\) and \.claude/agents/A\.md \(two\) are one file"),
        ("prompts/a", "prompts/a/b", r"prompts/a \(one\) and \.claude/prompts/a/b \(two\) are one file"),
        ("prompts/P/a.md", "prompts/p/b.md", r"\(one\) and .* \(two\) are one file"),
    ],
)
def test_one_path_in_two_packs(first: str, second: str, why: str) -> None:
    wanted = {"one": _want("one", (first,)), "two": _want("two", (second,))}
    if not why:
        refuse_shared_paths(wanted)
        return
    with pytest.raises(ClaudepackError, match=why) as caught:
        refuse_shared_paths(wanted)
    assert caught.value.code == "clash"
    assert "for one or two" in caught.value.hint


@pytest.mark.parametrize(
    ("delivered", "own", "why"),
    [
        ({"one": {"a": "a.md"}, "two": {"b": "b.md"}}, {"c": "c.md"}, ""),
        ({"one": {"a": "a.md"}}, {}, ""),
        ({"one": {"a": "a.md"}, "two": {"a": "b.md"}}, {}, r"'a' is in one \(a\.md\) and in two \(b\.md\)"),
        ({"one": {"a": "a.md"}}, {"a": "mine.md"}, r"'a' is in the project \(mine\.md\) and in one \(a\.md\)"),
    ],
)
def test_one_agent_name_in_two_places(delivered: dict[str, dict[str, str]], own: dict[str, str], why: str) -> None:
    if not why:
        refuse_shared_agents(delivered, own)
        return
    with pytest.raises(ClaudepackError, match=why) as caught:
        refuse_shared_agents(delivered, own)
    assert caught.value.code == "clash"


@pytest.mark.parametrize(
    ("paths", "own", "why"),
    [
        (("commands/ship.md", "skills/tidy/SKILL.md"), ("commands/go.md",), ""),
        (("commands/ops/ship.md", "skills/ship/SKILL.md"), (), ""),
        (("commands/ship.md", "skills/other/ship/SKILL.md"), (), ""),
        (("commands/ship.md", "skills/x/SKILL.md"), ("skills/ship/notes.md", "agents/ship.md"), ""),
        (("commands/ship.md", "skills/ship/SKILL.md"), (), r"^/ship is in one \(.*commands/ship\.md\) and in two \("),
        (("skills/ship/SKILL.md", "agents/a.md"), ("commands/ship.md",), r"^/ship is in the project .* and in one \("),
        (("agents/a.md", "commands/ship.md"), ("skills/ship/SKILL.md",), r"^/ship is in the project .* and in two \("),
    ],
)
def test_one_name_for_a_command_and_a_skill(paths: tuple[str, str], own: tuple[str, ...], why: str) -> None:
    wanted = {"one": _want("one", paths[:1]), "two": _want("two", paths[1:])}
    there = [f".claude/{path}" for path in own]
    if not why:
        refuse_shared_calls(wanted, there, ".claude/")
        return
    with pytest.raises(ClaudepackError, match=why) as caught:
        refuse_shared_calls(wanted, there, ".claude/")
    assert caught.value.code == "clash"


@pytest.mark.parametrize(
    ("requires", "version", "why"),
    [
        ("claudepack-base", "1.0", ""),
        ("claudepack-base>=1,<2", "1.5", ""),
        (
            "claudepack-base>=2",
            "2.0rc1.dev1",
            "requires claudepack-base>=2, and the project has claudepack-base 2.0rc1",
        ),
        ("claudepack-base>=1", "2.0rc1", ""),
        ("Claudepack_Base>=1", "1.0", ""),
        (
            "claudepack-base>=2",
            "1.0",
            "^mine 1.0 requires claudepack-base>=2, and the project has claudepack-base 1.0$",
        ),
        ("claudepack-other", "1.0", "^mine 1.0 requires claudepack-other, which this project does not have$"),
        ("claudepack-other; python_version < '3'", "1.0", ""),
        ("claudepack-other; extra == 'more'", "1.0", ""),
        ("claudepack-base >> 1", "1.0", "^mine 1.0 requires 'claudepack-base >> 1', which is no requirement"),
    ],
)
def test_requirements_on_each_other(requires: str, version: str, why: str) -> None:
    wanted = {"mine": _want("mine", requires=(requires,)), "base": _want("base", version=version)}
    if not why:
        refuse_unmet(wanted)
        return
    with pytest.raises(ClaudepackError, match=why) as caught:
        refuse_unmet(wanted)
    assert (caught.value.code, bool(caught.value.hint)) == ("requires", True)
