"""What packs require is read as PEP 508 has it, where it holds here; more than a name and a range is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.pack.requires import read_needs


@pytest.mark.parametrize(
    ("text", "distribution", "specifier"),
    [
        ("claudepack-base", "claudepack-base", ""),
        ("Claudepack_Base.x >= 1, < 2", "claudepack-base-x", "<2,>=1"),
        ("claudepack-base (>=1)", "claudepack-base", ">=1"),
        ("claudepack-base; python_version >= '3'", "claudepack-base", ""),
        ("claudepack-base==1.0; sys_platform != 'none'", "claudepack-base", "==1.0"),
    ],
)
def test_a_requirement_is_a_name_and_a_range(text: str, distribution: str, specifier: str) -> None:
    [need] = read_needs("mine 1.0", [text])

    assert (need.by, need.distribution, str(need.specifier), need.text) == ("mine 1.0", distribution, specifier, text)


@pytest.mark.parametrize("marker", ["python_version < '3'", "extra == 'x'", "sys_platform == 'none'"])
def test_what_does_not_hold_here_is_not_required(marker: str) -> None:
    assert read_needs("mine 1.0", [f"claudepack-base; {marker}", f"claudepack-base[x] @ file:///x ; {marker}"]) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "which is no requirement"),
        ("claudepack base", "which is no requirement"),
        ("claudepack-base>=x", "which is no requirement"),
        ("claudepack-base; os_name", "which is no requirement"),
        ("claudepack-base; os_name ~= 'x'", "which is no requirement"),
        ("claudepack-base; extras == 'x'", "which is no requirement"),
        ("claudepack-base @ https://example.org/x.whl", "with a URL"),
        ("claudepack-base[x]>=1", "with extras"),
    ],
)
def test_what_is_more_or_less_than_that_is_refused(text: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=rf"^mine 1\.0 requires .*{why}") as caught:
        read_needs("mine 1.0", ["claudepack-other", text])
    assert (caught.value.code, bool(caught.value.hint)) == ("requires", True)


@pytest.mark.parametrize(
    ("text", "version", "is_allowed"),
    [
        ("a", "0.1", True),
        ("a", "1.0rc1", True),
        ("a>=1", "2.0.dev1", True),
        ("a>=1", "1.0rc1", False),
        ("a>=1,<2", "2.0", False),
        ("a==1.*", "1.9", True),
    ],
)
def test_a_version_will_do_or_not(text: str, version: str, *, is_allowed: bool) -> None:
    [need] = read_needs("", [text])
    assert need.allows(version) == is_allowed


@pytest.mark.parametrize(("by", "sentence"), [("mine 1.0", "mine 1.0 requires a >=1"), ("", "a >=1 is asked for")])
def test_it_is_told_as_it_was_written(by: str, sentence: str) -> None:
    [need] = read_needs(by, ["a >=1"])
    assert str(need) == sentence


NAMES = ("a", "b-c", "[x]", " @ ", "https://e.org/x", ">=1", "==1.*", ",", "(", ")", " ")
MARKERS = (";", " and ", " in ", "'x'", '"3"', "os_name", "extra", "extras", "python_version", "~=", "===", "<")


@given(name=st.lists(st.sampled_from(NAMES), max_size=4), marker=st.lists(st.sampled_from(MARKERS), max_size=5))
def test_any_text_is_read_or_refused(name: list[str], marker: list[str]) -> None:
    text = "".join([*name, *marker])
    with contextlib.suppress(ClaudepackError):
        assert all(need.text == text for need in read_needs("mine", [text]))
