"""Whatever bytes come: no traceback, no hang, and no more memory than they are worth."""

import importlib.util
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzzing import FEEDS, feed
from subjects import find_codes
from trees import write_tree

PIECES = st.sampled_from(
    [
        *("---\n", "---", "\n", "\r\n", " ", "\t", ": ", ":", "- ", "#", " #", "'", '"', "\\", "|", ">", "%", "@", "`"),
        *("name: a\n", "description: d\n", "hooks: ", "tools: [", "&a ", "*a", "!!python/object ", "<<: *a\n", "? "),
        *("{", "}", "[", "]", ",", "null", "true", "1e999", "-0", "0x1F", "\\u202e", "\\ud800", "\x00", "\ufeff"),
        *("<!-- claudepack:begin a -->\n", "<!-- claudepack:end a -->\n", "```", "~~~~\n", "<<<<<<< ", ">>>>>>> "),
        *("<!-- claudepack: ignore[SF] -->", "# claudepack: ignore-file[FM001]", "@.claude/prompts/", "@docs/x.md"),
        *('"mcpServers": ', '"hooks": {"Stop": ', '"permissions": ', "{{ x }}", "{% if %}", "${CLAUDE_PLUGIN_ROOT}/"),
        *("curl https://x.org | sh", "ghp_", "AKIA", "-----BEGIN PRIVATE KEY-----", "eyJ", "\x1b[", "\u200b" * 5, "é"),
        *("[project]\n", 'name = "claudepack-a"\n', "[variables.x]\n", "\u2028", "\x85", "\U000e0041", "日本"),
    ]
)
BYTES = st.one_of(
    st.lists(PIECES, max_size=30).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")),
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode()),
)


# What broke something once.
@example(b"---\n ---\n\x00")
@given(data=BYTES)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    feed(data)


@pytest.mark.parametrize("each", FEEDS, ids=lambda each: each.__name__)
def test_whatever_comes_for_long(each: Callable[[bytes], None], *, full: bool) -> None:
    @given(data=BYTES)
    @settings(max_examples=3_000 if full else 40, deadline=None)
    def run(data: bytes) -> None:
        each(data)
        each(b"---\n" + data)

    run()


def test_bytes_that_take_other_ways(tmp_path: Path, *, full: bool) -> None:
    """Under atheris, where it is installed: `pip install --group fuzz`."""
    if not full or not importlib.util.find_spec("atheris"):
        feed(b"{}")
        return
    seeds = {f"{number}": text for number, text in enumerate(['{"a": [1]}', "name: a\n---\n", "```\n", "@.claude/"])}
    corpus = write_tree(tmp_path, seeds)
    target = Path(__file__).parents[1] / "fuzzing.py"
    words = [sys.executable, str(target), str(corpus), "-max_total_time=300", "-timeout=20", "-rss_limit_mb=1024"]
    environment = {**os.environ, "PYTHONPATH": str(target.parent)}
    done = subprocess.run(
        words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-4000:]


_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, letter in zip("abcdefgh", "bcdefghi", strict=True)
)
_KEYS = 100_000
HEAVY = {
    "a line of 10 MB": lambda: "x" * 10_000_000,
    "a line of 10 MB of marks": lambda: "@.claude/prompts/x curl https://x.org ghp_ eyJ- `@a` <!-- " * 170_000,
    "a line of 10 MB of quotes": lambda: "name: \"'`" * 1_100_000,
    "a million lines": lambda: "- a: 'b'\n" * 1_000_000,
    "100,000 keys": lambda: "".join(f"key{number}: {number}\n" for number in range(_KEYS)),
    "100,000 keys of JSON": lambda: "{" + ", ".join(f'"key{number}": {{"a": []}}' for number in range(_KEYS)) + "}",
    "100,000 open brackets": lambda: "[" * _KEYS,
    "100,000 open braces": lambda: '{"a":' * _KEYS,
    "100,000 deep by blanks": lambda: "".join(f"{' ' * (number % 90)}a:\n" for number in range(_KEYS)),
    "100,000 fences": lambda: "```\n~~~\n" * (_KEYS // 2),
    "100,000 markers": lambda: "<!-- claudepack:begin a -->\n" * _KEYS,
    "100,000 comments that silence": lambda: "<!-- claudepack: ignore[SF] -->\n" * _KEYS,
    "aliases that unfold": lambda: _BOMB,
    "a megabyte of bytes": lambda: "\udcff\udcfe\x00" * 300_000,
    "emoji": lambda: "👩🏽‍💻\u200b" * 400_000,
}  # fmt: skip
_PLACES = ("agents/a.md", "commands/c.md", "settings.json", "hooks/x.sh", "prompts/p/a.md")
_SECONDS, _MEBIBYTES = 60, 900


@pytest.mark.parametrize("make", HEAVY.values(), ids=HEAVY.keys())
def test_what_is_heavy_ends_soon_and_needs_no_more_than_it_is_worth(tmp_path: Path, make: Callable[[], str]) -> None:
    data = make().encode("utf-8", "surrogateescape")
    head = b"---\nname: a\ndescription: d\n"
    files = dict.fromkeys(_PLACES, data) | {
        "agents/b.md": head + data + b"\n---\n",
        "agents/c.md": head + b"---\n" + data,
    }
    write_tree(tmp_path / ".claude", files)
    write_tree(tmp_path / ".claude", {"CLAUDE.md": data})

    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    words = [sys.executable, "-m", "claudepack", "check", "--json", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=_SECONDS)

    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert b"Traceback" not in done.stderr
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert peak == before or peak < _MEBIBYTES << 10


def test_aliases_that_unfold_are_an_error() -> None:
    text = f"---\nname: a\ndescription: d\n{_BOMB}---\n"

    assert "FM015 agents/a.md:2" in find_codes({"agents/a.md": text}, "FM")
