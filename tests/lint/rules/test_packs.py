"""PK: what a pack says of itself, and its context."""

import pytest

from subjects import find_codes
from trees import PYPROJECT

HERE = {"README.md": "x", "prompts/p/a.md": "x"}


def _project(version: str = "1.0", dependencies: str = "", more: str = "") -> str:
    return PYPROJECT.format(name="mine", module="mine", version=version, dependencies=dependencies) + more


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_project(), []),
        (_project("1.0rc1"), []),
        (_project("one"), ["PK001 pyproject.toml"]),
        (_project().replace("claudepack-mine", "mine"), ["PK001 pyproject.toml"]),
        (_project().replace("claudepack.packs", "other"), ["PK001 pyproject.toml"]),
        (_project().replace('version = "1.0"', 'dynamic = ["version"]'), ["PK001 pyproject.toml"]),
        ("[project", ["PK001 pyproject.toml"]),
        (_project(dependencies='dependencies = ["claudepack-base>=1", "claudepack_other"]'), []),
        (_project(dependencies='dependencies = ["claudepack-base >>1"]'), ["PK003 pyproject.toml:9"]),
        (_project(dependencies='dependencies = ["claudepack-base[x]"]'), ["PK003 pyproject.toml:9"]),
        (_project(dependencies='dependencies = ["requests>=2"]'), ["PK004 pyproject.toml:9"]),
        (_project().replace('"prompts", ', ""), ["PK007 pyproject.toml:14"]),
        (_project().replace('"" = "claudepack_mine"', '"" = "mine"'), ["PK007 pyproject.toml:15"]),
    ],
)
def test_a_pyproject_describes_a_pack(text: str, found: list[str]) -> None:
    assert find_codes({"pyproject.toml": text, **HERE}, "PK") == found


@pytest.mark.parametrize(
    ("changelog", "version", "count"),
    [
        ("# Changelog\n\n## 1.0\n", "1.0", 0),
        ("## [1.0] - 2026-01-01\n", "1.0", 0),
        ("## v1.0\n", "1.0", 0),
        ("### Version 1.0 (first)\n", "1.0", 0),
        ("## 1.0.1\n\nas 1.0\n", "1.0", 1),
        ("## 11.0\n", "1.0", 1),
        ("## 1.0rc1\n", "1.0", 1),
        ("", "1.0", 1),
    ],
)
def test_the_changelog_has_the_version(changelog: str, version: str, count: int) -> None:
    files = {"pyproject.toml": _project(version), "CHANGELOG.md": changelog, **HERE}

    assert len(find_codes(files, "PK005")) == count


def test_a_readme_is_asked_for_of_a_pack_only() -> None:
    assert find_codes({"pyproject.toml": _project(), "prompts/p/a.md": "x"}, "PK") == ["PK006 README.md"]
    assert find_codes({"pyproject.toml": _project(), **HERE}, "PK") == []
    assert find_codes({"agents/x.txt": "x"}, "PK", layout="project") == []


@pytest.mark.parametrize(
    ("pack", "context", "found"),
    [
        ("format = 2", "", ["PK002 pack.toml"]),
        ("nope = 1", "", ["PK002 pack.toml"]),
        ('requires-claude-code = "2.1"', "", ["PK002 pack.toml"]),
        ("", "{{ x }}", ["PK009 CLAUDE.md.j2"]),
        ("[variables.x]", "{{ x }}", []),
        ("", "one\n{{ x() }}", ["PK008 CLAUDE.md.j2:2"]),
        ("", "one\n```\n", ["PK008 CLAUDE.md.j2:2"]),
        ("", "{% if %}", ["PK008 CLAUDE.md.j2:1"]),
        ("", "<!-- claudepack:begin x -->", ["PK008 CLAUDE.md.j2:1"]),
        ("", '{{ "\\U000e0041" }}', ["PK008 CLAUDE.md.j2:1"]),
    ],
)
def test_a_context_can_be_rendered_with_what_is_declared(pack: str, context: str, found: list[str]) -> None:
    files = {"pack.toml": pack, **({"CLAUDE.md.j2": context} if context else {}), **HERE}

    assert find_codes(files, "PK") == found


def test_a_pack_has_one_context() -> None:
    assert find_codes({"CLAUDE.md": "x", "CLAUDE.md.j2": "x", **HERE}, "PK", layout="pack") == ["PK008 CLAUDE.md.j2"]
