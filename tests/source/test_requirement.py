"""A word of the command line is a name or a path, and is told apart by how it is written."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.source.requirement import Repository, Requirement, parse_requirement


@pytest.mark.parametrize(
    ("word", "requirement"),
    [
        ("backend", Requirement("backend")),
        ("web-api", Requirement("web-api")),
        ("claudepack-backend", Requirement("backend")),
        ("backend==1.2", Requirement("backend", "==1.2")),
        ("backend >= 1, < 2", Requirement("backend", "<2,>=1")),
        ("claudepack-backend~=1.2", Requirement("backend", "~=1.2")),
        (".", Requirement(path=".")),
        ("..", Requirement(path="..")),
        ("./mine", Requirement(path="./mine")),
        ("../packs/mine", Requirement(path="../packs/mine")),
        ("/abs/mine", Requirement(path="/abs/mine")),
        ("mine/", Requirement(path="mine/")),
        ("./a @ b", Requirement(path="./a @ b")),
        ("packs/a b==1", Requirement(path="packs/a b==1")),
        ("mine-1.0-py3-none-any.whl", Requirement(path="mine-1.0-py3-none-any.whl")),
        ("dist/mine.whl", Requirement(path="dist/mine.whl")),
        ("claudepack_mine-1.0.tar.gz", Requirement(path="claudepack_mine-1.0.tar.gz")),
        ("git+https://h.example/a.git", Requirement(git=Repository("https://h.example/a.git"))),
        ("git+https://h.example/a.git@v1.0", Requirement(git=Repository("https://h.example/a.git", "v1.0"))),
        (
            "git+ssh://git@h.example/a.git@feature/x#subdirectory=packs/mine",
            Requirement(git=Repository("ssh://git@h.example/a.git", "feature/x", "packs/mine")),
        ),
        ("git+https://h.example/a#box", Requirement(git=Repository("https://h.example/a", plugin="box"))),
        ("git+https://h.example/a#plugin=box", Requirement(git=Repository("https://h.example/a", plugin="box"))),
        (
            "git+https://h.example/a@v1#subdirectory=shop/&box",
            Requirement(git=Repository("https://h.example/a", "v1", "shop", plugin="box")),
        ),
        ("git+file:///srv/a.git", Requirement(git=Repository("file:///srv/a.git"))),
        ("git+https://u:p@h.example/a", Requirement(git=Repository("https://u:p@h.example/a"))),
    ],
)
def test_a_word_is_read(word: str, requirement: Requirement) -> None:
    assert parse_requirement(word) == requirement


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "names no pack"),
        ("Backend", "names no pack"),
        ("my_pack", "names no pack"),
        ("web.api", "names no pack"),
        ("a--b", "names no pack"),
        ("backend==", "names no pack"),
        ("backend=1", "names no pack"),
        ("backend@1.0", "no extras, markers or URLs"),
        ("-x", "names no pack"),
        ("backend[extra]", "no extras, markers or URLs"),
        ("backend; python_version > '3'", "no extras, markers or URLs"),
        ("https://example.org/a.whl", "not from a URL"),
        ("HTTPS://example.org/a.whl", "not from a URL"),
        ("mine @ https://example.org/a.whl", "not by both"),
        ("mine@https://example.org/a.whl", "not by both"),
        ("mine[x] @ git+https://example.org/a", "not by both"),
        ("mine @ ./a", "not by both"),
        ("git@example.org:a.git", "named by a URL"),
        ("git@example.org:a/b.git", "named by a URL"),
        ("file:///mine", "not from a URL"),
        ("git+", "must begin with one of https://"),
        ("git+git@example.org:a.git", "must begin with one of https://"),
        ("git+ext::sh -c id", "must begin with one of https://"),
        ("git+https://", "must begin with one of https://"),
        ("git+https://example.org/a@", "no tag, branch or commit"),
        ("git+https://example.org/a@-x", "no tag, branch or commit"),
        ("git+https://example.org/a@a..b", "no tag, branch or commit"),
        ("git+https://example.org/a#egg=a", "a: #egg=… is not known"),
        ("git+https://example.org/a#subdirectory=../b", "the subdirectory behind the # is none"),
        ("git+https://example.org/a#subdirectory=", "the subdirectory behind the # is none"),
        ("git+https://example.org/a#box/x", "the plugin behind the # is none"),
        ("git+https://example.org/a#box&crate", "the plugin behind the # is none"),
        ("git+https://example.org/a\u202eb", "cannot be seen"),
    ],
)
def test_what_is_neither_is_refused(word: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        parse_requirement(word)
    assert (caught.value.code, bool(caught.value.hint)) == ("requirement", True)


@pytest.mark.parametrize(
    "word",
    [
        "git+https://u:secret@h.example/a@-x",
        "git+https://h.example/a@v1?token=secret",
        "git+https://h.example/a?token=secret@-x",
        "git+https://h.example/a#token=secret",
        "git+https://h.example/a#subdirectory=b&auth=secret",
        "git+https://h.example/a@-x#token=secret",
        "https://secret@h.example/a",
        "https://h.example/a.whl?token=secret",
        "HTTPS://u:secret@h.example/a.whl",
        "mine @ https://u:secret@h.example/a.whl",
        "mine@https://h.example/a.whl?token=secret",
    ],
)
def test_a_credential_is_never_shown(word: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        parse_requirement(word)
    assert "secret" not in caught.value.message + caught.value.hint + repr(caught.value.__cause__)
