"""A pack is its files and their hashes: no path unfit, no two one file, one digest for one content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.pack.tree import compute_digest, is_junk, is_pack_path
from packs_in_memory import make_file, make_test_pack


@pytest.mark.parametrize(
    ("path", "belongs"),
    [
        ("agents/a.md", True),
        ("prompts/a/b/c.png", True),
        ("hooks/run.sh", True),
        ("settings.json", True),
        ("mcp.json", True),
        ("CLAUDE.md", True),
        ("CLAUDE.md.j2", True),
        ("pack.toml", True),
        ("README.md", False),
        ("agents", False),
        ("docs/CLAUDE.md", False),
        ("Agents/a.md", False),
        ("settings.local.json", False),
        ("hooks/__pycache__/a.py", False),
        ("hooks/a.pyc", False),
        ("prompts/a/.DS_Store", False),
        ("prompts/a.md~", False),
    ],
)
def test_which_files_are_a_pack_s(path: str, *, belongs: bool) -> None:
    assert is_pack_path(path) == belongs


@pytest.mark.parametrize(
    ("path", "executable"),
    [("hooks/run.sh", True), ("skills/s/run", True), ("agents/a.md", False), ("CLAUDE.md.j2", False)],
)
def test_a_text_is_no_program_whatever_its_mode(path: str, *, executable: bool) -> None:
    assert make_file(path, "x", executable=True).executable == executable


@pytest.mark.parametrize(
    ("path", "junk"),
    [("a/Thumbs.db", True), ("__pycache__/x", True), ("a.pyo", True), ("a/pycache", False), ("~a", False)],
)
def test_what_tools_leave_about_is_junk(path: str, *, junk: bool) -> None:
    assert is_junk(path) == junk


@pytest.mark.parametrize(
    ("paths", "code", "why"),
    [
        (["agents/a.md", "agents/A.md"], "path", "'agents/A.md' and 'agents/a.md' are one file"),
        (["prompts/a", "prompts/a/b"], "path", "one file"),
        (["agents/../a.md"], "path", r"'agents/\.\./a\.md' cannot be in a pack"),
        (["agents/nul.md"], "path", "device on Windows"),
        (["CLAUDE.md", "CLAUDE.md.j2"], "pack", "one context"),
    ],
)
def test_files_that_cannot_be_a_pack_are_refused(paths: list[str], code: str, why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        make_test_pack(dict.fromkeys(paths, "x"))
    assert caught.value.code == code
    assert caught.value.message.startswith("mine: ")


@pytest.mark.parametrize("path", ["CLAUDE.md", "CLAUDE.md.j2", ""])
def test_the_context_is_found(path: str) -> None:
    pack = make_test_pack({"agents/a.md": "a", **({path: "x"} if path else {})})
    assert (pack.context.path if pack.context else "") == path


def test_files_are_in_order_and_pack_toml_is_none_of_them() -> None:
    pack = make_test_pack({"rules/b.md": "b", "pack.toml": "[variables.x]\n", "agents/a.md": "a"})
    assert list(pack.files) == ["agents/a.md", "rules/b.md"]
    assert list(pack.settings.variables) == ["x"]


def test_pack_toml_counts_in_the_digest() -> None:
    plain, declared = ({"agents/a.md": "a"}, {"agents/a.md": "a", "pack.toml": "format = 1\n"})
    assert make_test_pack(plain).digest != make_test_pack(declared).digest


FILES = st.dictionaries(st.text("abc/é", min_size=1, max_size=4), st.binary(max_size=3), min_size=1, max_size=5)


@given(files=FILES, data=st.data())
def test_the_digest_is_of_paths_and_bytes_in_any_order(files: dict[str, bytes], data: st.DataObject) -> None:
    order = data.draw(st.permutations(list(files)))
    digest = compute_digest(make_file(path, files[path]) for path in files)
    assert digest == compute_digest(make_file(path, files[path]) for path in order)

    changed = data.draw(st.sampled_from(order))
    others = {**files, changed: files[changed] + b"x"}
    moved = {**{path: content for path, content in files.items() if path != changed}, changed + "x": files[changed]}
    fewer = {path: content for path, content in files.items() if path != changed}
    for other in (others, moved, fewer):
        assert digest != compute_digest(make_file(path, content) for path, content in other.items())
