"""A base is found wherever it still is: beside the conflict, in the cache, in git's history, at its pinned source."""

import argparse
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from claudepack.commands.bases import Bases
from claudepack.commands.options import Mode, open_project
from claudepack.project.claude_md import hash_body
from conftest import Tool
from indexes import serve_index
from trees import read_tree, write_installed, write_pack, write_tree, write_wheel

PROMPT, TEXT = ".claude/prompts/p/a.md", b"one\ntwo\nthree\n"
CONTEXT, CONTEXT_FILES = (
    b"Write Go.\n",
    {
        "CLAUDE.md.j2": "Write {{ language }}.\n",
        "pack.toml": '[variables.language]\ndefault = "Go"\n',
    },
)
FILES: dict[str, str | bytes] = {"prompts/p/a.md": TEXT, **CONTEXT_FILES}


@pytest.fixture
def pack(tool: Tool, project: Path, tmp_path: Path) -> Path:
    """A pack that is installed into a repository, and has moved on since."""
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    root = write_pack(tmp_path / "mine", FILES)
    assert tool("install", root).exit == 0
    write_pack(root, {"prompts/p/a.md": "other\n", "CLAUDE.md.j2": "Other.\n"})
    return root


def _lose_the_cache() -> None:
    shutil.rmtree(Path.home() / ".cache/claudepack")


def _commit(project: Path) -> None:
    me = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    subprocess.run(["git", *me, "add", "-A"], cwd=project, check=True)
    subprocess.run(["git", *me, "commit", "-q", "-m", "m"], cwd=project, check=True)


def _open(project: Path, mode: Mode | None = None) -> Bases:
    return Bases(open_project(argparse.Namespace(project=str(project), user=False)), mode or Mode())


def _find(project: Path, path: str = PROMPT, sha256: str = hashlib.sha256(TEXT).hexdigest()) -> bytes | None:
    bases = _open(project)
    return bases.find("mine", path, sha256)


def _find_context(project: Path, path: str = "CLAUDE.md") -> bytes | None:
    return _find(project, path, hash_body(CONTEXT))


@pytest.mark.usefixtures("pack")
def test_the_cache_has_it(project: Path) -> None:
    shutil.rmtree(project / ".git")

    assert (_find(project), _find_context(project)) == (TEXT, CONTEXT)
    assert _find(project, sha256="0" * 64) is None
    assert _find(project, path=".claude/prompts/p/b.md") is None


@pytest.mark.usefixtures("pack")
def test_git_s_history_has_it(project: Path) -> None:
    _commit(project)
    _lose_the_cache()
    write_tree(project, {PROMPT: "edited\n", "CLAUDE.md": (project / "CLAUDE.md").read_text().replace("Go", "C")})

    assert (_find(project), _find_context(project)) == (TEXT, CONTEXT)


@pytest.mark.usefixtures("pack")
def test_git_s_history_has_it_with_other_line_endings(project: Path) -> None:
    for path in (PROMPT, "CLAUDE.md"):
        (project / path).write_bytes((project / path).read_bytes().replace(b"\n", b"\r\n"))
    _commit(project)
    _lose_the_cache()

    assert (_find(project), _find_context(project)) == (TEXT, CONTEXT)


@pytest.mark.parametrize("mode", ["rules", "import"])
@pytest.mark.usefixtures("pack")
def test_a_context_in_a_file_of_its_own_is_found_alike(tool: Tool, project: Path, pack: Path, mode: str) -> None:
    write_pack(pack, FILES)
    with (project / "claudepack.toml").open("a") as manifest:
        manifest.write(f'[project]\ncontext = "{mode}"\n')
    assert tool("sync").exit == 0
    own = ".claude/rules/claudepack-mine.md" if mode == "rules" else ".claude/context/mine.md"
    assert _find_context(project, own) == CONTEXT

    _commit(project)
    _lose_the_cache()

    assert _find_context(project, own) == CONTEXT


@pytest.mark.usefixtures("pack")
def test_a_context_is_found_where_an_earlier_mode_put_it(tool: Tool, project: Path, pack: Path) -> None:
    write_pack(pack, FILES)
    _commit(project)
    with (project / "claudepack.toml").open("a") as manifest:
        manifest.write('[project]\ncontext = "import"\n')
    assert tool("sync").exit == 0
    _lose_the_cache()

    assert _find_context(project, ".claude/context/mine.md") == CONTEXT


def test_the_base_of_an_open_conflict_is_found_beside_it_and_in_an_older_kept_pack(
    tool: Tool, project: Path, pack: Path
) -> None:
    write_tree(project, {PROMPT: "edited\n"})
    assert tool("sync").exit == 3
    assert _find(project) == TEXT

    shutil.rmtree(project / ".claudepack")
    assert _find(project) == TEXT  # the cache's, of a pack that is no longer the locked one

    assert tool("sync").exit == 3
    _lose_the_cache()
    assert (project / f".claudepack/conflicts/{PROMPT}.base").read_bytes() == TEXT
    assert _find(project) == TEXT
    assert pack.is_dir()


def test_what_lies_beside_is_believed_only_with_the_hash(tool: Tool, project: Path, pack: Path) -> None:
    write_tree(project, {PROMPT: "edited\n"})
    assert tool("sync").exit == 3
    _lose_the_cache()

    (project / f".claudepack/conflicts/{PROMPT}.base").write_text("spoilt\n")

    assert _find(project) is None
    assert pack.is_dir()


def test_the_pinned_source_has_it(tool: Tool, project: Path) -> None:
    assert tool("install", "backend").exit == 0
    path = ".claude/agents/backend-engineer.md"
    text = (project / path).read_bytes()
    _lose_the_cache()

    bases = _open(project)

    assert bases.find("backend", path, hashlib.sha256(text).hexdigest()) == text
    found = bases.find_pack("backend")
    assert found is not None
    assert found.digest in (project / "claudepack.lock").read_text()


def test_an_index_has_it_but_offline_is_not_asked(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_wheel(tmp_path / "w", "corp", "1.0", files={"prompts/p/a.md": TEXT})
    sha256 = hashlib.sha256(TEXT).hexdigest()
    with serve_index(tmp_path / "w") as url:
        assert tool("install", "corp", "--index-url", url).exit == 0
        _lose_the_cache()

        assert _open(project, Mode(offline=True)).find("corp", PROMPT, sha256) is None
        assert _open(project).find("corp", PROMPT, sha256) == TEXT


def test_where_nobody_has_it_there_is_none(project: Path, pack: Path) -> None:
    _lose_the_cache()

    assert (_find(project), _find_context(project)) == (None, None)
    bases = _open(project)
    assert bases.find_pack("mine") is None
    assert bases.find_pack("other") is None
    assert bases.find("other", PROMPT, hashlib.sha256(TEXT).hexdigest()) is None
    assert pack.is_dir()


def test_what_was_gone_is_looked_for_again(tool: Tool, project: Path) -> None:
    write_installed(project, {"prompts/p/a.md": TEXT}, version="1.0.0")
    assert tool("install", "mine").exit == 0
    write_installed(project, {"prompts/p/a.md": "other\n"}, version="1.1.0")
    _lose_the_cache()
    assert _find(project) is None

    write_installed(project, {"prompts/p/a.md": TEXT}, version="1.0.0")

    assert _find(project) == TEXT


def test_a_lock_whose_digest_is_a_path_reads_nothing(project: Path, pack: Path) -> None:
    lock = project / "claudepack.lock"
    digest = next((Path.home() / ".cache/claudepack").rglob("*.pack")).stem
    lock.write_text(lock.read_text().replace(digest, "../../../x"))
    before = read_tree(Path.home())

    assert _find(project) == TEXT  # a pack that is kept under a name of its own has these bytes
    assert read_tree(Path.home()) == before
    assert pack.is_dir()


def test_a_file_that_goes_from_one_pack_to_another_is_merged_with_the_base_of_the_first(
    tool: Tool, project: Path, pack: Path, tmp_path: Path
) -> None:
    write_tree(project, {PROMPT: "ONE\ntwo\nthree\n"})
    (pack / "prompts/p/a.md").unlink()
    taker = write_pack(tmp_path / "taker", {"prompts/p/a.md": "one\ntwo\nTHREE\n"}, name="taker")

    run = tool("install", taker, "--json")

    assert {row["path"]: (row["action"], row["pack"]) for row in run.json["changes"]}[PROMPT] == ("merge", "taker")
    assert (project / PROMPT).read_text() == "ONE\ntwo\nTHREE\n"
