"""A part of a pack is said by path, by folder, by pattern, or by the name of a component."""

import unicodedata
from typing import Literal

import pytest

from claudepack.pack.components import find_components
from claudepack.pack.parts import find_part, take_part
from packs_in_memory import make_test_pack
from trees import AGENT

PACK = make_test_pack(
    {
        "agents/team/a.md": AGENT.format(name="reviewer"),
        "agents/b.md": AGENT.format(name="writer"),
        "prompts/p/a.md": "a",
        "prompts/pq/a.md": "a",
        "skills/s/SKILL.md": AGENT.format(name="s"),
        "skills/s/run.py": "x",
        "commands/ns/c.md": "c",
        "CLAUDE.md.j2": "context",
    }
)
COMPONENTS = find_components(PACK)
A, B, P, PQ = "agents/team/a.md", "agents/b.md", "prompts/p/a.md", "prompts/pq/a.md"
SKILL, COMMAND, CONTEXT = ["skills/s/SKILL.md", "skills/s/run.py"], "commands/ns/c.md", "CLAUDE.md.j2"


@pytest.mark.parametrize(
    ("item", "files"),
    [
        (B, [B]),
        ("agents", [A, B]),
        ("agents/", [A, B]),
        ("agents/team", [A]),
        ("agent", []),
        ("b.md", []),
        ("agents/b", []),
        ("prompts/p", [P]),
        ("prompts/*/a.md", [P, PQ]),
        ("*", [A, B, P, PQ, *SKILL, COMMAND, CONTEXT]),
        ("reviewer", [A]),
        ("re*", [A]),
        ("s", SKILL),
        ("ns:c", [COMMAND]),
        ("p", [P]),
        ("CLAUDE.md", [CONTEXT]),
        ("CLAUDE.md.j2", [CONTEXT]),
        ("CLAUDE.*", [CONTEXT]),
        ("[", []),
        ("", []),
    ],
)
def test_what_a_word_means(item: str, files: list[str]) -> None:
    assert find_part(item, PACK, COMPONENTS) == set(files)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("item", ["agents/pr\u00fcfer.md", "pr\u00fcfer", "pr\u00fc*", "agents/pr\u00fc*"])
def test_a_name_with_accents_is_meant_in_either_form(item: str, form: Literal["NFC", "NFD"]) -> None:
    path = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "agents/pr\u00fcfer.md")
    agent = AGENT.format(name=unicodedata.normalize("NFC", "pr\u00fcfer"))
    pack = make_test_pack({path: agent, B: AGENT.format(name="writer")})

    assert find_part(unicodedata.normalize(form, item), pack, find_components(pack)) == {path}


@pytest.mark.parametrize(
    ("only", "exclude", "files"),
    [
        ([], [], [A, B, P, PQ, *SKILL, COMMAND, CONTEXT]),
        (["reviewer", "prompts/p"], [], [A, P]),
        (["agents"], ["writer"], [A]),
        ([], ["skills", "CLAUDE.md", "prompts", "commands"], [A, B]),
        (["agents"], ["agents"], []),
    ],
)
def test_a_part_is_what_is_wanted_without_what_is_left_out(
    only: list[str], exclude: list[str], files: list[str]
) -> None:
    assert set(take_part(PACK, COMPONENTS, only, exclude).files) == set(files)


def test_the_whole_is_the_pack_itself() -> None:
    assert take_part(PACK, COMPONENTS, [], []) is PACK
