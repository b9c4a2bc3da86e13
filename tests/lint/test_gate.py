"""What is broken is neither built nor installed, with its place and what to do; what is whole passes."""

import tracemalloc
from collections.abc import Mapping
from functools import partial
from io import FileIO
from pathlib import Path
from types import MappingProxyType

import pytest

from claudepack.errors import ClaudepackError
from claudepack.lint.gate import BUILDING, check_pack, refuse_errors
from claudepack.lint.page import read_page
from claudepack.lint.registry import load_rules
from claudepack.pack.tree import Pack, is_pack_path, read_file
from claudepack.paths import find_collision, find_fault
from packs_in_memory import make_test_pack
from trees import write_tree

AGENT = "---\nname: a\ndescription: does it\n---\n"
SKILL = "---\nname: s\ndescription: d\n---\n"

WHOLE = {
    "an agent": {"agents/a.md": AGENT},
    "a nested agent": {"agents/web/a.md": AGENT},
    "a command without frontmatter": {"commands/a.md": "Do it.\n"},
    "a rule that begins with a rule": {"rules/a.md": "text\n---\n"},
    "a binary in a prompt folder": {"prompts/a/x.png": b"\x89PNG\0\xff"},
    "a skill with its files": {"skills/s/SKILL.md": SKILL, "skills/s/lib/run.py": "x\n"},
    "a prompt beside the folder of its name": {"prompts/a.md": "a\n", "prompts/a/b.md": "b\n"},
    "folders that differ after a dot": {"prompts/node.js/a.md": "a\n", "prompts/node.ts/a.md": "b\n"},
    "skills that differ after a dot": {"skills/v1.1/SKILL.md": SKILL, "skills/v1.2/SKILL.md": SKILL},
    "hooks that differ after a dot": {"hooks/a.sh": "x\n", "hooks/a.py": "x\n"},
    "a context with a declared variable": {"CLAUDE.md.j2": "{{ x }}", "pack.toml": "[variables.x]\nhelp = 'h'\n"},
    "a flag": {"commands/a.md": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f\n"},
}


@pytest.mark.parametrize("files", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_whole_passes_to_be_built(files: dict[str, str | bytes]) -> None:
    assert refuse_errors(make_test_pack(files), BUILDING)


BROKEN = [
    ({}, "empty", "pyproject.toml", 0, "holds nothing"),
    ({"skills/s/README.md": "x"}, "layout", "skills/s", 0, "no SKILL.md"),
    ({"skills/s/skill.md": SKILL}, "layout", "skills/s", 0, "no SKILL.md"),
    ({"skills/SKILL.md": SKILL}, "layout", "skills/SKILL.md", 0, "does not read"),
    ({"agents/notes.txt": "x"}, "layout", "agents/notes.txt", 0, "does not read"),
    ({"output-styles/a/b.md": "x"}, "layout", "output-styles/a/b.md", 0, "does not read"),
    ({"agents/a.md": "no\n"}, "no-frontmatter", "agents/a.md", 1, "no frontmatter"),
    ({"agents/a.md": "---\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 1, "has no name"),
    ({"agents/a.md": "---\nname: a\n---\n"}, "frontmatter", "agents/a.md", 1, "has no description"),
    ({"agents/a.md": "---\nname: a\ndescription: 7\n---\n"}, "frontmatter", "agents/a.md", 3, "no text"),
    ({"agents/a.md": "---\nname: ''\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 2, "name is empty"),
    ({"agents/a.md": "---\nname: 'a:b'\ndescription: d\n---\n"}, "frontmatter", "agents/a.md", 2, "'a:b'"),
    ({"agents/a.md": AGENT, "agents/b.md": AGENT}, "duplicate", "agents/b.md", 2, "in agents/a.md too"),
    ({"commands/a.md": "one\ntwo \u202e\n"}, "hidden-text", "commands/a.md", 2, "U+202E"),
    (
        {"agents/a.md": '---\nname: a\ndescription: "d \\U000e0041"\n---\n'},
        "hidden-text",
        "agents/a.md",
        3,
        "U+E0041",
    ),
    (
        {"skills/s/SKILL.md": '---\nname: s\nmetadata:\n  deep: ["\\u202e"]\n---\n'},
        "hidden-text",
        "skills/s/SKILL.md",
        3,
        "U+202E",
    ),
    ({"CLAUDE.md": "a\n\u2066\n"}, "hidden-text", "CLAUDE.md", 2, "U+2066"),
    ({"CLAUDE.md": "a\n```\n"}, "context", "CLAUDE.md", 2, "never closed"),
    ({"CLAUDE.md.j2": "a\n{{ x() }}\n"}, "context", "CLAUDE.md.j2", 2, "Call"),
    ({"CLAUDE.md.j2": "{{ x }}"}, "variable", "CLAUDE.md.j2", 0, "'x' is not declared"),
    ({"settings.json": "{"}, "pack", "settings.json", 1, "not JSON"),
]


@pytest.mark.parametrize(("files", "code", "path", "line", "why"), BROKEN)
def test_what_is_broken_is_refused_for_one_reason(
    files: dict[str, str], code: str, path: str, line: int, why: str
) -> None:
    with pytest.raises(ClaudepackError) as caught:
        refuse_errors(make_test_pack(files))

    where = f"{path}:{line}" if line else path
    assert caught.value.message.startswith(f"mine 1.0.0: {where}: ")
    assert why in caught.value.message
    assert caught.value.code == code


def test_a_broken_pack_is_refused_with_all_that_is_wrong() -> None:
    pack = make_test_pack({"agents/a.md": "---\nname: a\n---\n", "agents/b.txt": "x"})

    with pytest.raises(ClaudepackError) as caught:
        refuse_errors(pack)

    assert caught.value.code == "frontmatter"
    assert caught.value.message.startswith("mine 1.0.0: 2 errors\n  agents/a.md:1: ")
    assert "\n  agents/b.txt: the client does not read this file there (" in caught.value.message


def test_a_dangling_reference_is_refused_only_where_a_pack_is_built() -> None:
    files = {"agents/a.md": f"{AGENT}Read @.claude/prompts/none/ first.\n"}

    refuse_errors(make_test_pack(files))
    with pytest.raises(ClaudepackError, match=r"@\.claude/prompts/none/ leads to no folder") as caught:
        refuse_errors(make_test_pack(files), BUILDING)
    assert caught.value.code == "reference"
    refuse_errors(make_test_pack(files, requires=("claudepack-base",)), BUILDING)


@pytest.mark.parametrize("comment", ["<!-- claudepack: ignore-file[SF] -->", "# claudepack: ignore-file[SF001,SF]"])
def test_a_pack_cannot_silence_what_would_refuse_it(comment: str) -> None:
    pack = make_test_pack({"prompts/a.md": f"{comment}\nDo it.\U000e0041\n"})

    assert [finding.code for finding in check_pack(pack)] == []
    with pytest.raises(ClaudepackError, match="U\\+E0041"):
        refuse_errors(pack)


ERRORS = {rule.code: rule for rule in load_rules().values() if rule.severity == "error"}


@pytest.mark.parametrize("code", ERRORS)
def test_the_gate_finds_at_a_glance_what_a_whole_check_finds(code: str) -> None:
    """It does not read what its bytes say is clean, and so must not miss what is in it, wherever that lies."""
    page = read_page(ERRORS[code])
    for path, content in [*page.bad.items(), *page.good.items()]:
        data = content.encode("utf-8", "surrogateescape")
        for place in {path.rpartition(" ")[2], "prompts/p/a.md", "hooks/a.sh", "rules/a.md", "skills/s/b.md"}:
            if not is_pack_path(place) or find_fault(place) or place == "pack.toml":
                continue
            pack = make_test_pack({"agents/own.md": AGENT, place: data})
            whole = [str(finding) for finding in check_pack(pack) if finding.severity == "error"]
            message = _find_refusal(pack)
            assert all(said in message for said in whole), place


@pytest.mark.parametrize("code", ERRORS)
def test_files_that_have_passed_before_change_nothing_about_the_others(code: str) -> None:
    for files in (read_page(ERRORS[code]).bad, read_page(ERRORS[code]).good):
        paths = [path for path in files if is_pack_path(path) and not find_fault(path) and path != "pack.toml"]
        if find_collision(paths):
            continue
        pack = make_test_pack(
            {"agents/own.md": AGENT, **{path: files[path].encode("utf-8", "surrogateescape") for path in paths}}
        )
        wrong = {finding.path for finding in check_pack(pack)}

        passed = {path: file.sha256 for path, file in pack.files.items() if path not in wrong}

        assert _find_refusal(pack, passed) == _find_refusal(pack)


def test_only_the_same_bytes_at_the_same_path_have_passed_before() -> None:
    hidden = make_test_pack({"prompts/a.md": "Do it.\U000e0041\n"})
    sha256 = hidden.files["prompts/a.md"].sha256

    assert not _find_refusal(hidden, {"prompts/a.md": sha256})
    assert "U+E0041" in _find_refusal(hidden, {"prompts/b.md": sha256})
    assert "U+E0041" in _find_refusal(hidden, {"prompts/a.md": "0" * 64})


def _find_refusal(pack: Pack, passed: Mapping[str, str] = MappingProxyType({})) -> str:
    try:
        refuse_errors(pack, passed=passed)
    except ClaudepackError as error:
        return error.message
    return ""


def test_a_large_file_is_looked_through_in_pieces(tmp_path: Path) -> None:
    large = write_tree(tmp_path, {"large.md": b"A line of a text that is large.\n" * 1_000_000}) / "large.md"
    with large.open("ab") as stream:
        stream.write("Do it.\U000e0041\n".encode())
    file = read_file("prompts/large.md", partial(FileIO, str(large)), executable=False)
    pack = make_test_pack({"agents/own.md": AGENT})
    pack = pack._replace(files={**pack.files, file.path: file})

    tracemalloc.start()
    with pytest.raises(ClaudepackError, match=r"prompts/large\.md:1000001: the invisible character U\+E0041"):
        refuse_errors(pack)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20
