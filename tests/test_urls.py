"""No credential gets into what is written down or shown."""

import pytest

from claudepack.urls import find_git_fault, redact, strip_credentials, strip_pin


@pytest.mark.parametrize(
    ("url", "stripped"),
    [
        ("https://h.example/simple", "https://h.example/simple"),
        ("https://u:p@h.example/simple", "https://h.example/simple"),
        ("https://token@h.example/simple?a=b@c", "https://h.example/simple"),
        ("https://h.example/a?access_token=t", "https://h.example/a"),
        ("HTTP://h.example?access_token=t", "HTTP://h.example"),
        ("file:///srv/a?b", "file:///srv/a?b"),
        ("https://u:p%40x@h.example", "https://h.example"),
        ("https://u:p@x@h.example/", "https://h.example/"),
        ("ssh://git@h.example/a.git", "ssh://git@h.example/a.git"),
        ("ssh://git:p@h.example/a.git", "ssh://git@h.example/a.git"),
        ("file:///srv/a@b", "file:///srv/a@b"),
        ("../wheels", "../wheels"),
    ],
)
def test_what_could_be_a_credential_goes(url: str, stripped: str) -> None:
    assert strip_credentials(url) == stripped
    assert strip_credentials(stripped) == stripped


def test_a_pin_has_neither_query_nor_fragment() -> None:
    assert strip_pin("https://u:p@h.example/a.whl?signature=s#sha256=x") == "https://h.example/a.whl"


def test_the_text_of_another_program_is_shown_without_credentials() -> None:
    told = "fatal: unable to access 'https://u:p@h.example/a.git/': no (see https://h.example/x@y)"
    assert redact(told) == "fatal: unable to access 'https://h.example/a.git/': no (see https://h.example/x@y)"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("fatal: 'https://h.example/a?access_token=t/': no", "fatal: 'https://h.example/a': no"),
        ("git+https://u:p@h.example/a?private=t@v1", "git+https://h.example/a"),
        ("is that right? see https://h.example/ or ask?", "is that right? see https://h.example/ or ask?"),
    ],
)
def test_nor_with_the_queries_of_urls(told: str, shown: str) -> None:
    assert redact(told) == shown


@pytest.mark.parametrize("url", ["https://h/a", "ssh://git@h/a", "git://h/a", "file:///a", "http://127.0.0.1:1/a"])
def test_git_is_asked_for_what_it_fetches(url: str) -> None:
    assert not find_git_fault(url)


@pytest.mark.parametrize("url", ["", "a", "../a", "git@h:a", "ext::sh -c id", "ext://sh", "https://", "https://h/a b"])
def test_git_is_asked_for_nothing_else(url: str) -> None:
    assert find_git_fault(url)
