"""A journal is a claim: what a repository brings along reaches nothing outside the project, and nothing of git's."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claudepack.hashing import LIMIT
from conftest import Run
from trees import read_tree, write_pack, write_tree

Inline = Callable[..., Run]
Document = dict[str, Any]
STATE = ".claudepack/state"
TEXT = "somebody's own\n"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()


def _entry(path: str, slot: str = "0", *, pre: str | None = None, post: str | None = SHA256, area: int = 0) -> Document:
    return {"path": path, "slot": slot, "area": area, "pre": pre, "post": post, "executable": None}


def _journal(*entries: Document, **more: object) -> Document:
    empty = {"format": 1, "areas": [""], "made": [], "removed": [], "lock": "claudepack.lock"}
    return {**empty, "entries": list(entries), **more}


def _link(project: Path, path: str, target: Path) -> None:
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).symlink_to(target)


def _bring(project: Path, document: Document) -> None:
    """What a hostile repository has in it."""
    write_tree(project, {f"{STATE}/journal.json": json.dumps(document), f"{STATE}/stage/0": TEXT})


def _reach_outside(_project: Path) -> Document:
    return _journal(_entry("../outside/file"))


def _delete_git_hook(_project: Path) -> Document:
    return _journal(_entry(".git/hooks/mine", pre=SHA256, post=None))


def _write_git_hook_through_a_link(project: Path) -> Document:
    _link(project, ".claude/prompts", project / ".git/hooks")
    return _journal(_entry(".claude/prompts/post-checkout"))


def _make_directory_through_a_link(project: Path) -> Document:
    _link(project, ".claude/prompts", project.parent / "outside")
    return _journal(made=[".claude/prompts/made"])


def _remove_directory_through_a_link(project: Path) -> Document:
    _link(project, ".claude/prompts", project.parent / "outside")
    return _journal(removed=[".claude/prompts/empty"])


def _take_source_as_stage(_project: Path) -> Document:
    return _journal(areas=["", "src"])


def _take_stage_through_a_link(project: Path) -> Document:
    _link(project, ".claude/.claudepack", project.parent / "outside")
    return _journal(areas=["", ".claude/.claudepack/stage"])


def _take_slot_through_a_link(project: Path) -> Document:
    _link(project, f"{STATE}/stage/away", project.parent / "outside")
    return _journal(_entry(".claude/taken.md", slot="away/file"), made=[".claude"])


def _take_slot_elsewhere(_project: Path) -> Document:
    return _journal(_entry(".claude/taken.md", slot="../../../../outside/file"), made=[".claude"])


def _name_no_area(_project: Path) -> Document:
    return _journal(_entry(".claude/prompts/p/a.md", area=7))


def _name_another_lock(_project: Path) -> Document:
    return _journal(_entry("claudepack.toml", pre="0" * 64), lock="src/main.py")


def _claim_a_format(_project: Path) -> Document:
    return _journal(format=2)


HOSTILE: dict[str, Callable[[Path], Document]] = {
    maker.__name__.strip("_").replace("_", " "): maker
    for maker in (
        _reach_outside,
        _delete_git_hook,
        _write_git_hook_through_a_link,
        _make_directory_through_a_link,
        _remove_directory_through_a_link,
        _take_source_as_stage,
        _take_stage_through_a_link,
        _take_slot_through_a_link,
        _take_slot_elsewhere,
        _name_no_area,
        _name_another_lock,
        _claim_a_format,
    )
}


@pytest.fixture
def outside(project: Path) -> Path:
    """What is none of the project's, and the project's that is none of claudepack's."""
    write_tree(project, {".git/hooks/mine": TEXT, "src/main.py": TEXT})
    folder = write_tree(project.parent / "outside", {"file": TEXT, "stage/file": TEXT})
    (folder / "empty").mkdir()
    return folder


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_journal_is_refused_and_reaches_nothing(
    inline: Inline, project: Path, tmp_path: Path, outside: Path, make: Callable[[Path], Document]
) -> None:
    document = make(project)
    _bring(project, document)
    before = read_tree(outside)

    run = inline("install", write_pack(tmp_path / "mine"))

    assert run.exit == 2
    assert read_tree(outside) == before
    assert read_tree(project / ".git") == {"hooks/mine": TEXT.encode()}
    assert (project / "src/main.py").read_text() == TEXT
    assert not (project / ".claude/taken.md").exists()


LINKS = [".claudepack", STATE, f"{STATE}/stage", f"{STATE}/holder", f"{STATE}/lock", f"{STATE}/journal.json.new"]


@pytest.mark.parametrize("git", [False, True], ids=["no git", "git"])
@pytest.mark.parametrize("path", LINKS)
def test_a_link_in_the_state_is_not_written_through(
    inline: Inline,
    project: Path,
    tmp_path: Path,
    path: str,
    git: bool,  # noqa: FBT001 - a parameter
) -> None:
    if git:
        write_tree(project, {".git/HEAD": "ref: refs/heads/main\n"})
    outside = write_tree(tmp_path / "outside", {"file": TEXT, "state/file": TEXT, "stage/file": TEXT, "0": TEXT})
    is_folder = path in LINKS[:3]
    _link(project, path, outside if is_folder else outside / "file")
    before = read_tree(outside)

    run = inline("install", write_pack(tmp_path / "mine"))

    assert run.exit in (0, 2), run.err
    assert read_tree(outside) == before


def test_a_journal_that_is_none_is_named_with_a_way_out(inline: Inline, project: Path, tmp_path: Path) -> None:
    write_tree(project, {f"{STATE}/journal.json": "{"})

    run = inline("install", write_pack(tmp_path / "mine"))

    assert (run.exit, list((project / ".claude").rglob("*") if (project / ".claude").exists() else [])) == (2, [])
    assert f"{STATE}/journal.json" in run.err
    assert "move it away" in run.err


def test_a_journal_of_whatever_size_is_read(inline: Inline, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "a\n"})
    _bring(project, _journal(_entry(".claude/prompts/q.md"), made=[".claude", ".claude/prompts"]))
    with (project / STATE / "journal.json").open("a") as journal:
        journal.write(" " * (LIMIT + 1))

    run = inline("install", pack)

    assert run.exit == 0, run.err
    assert (project / ".claude/prompts/q.md").read_text() == TEXT
