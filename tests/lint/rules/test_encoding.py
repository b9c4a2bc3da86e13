"""EN: bytes that are not the text they were meant to be, and those that are only rare."""

import pytest

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from subjects import make_subject

HEAD = b"---\nname: a\ndescription: d\n---\n"
CASES = [
    ("agents/a.md", HEAD + "größer — 完了 🚀\n".encode(), []),
    ("agents/a.md", HEAD + b"gr\xf6\xdfer\n", ["EN001 5:3"]),
    ("agents/a.md", HEAD + b"half of a pair: \xed\xa0\x80\n", ["EN001 5:17"]),
    ("CLAUDE.md", b"gr\xf6\n", ["EN001 1:3"]),
    ("hooks/a.sh", b"gr\xf6\n", []),
    ("prompts/a/picture.png", b"\x89PNG\xff\n", []),
    ("agents/a.md", b"\xff\xfe-\0-\0-\0", ["EN002 0:0"]),
    ("agents/a.md", b"\xfe\xff\0-\0-\0-", ["EN002 0:0"]),
    ("agents/a.md", b"\xef\xbb\xbf" + HEAD, ["EN003 1:0"]),
    ("CLAUDE.md", b"\xef\xbb\xbfWrite tests.\n", []),
    ("agents/a.md", HEAD + "\ufeff in the text\n".encode(), []),
    ("agents/a.md", "---\nname: a\ndescription: gr\ufffder\n---\n".encode(), ["EN004 3:16"]),
    ("CLAUDE.md", "gr\ufffder\n".encode(), ["EN004 1:3"]),
    ("CLAUDE.md", "`gr\ufffder` and U+FFFD \ufffd\n```\n\ufffd\n```\n".encode(), []),
    ("agents/a.md", HEAD + b"a\nb\0\n", ["EN005 6:0"]),
    ("prompts/a/data.md", b"a\0", []),
    ("CLAUDE.md", "fÃ¼r\n".encode(), []),
]


@pytest.mark.parametrize(("path", "content", "expected"), CASES, ids=range(len(CASES)))
def test_bytes(path: str, content: bytes, expected: list[str]) -> None:
    found = check_subject(make_subject({path: content}), Selection(("EN",)))

    assert [f"{finding.code} {finding.line}:{finding.column}" for finding in found] == expected


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("fÃ¼r alles", [2]),
        ("donâ€™t", [4]),
        ("für alles, naïve, São Paulo", []),
        ("A² ± B³, «so», ÄÖÜ", []),
        ("├── a │ └── b", []),
    ],
)
def test_mojibake_is_looked_for_where_it_is_asked_for(text: str, columns: list[int]) -> None:
    found = check_subject(make_subject({"CLAUDE.md": text}), Selection(("EN006",)))

    assert [finding.column for finding in found] == columns
    assert all(finding.severity == "note" for finding in found)
