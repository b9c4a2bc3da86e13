"""pack.toml is read strictly: a typing error in it is named, with what was meant."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.settings import PackSettings, Variable, is_value, read_settings


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", PackSettings()),
        ("format = 1\n", PackSettings()),
        ('requires-claude-code = ">= 2.1, <3"\n', PackSettings("<3,>=2.1")),
        (
            '[variables.language]\ndefault = "Go"\nhelp = "the language"\n',
            PackSettings(variables={"language": Variable("Go", "the language")}),
        ),
        ("[variables.x]\n", PackSettings(variables={"x": Variable(None, "")})),
        (
            '[variables]\na = {default = ["x", "y"]}\nb = {default = false}\nc = {default = 1.5}\n',
            PackSettings(variables={"a": Variable(["x", "y"], ""), "b": Variable(False, ""), "c": Variable(1.5, "")}),  # noqa: FBT003 - a default
        ),
    ],
)
def test_what_is_written_is_read(text: str, settings: PackSettings) -> None:
    assert read_settings(text.encode(), "pack.toml") == settings
    assert read_settings(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "pack.toml") == settings


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("=", "pack", "not TOML"),
        ("a = " + "[" * 100_000, "pack", "not TOML"),
        ("a = " + "1" * 5000, "pack", "not TOML"),
        ("format = 2", "format", "a pack of format 2, and this claudepack knows format 1"),
        ('format = "1"', "format", "a pack of format 1"),
        ("formt = 1", "pack", "unknown key 'formt'"),
        ("requires-claude-code = 2", "pack", "2 is no version specifier"),
        ('requires-claude-code = "2.1"', "pack", "'2.1' is no version specifier"),
        ("variables = 7", "pack", "variables must be tables"),
        ("[variables]\nx = 7", "pack", r"\[variables\.x\] is no variable"),
        ('[variables]\n"a b" = {}', "pack", r"\[variables\.a b\] is no variable"),
        ("[variables.x]\ndefalt = 1", "pack", "unknown key 'defalt'"),
        ("[variables.x]\ndefault = 2024-01-01", "pack", "default must be text"),
        ("[variables.x]\ndefault = [1]", "pack", "default must be text"),
        ("[variables.x]\ndefault = {a = 1}", "pack", "default must be text"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        read_settings(text.encode(), "mine/pack.toml")
    assert caught.value.code == code
    assert caught.value.message.startswith("mine/pack.toml: ")
    assert caught.value.hint


def test_the_key_that_was_meant_is_suggested() -> None:
    with pytest.raises(ClaudepackError) as caught:
        read_settings(b"variable = {}", "pack.toml")
    assert caught.value.hint == "did you mean variables?"


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("", True), (0, True), (1.5, True), (False, True), ([], True), (["a"], True), ([1], False), ({}, False)],
)
def test_what_a_variable_may_be(value: object, *, is_one: bool) -> None:
    assert is_value(value) == is_one
    assert not is_value(None)
