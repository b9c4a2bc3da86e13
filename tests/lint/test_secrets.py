"""A quick look at bytes never says that nothing is there where there is something, whatever stands around it."""

import pytest

from claudepack.lint.secrets import find_private_keys, find_tokens, is_placeholder, may_harm, may_hide
from labelled import Maker, make_faulty

FAULTY = [item for item in make_faulty(Maker(3), 2_800) if not item.is_page]


@pytest.mark.parametrize("code", ["SF001", "SF002"])
def test_what_nobody_sees_is_seen_at_a_glance(code: str) -> None:
    texts = [text for item in FAULTY if code in item.codes for text in item.files.values()]

    assert len(texts) > 100
    assert [text for text in texts if not may_hide(text.encode())] == []


@pytest.mark.parametrize("code", ["SF003", "SF004", "SF005"])
def test_what_harms_is_seen_at_a_glance(code: str) -> None:
    texts = [text for item in FAULTY if code in item.codes for text in item.files.values()]

    assert len(texts) >= 100
    assert [text for text in texts if not may_harm(text.encode())] == []


def test_most_of_what_people_write_is_not_even_read() -> None:
    assert not may_harm(
        "A text of ASCII and Ünïcode, with a_name_that_is_rather_long and -----------------.\n".encode()
    )
    assert not may_hide("Dashes — “quotes” … café 日本語\n".encode())


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
