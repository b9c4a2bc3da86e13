"""A quick look at bytes never says that nothing is there where there is something, whatever stands around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.lint.secrets import find_private_keys, find_tokens, is_placeholder, may_harm, may_hide, sift
from claudepack.pack.hidden import find_hidden
from labelled import Maker, make_faulty

FAULTY = [item for item in make_faulty(Maker(3), 2_800) if not item.is_page]


@pytest.mark.parametrize("code", ["SF001", "SF002"])
def test_what_nobody_sees_is_seen_at_a_glance(code: str) -> None:
    texts = [text for item in FAULTY if code in item.codes for text in item.files.values()]

    assert len(texts) > 100
    assert [text for text in texts if not may_hide(sift(text.encode()))] == []


@pytest.mark.parametrize("code", ["SF003", "SF004", "SF005"])
def test_what_harms_is_seen_at_a_glance(code: str) -> None:
    texts = [text for item in FAULTY if code in item.codes for text in item.files.values()]

    assert len(texts) >= 100
    assert [text for text in texts if not _may_harm(text)] == []


def test_most_of_what_people_write_is_not_even_read() -> None:
    assert not _may_harm("A text of ASCII and Ünïcode, with a_name_that_is_rather_long and -----------------.\n")
    assert not may_hide(sift("Dashes — “quotes” … café 日本語\n".encode()))


def _may_harm(text: str) -> bool:
    data = text.encode()
    return may_harm(data, sift(data))


SIGNS = "a A<\n\u200b\u200d\u200e\u2028\u202a\u2060\u2066\u206a\u00ad\u180b\ufe0f\ufeff“é\U000e0041\U000e0100\U0001f3f4"


@given(st.text(st.sampled_from(SIGNS)))
def test_no_text_passes_unseen_that_hides_something(text: str) -> None:
    hides = find_hidden(text) or any(sign in text for sign in "\u00ad\u180b\u200b\u200d\u2060\ufe0f\ufeff\U000e0100")
    assert may_hide(sift(text.encode())) or not hides


@pytest.mark.parametrize(
    ("secret", "is_sample"),
    [
        ("K7dQ2mXv9RbT4nLcY6sWgZ8pHjF3uVaEeQ1x", False),
        ("9f3c71e0a8d25b46c19e7f0d3a8b62c5f4e1907d", False),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", True),
        ("yourTokenGoesHere1234567890abcdefghi", True),
        ("0123456789abcdef0123456789abcdef0123", True),
        ("K7dQ2mXv9RbT4nLcEXAMPLEpHjF3uVaEeQ1x", True),
        ("abababababababababababababababababab", True),
        ("KLMNOPQRST7dQ2mXv9RbT4nLcY6sWgZ8pHjF", True),
        ("K7dQ2mXv00000RbT4nLcY6sWgZ8pHjF3uVaE", True),
    ],
)
def test_chance_is_told_from_what_stands_for_it(secret: str, *, is_sample: bool) -> None:
    assert is_placeholder(secret) == is_sample


def test_a_text_made_to_take_long_does_not() -> None:
    """Forms are looked for from where a word begins, once."""
    hostile = ["eyJ" + "a" * 300_000, "eyJaaaaaaaaaaaaaaaaa." * 20_000, "-----BEGIN PRIVATE KEY-----\n" * 20_000]
    for text in [*hostile, "sk-" * 200_000 + "T3BlbkFJ", "xoxb-1" * 100_000, "aws_secret_access_key = " * 20_000]:
        assert list(find_tokens(text)) == list(find_private_keys(text)) == []
