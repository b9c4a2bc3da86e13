"""A context is a template that cannot hang, grow, or break the file it goes into."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.context import MAX_BYTES, choose_variables, render_context, used_variables
from claudepack.pack.directory import read_directory
from claudepack.pack.settings import Value
from claudepack.pack.tree import Pack
from packs_in_memory import make_test_pack
from trees import write_pack


def _pack(text: str | bytes, *, path: str = "CLAUDE.md.j2", settings: str = "") -> Pack:
    return make_test_pack({path: text, "pack.toml": settings})


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Use {{ x }}.", {"x": "Go"}, "Use Go.\n"),
        ("{% if x %}yes{% else %}no{% endif %}", {"x": False}, "no\n"),
        ("{% for i in x %}- {{ i | upper }}\n{% endfor %}", {"x": ["a", "b"]}, "- A\n- B\n"),
        ("{{ x | join(', ') }}", {"x": ["a", "b"]}, "a, b\n"),
        ("{{ x | replace('a', 'b') | trim | title }}", {"x": " cat "}, "Cbt\n"),
        ("{{ 'new' if x == 1 and not y is defined else 'old' }}", {"x": 1}, "new\n"),
        ("{% if 'a' in x %}in{% endif %}", {"x": ["a"]}, "in\n"),
        ("{{ x | default('none') }}", {"x": ""}, ""),
        ("{# for people #}\n\n  a\n\n", {}, "  a\n"),
        ("a\r\nb\rc\n\n\n", {}, "a\nb\nc\n"),
        ("\ufeffa", {}, "a\n"),
        ("{{ x }}", {"x": "a\r\n{{ y }}\r"}, "a\n{{ y }}\n"),
        (" \n\t\n", {}, ""),
    ],
)
def test_a_template_is_rendered(template: str, values: Mapping[str, Value], text: str) -> None:
    assert render_context(_pack(template), values) == text


def test_without_j2_it_is_no_template() -> None:
    pack = _pack("{{ x }} {% raw %}\r\n", path="CLAUDE.md")
    assert (used_variables(pack), render_context(pack, {})) == (set(), "{{ x }} {% raw %}\n")


def test_a_pack_without_a_context_adds_nothing(tmp_path: Path) -> None:
    pack = read_directory(write_pack(tmp_path / "mine"))
    assert (used_variables(pack), choose_variables(pack, {}), render_context(pack, {})) == (set(), {}, "")


@pytest.mark.parametrize(
    ("construct", "why"),
    [
        ("{{ ''.__class__ }}", "Getattr"),
        ("{{ ''['__class__'] }}", "Getitem"),
        ("{{ x.y }}", "Getattr"),
        ("{{ x[1:] }}", "Getitem"),
        ("{{ cycler('a') }}", "Call"),
        ("{{ range(9) }}", "Call"),
        ("{{ lipsum() }}", "Call"),
        ("{{ x | map('upper') }}", "filter 'map'"),
        ("{{ x | attr('y') }}", "filter 'attr'"),
        ("{{ x | centre(10) }}", "filter 'centre'"),
        ("{{ x is callable }}", "test 'callable'"),
        ("{{ 9 ** 9 }}", "Pow"),
        ("{{ 'a' * 9 }}", "Mul"),
        ("{{ x + y }}", "Add"),
        ("{{ x ~ y }}", "Concat"),
        ("{{ -x }}", "Neg"),
        ("{{ [x] }}", "List"),
        ("{{ {x: x} }}", "Dict"),
        ("{% for a in 'ab' %}{% endfor %}", "must run over a variable"),
        ("{% for a in x | list %}{% endfor %}", "must run over a variable"),
        ("{% for a in x %}{% for b in x %}{% endfor %}{% endfor %}", "not inside another"),
        ("{% for a, b in x %}{% endfor %}", "Tuple"),
        ("{% set a = 1 %}", "Assign"),
        ("{% set a %}{% endset %}", "AssignBlock"),
        ("{% macro a() %}{% endmacro %}", "Macro"),
        ("{% filter upper %}{% endfilter %}", "FilterBlock"),
        ("{% block a %}{% endblock %}", "Block"),
        ("{% include 'a' %}", "Include"),
        ("{% import 'a' as b %}", "Import"),
        ("{% extends 'a' %}", "Extends"),
        ("{% do x %}", "unknown tag"),
        ("{% if x %}", "Unexpected end"),
        ("{{ '\\x' }}", "escape"),
    ],
)
def test_more_of_jinja_than_that_is_refused_with_its_line(construct: str, why: str) -> None:
    pack = _pack(f"first\nsecond {construct}\n")

    with pytest.raises(ClaudepackError, match=why) as caught:
        used_variables(pack)
    with pytest.raises(ClaudepackError, match=why):
        render_context(pack, {"x": "a", "y": "b"})

    assert (caught.value.code, caught.value.message[:15]) == ("context", "CLAUDE.md.j2:2:")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% if x %}" * 3000 + "{% endif %}" * 3000, "nested too deeply"),
        ("{% if x %}" * 120 + "{% endif %}" * 120, "nested too deeply"),
        ("{{ x" + "|upper" * 1500 + " }}", "nested too deeply"),
        ("{{ x" + "|upper" * 300 + " }}", "nested too deeply"),
        ("{{ " + "1" * 5000 + " }}", "digits"),
    ],
    ids=["no stack for it", "no Python for it", "filters, no stack", "filters, no Python", "a number"],
)
def test_what_python_cannot_compile_is_refused(template: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why):
        used_variables(_pack(template))
    with pytest.raises(ClaudepackError, match=why):
        render_context(_pack(template), {"x": "a"})


@pytest.mark.parametrize("template", ["{% if x %}" * 35 + "a" + "{% endif %}" * 35, "{{ 'a'" + "|trim" * 35 + " }}"])
def test_what_is_nested_less_is_rendered(template: str) -> None:
    assert render_context(_pack(template), {"x": "a"}) == "a\n"


TENFOLD = "|replace('a', 'aaaaaaaaaa')"


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a'" + TENFOLD * 12 + " }}",
        "{{ x" + TENFOLD * 12 + " }}",
        "{{ x" + "|replace('', x)" * 30 + " }}",
        "{{ 'aaaaaaaaaa'" + "|join('aaaaaaaaaa')" * 12 + " }}",
        "{% for c in z %}" + "a" * 1000 + "{% endfor %}",
    ],
)
def test_a_text_that_grows_without_bound_is_refused(template: str) -> None:
    values: Mapping[str, Value] = {"x": "aaaaaaaaaa", "z": ["a"] * 1000}
    with pytest.raises(ClaudepackError, match="more than") as caught:
        render_context(_pack(template), values)
    assert caught.value.code == "context"


@pytest.mark.parametrize(
    "template", ["{{ 1 in 2 }}", "{{ 'a' < 2 }}", "{{ x | replace(1) }}", "{{ y }}"], ids=["in", "<", "filter", "name"]
)
def test_what_fails_while_it_is_rendered_is_an_error(template: str) -> None:
    with pytest.raises(ClaudepackError, match=r"^CLAUDE\.md\.j2: ") as caught:
        render_context(_pack(template), {"x": "a"})
    assert caught.value.code == "context"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a\n<!-- claudepack:begin other -->\n", 2, "marker"),
        ("<!--claudepack:end mine-->", 1, "marker"),
        ("a\n\n```\nb", 3, "never closed"),
        ("a\n<<<<<<< HEAD\nb\n", 2, "conflict marker"),
        (">>>>>>> branch\n", 1, "conflict marker"),
    ],
)
def test_what_would_break_claude_md_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        render_context(_pack(text, path="CLAUDE.md"), {})
    assert caught.value.message.startswith(f"CLAUDE.md:{line}: ")


@pytest.mark.parametrize("escape", [r"\u202e", r"\U000e0041", r"\ud800"])
def test_what_nobody_sees_is_refused_where_an_escape_makes_it(escape: str) -> None:
    code = escape[2:].lstrip("0").upper()
    with pytest.raises(ClaudepackError, match=rf"^CLAUDE\.md\.j2:2: the invisible character U\+{code}"):
        render_context(_pack(f"a\n{{{{ '{escape}' }}}}"), {})


def test_a_conflict_inside_a_fence_is_an_example() -> None:
    text = "```\n<<<<<<< HEAD\n```\n"
    assert render_context(_pack(text), {}) == text


@pytest.mark.parametrize(
    ("data", "why"), [(b"\xff", "not UTF-8"), (b"a" * (MAX_BYTES + 1), f"{MAX_BYTES + 1} bytes")], ids=["bytes", "size"]
)
def test_what_is_no_text_or_too_much_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why):
        render_context(_pack(data), {})


SETTINGS = '[variables.x]\ndefault = "ours"\nhelp = "the language"\n[variables.y]\nhelp = "the team"\n'


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"x": "Go", "y": "a"}, {"x": "Go", "y": "a"}),
        ({"y": "a", "z": "unused"}, {"x": "ours", "y": "a"}),
        ({"x": False, "y": ""}, {"x": False, "y": ""}),
    ],
)
def test_the_project_s_value_goes_before_the_pack_s(given: Mapping[str, Value], values: Mapping[str, Value]) -> None:
    assert choose_variables(_pack("{{ x }}{{ y }}", settings=SETTINGS), given) == values


@pytest.mark.parametrize(("name", "about"), [("y", r" \(the team\), and"), ("z", ", and")])
def test_a_variable_that_nobody_gives_is_named_with_its_help(name: str, about: str) -> None:
    with pytest.raises(ClaudepackError, match=f"mine: its context needs the variable '{name}'{about}") as caught:
        choose_variables(_pack(f"{{{{ {name} }}}}", settings=SETTINGS), {})
    assert caught.value.code == "variable"
    assert f"--set {name}=" in caught.value.hint


def test_the_variable_of_a_loop_is_none_of_the_pack_s() -> None:
    assert used_variables(_pack("{% for a in x %}{{ a }}{{ y }}{% endfor %}")) == {"x", "y"}
