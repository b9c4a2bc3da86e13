"""What is handed to pip can make it fetch a wheel, and nothing else."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.source.pip import Index, pin_line

SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("url", "sha256", "line"),
    [
        ("", SHA256, f"claudepack-x==1.0 --hash=sha256:{SHA256}"),
        ("", "", "claudepack-x==1.0"),
        ("", "md5:x", "claudepack-x==1.0"),
        ("https://h/x.whl", SHA256, f"claudepack-x @ https://h/x.whl --hash=sha256:{SHA256}"),
        ("https://h/x.whl?signature=a%2Fb", "", "claudepack-x @ https://h/x.whl?signature=a%2Fb"),
        ("https://h/x.whl#sha256=0", "", "claudepack-x @ https://h/x.whl"),
        ("https://h/${HOME}/x.whl", "", "claudepack-x @ https://h/%24%7BHOME%7D/x.whl"),
        ("https://h/a b;c\n-r other/x.whl", "", "claudepack-x @ https://h/a%20b%3Bc%0A-r%20other/x.whl"),
        ("file:///w/x.whl", "", "claudepack-x @ file:///w/x.whl"),
    ],
)
def test_a_line_holds_one_wheel(url: str, sha256: str, line: str) -> None:
    assert pin_line("claudepack-x", "1.0", url, sha256) == line


@pytest.mark.parametrize(
    "url",
    [
        "git+https://h/x.whl",
        "https://h/x.tar.gz",
        "https://h/x.zip?x.whl",
        "https://h/#x.whl",
        "ftp://h/x.whl",
        "x.whl",
    ],
)
def test_what_pip_would_have_to_build_is_refused(url: str) -> None:
    with pytest.raises(ClaudepackError, match="not the URL of a wheel"):
        pin_line("claudepack-x", "1.0", url, SHA256)


def test_an_index_is_shown_without_its_credentials() -> None:
    index = Index(url="https://u:secret@h/simple")
    assert index.shown == "https://h/simple"
    assert "secret" not in repr(index)
