"""Whatever somebody saves while a run exchanges files is in its place, or rescued and named."""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from claudepack.apply import primitives
from claudepack.apply.hold import hold_project
from claudepack.apply.operations import Changes, Delete, Operation, Write
from claudepack.apply.transaction import apply
from claudepack.errors import ClaudepackError
from conftest import Run, Tool
from crashes import Kills, recover_killed, run_killed
from disk_in_memory import sha256
from trees import read_tree, write_pack, write_tree

CLAUDEPACK = [sys.executable, "-m", "claudepack"]
FILES = {f"prompts/p/{number}.md": f"old {number}\n" for number in range(60)}
EDITED = ".claude/prompts/p/30.md"


OF_OLD = Write("CLAUDE.md", lambda: io.BytesIO(b"new\n"), sha256(b"new\n"), sha256(b"old\n"))


def _renew(pack: Path) -> None:
    write_tree(pack, {path: text.replace("old", "new") for path, text in FILES.items()})


def _all_bytes(project: Path) -> bytes:
    """Everything that can be found again: in its place, rescued, or laid beside."""
    return b"".join(data for path, data in read_tree(project).items() if not path.startswith(".git/"))


def _save_in_place(path: Path, text: str) -> None:
    with path.open("r+") as stream:
        stream.truncate()
        stream.write(text)


def _save_by_rename(path: Path, text: str) -> None:
    fresh = path.with_name("." + path.name + ".swp")
    fresh.write_text(text)
    fresh.replace(path)


def _append(path: Path, text: str) -> None:
    with path.open("a") as stream:
        stream.write(text)


SAVES: dict[str, Callable[[Path, str], None]] = {
    "in place": _save_in_place,
    "by rename": _save_by_rename,
    "by appending": _append,
}


class Editor:
    """Saves without a pause, until it is told to stop."""

    def __init__(self, target: Path, save: Callable[[Path, str], None]) -> None:
        self.target, self.save, self.saved = target, save, [""]
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.edit)

    def edit(self) -> None:
        while not self.stop.is_set():
            text = f"save {len(self.saved):08d}\n"
            self.save(self.target, text)
            self.saved.append(text)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join()
        Kills.saves += len(self.saved) - 1

    def assert_nothing_lost(self, project: Path) -> None:
        """What was saved last; of what was appended, each line."""
        asked = self.saved[1:] if self.save is _append else self.saved[-1:]
        lost = {text.encode() for text in asked} - set(_all_bytes(project).splitlines(keepends=True))
        assert not lost, (len(lost), len(self.saved))


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES.keys())
def test_saves_while_a_run_replaces_the_file_are_never_lost(
    tool: Tool,
    project: Path,
    tmp_path: Path,
    save: Callable[[Path, str], None],
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    assert tool("install", pack).exit == 0
    for turn in range(40 if full else 3):
        write_tree(pack, {path: f"{turn} {text}" for path, text in FILES.items()})

        with Editor(project / EDITED, save) as editor:
            run = tool("sync", "--json")

        assert run.exit in (0, 3)
        editor.assert_nothing_lost(project)
        rescued = [path for path in read_tree(project) if path.startswith(".claudepack/rescued/")]
        assert all(any(path in notice for notice in run.json["notices"]) for path in rescued)
        assert run.exit == 3 or EDITED not in json.dumps(run.json["conflicts"])
        shutil.rmtree(project / ".claudepack", ignore_errors=True)


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES.keys())
def test_saves_while_a_killed_run_is_recovered_are_never_lost(
    project: Path,
    tmp_path: Path,
    save: Callable[[Path, str], None],
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    _renew(pack)
    shutil.copytree(project, tmp_path / "saved")
    _, steps = run_killed(["sync"], project, 0)

    for kill_at in range(steps // 2, steps, 2 if full else 31):
        shutil.rmtree(project)
        shutil.copytree(tmp_path / "saved", project)
        assert run_killed(["sync"], project, kill_at)[0] == -9

        with Editor(project / EDITED, save) as editor:
            for second in (9, 40, 90):
                recover_killed(project, second)
            assert recover_killed(project)[0] == 0

        editor.assert_nothing_lost(project)
        others = {path: data[:3] for path, data in read_tree(project).items() if "/p/" in path and EDITED not in path}
        assert len(set(others.values())) == 1, kill_at


def test_an_edit_between_a_crash_and_the_recovery_stays(project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    assert run_killed(["install", str(pack)], project, 0)[0] == 0
    _renew(pack)
    saved = tmp_path / "saved"
    shutil.copytree(project, saved)
    _, steps = run_killed(["sync"], project, 0)

    for kill_at in range(steps // 4, steps, 15):
        shutil.rmtree(project)
        shutil.copytree(saved, project)
        assert run_killed(["sync"], project, kill_at)[0] == -9
        (project / EDITED).write_text("an edit after the crash\n")

        code, _ = run_killed(["sync"], project, 0)

        assert code in (0, 3), kill_at
        assert (project / EDITED).read_text() == "an edit after the crash\n", kill_at
        assert (project / ".claude/prompts/p/31.md").read_text() == "new 31\n"


def test_a_writer_that_holds_the_old_file_open_is_waited_for(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    _renew(pack)
    with (project / EDITED).open("a") as stream:
        run = subprocess.Popen([*CLAUDEPACK, "sync", "--json"], cwd=project, stdout=subprocess.PIPE, text=True)
        while (project / EDITED).read_text() != "new 30\n":
            time.sleep(0.01)
        stream.write("late\n")
    out, _ = run.communicate(timeout=30)

    assert run.returncode == 0
    rescued = project / ".claudepack/rescued" / EDITED
    assert rescued.read_text() == "old 30\nlate\n"
    assert rescued.relative_to(project).as_posix() in out


def _save_amid(monkeypatch: pytest.MonkeyPatch, call: str, target: Path, texts: list[str]) -> None:
    """Save just before a call that renames a path, after it was looked at: as late as anybody can."""
    real: Callable[[str, str], object] = getattr(primitives, call)

    def save_first(source: str, destination: str) -> object:
        if texts and str(target) in (source, destination):
            _save_by_rename(target, texts.pop(0))
        return real(source, destination)

    monkeypatch.setattr(primitives, call, save_first)


@pytest.mark.parametrize(
    ("call", "path", "texts", "rescued"),
    [
        pytest.param("exchange", ".claude/prompts/p/30.md", ["first\n"], [], id="replaced"),
        pytest.param("exchange", ".claude/prompts/p/30.md", ["first\n", "second\n"], ["first\n"], id="replaced, twice"),
        pytest.param("place", ".claude/prompts/p/comes.md", ["first\n"], [], id="created"),
        pytest.param("place", ".claude/prompts/p/59.md", ["first\n"], [], id="deleted"),
        pytest.param("place", ".claude/prompts/p/59.md", ["first\n", "second\n"], ["first\n"], id="deleted, twice"),
    ],
)
def test_a_save_in_the_moment_of_a_rename_goes_back_and_is_a_conflict(
    inline: Callable[..., Run],
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    path: str,
    texts: list[str],
    rescued: list[str],
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    inline("install", pack)
    _renew(pack)
    write_tree(pack, {"prompts/p/comes.md": "new\n"})
    (pack / "prompts/p/59.md").unlink()
    last = texts[-1]
    with monkeypatch.context() as context:
        _save_amid(context, call, project / path, list(texts))

        run = inline("sync", "--json")

    assert (run.exit, run.json["conflicts"]) == (3, [path])
    assert (project / path).read_text() == last
    assert (project / ".claude/prompts/p/31.md").read_text() == "new 31\n"
    found = {name: data.decode() for name, data in read_tree(project).items() if name.startswith(".claudepack/rescued")}
    assert list(found.values()) == rescued
    assert all(any(name in notice for notice in run.json["notices"]) for name in found)
    inline("sync")
    assert (project / path).read_text() == last


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_save_while_only_the_mode_changes_stays(project: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    target = write_tree(project, {"CLAUDE.md": "text\n"}) / "CLAUDE.md"
    mode = Write("CLAUDE.md", lambda: io.BytesIO(b"text\n"), sha256(b"text\n"), sha256(b"text\n"), executable=True)
    with hold_project(str(project), "", print) as site:
        _save_amid(monkeypatch, "exchange", target, ["saved\n"] if moment == "before" else [])

        outcome = apply(site, Changes((mode,)), "", lambda _old, _new, _paths: None)

    assert outcome.conflicts == (("CLAUDE.md",) if moment == "before" else ())
    assert target.read_text() == ("saved\n" if moment == "before" else "text\n")
    assert os.access(target, os.X_OK) == (moment == "after")


def test_a_mode_that_was_changed_is_taken_back(project: Path) -> None:
    """What comes after it cannot be done: its directory has gone."""
    write_tree(project, {"CLAUDE.md": "text\n", ".claude/gone/x": ""})
    (project / ".claude/gone/x").unlink()

    def open_last() -> io.BytesIO:
        (project / ".claude/gone").rmdir()
        return io.BytesIO(b"new\n")

    mode = Write("CLAUDE.md", lambda: io.BytesIO(b"text\n"), sha256(b"text\n"), sha256(b"text\n"), executable=True)
    new = Write(".claude/gone/new.md", open_last, sha256(b"new\n"), None)
    with hold_project(str(project), "", print) as site, pytest.raises(ClaudepackError, match="nothing was changed"):
        apply(site, Changes((mode, new)), "", lambda _old, _new, _paths: None)

    assert not os.access(project / "CLAUDE.md", os.X_OK)
    assert read_tree(project) == {"CLAUDE.md": b"text\n", ".claude/": b""}


def test_what_was_removed_is_back_when_the_rest_cannot_be_done(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write_tree(project, {"CLAUDE.md": "old\n", ".claude/gone/x": ""}) / "CLAUDE.md"
    os.utime(target, (0, 0))  # long enough ago that a look at it is enough
    before = read_tree(project)
    real = primitives.place

    def refuse(source: str, destination: str) -> None:
        if destination.endswith("new.md"):
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), destination)
        real(source, destination)

    monkeypatch.setattr(primitives, "place", refuse)
    new = Write(".claude/gone/new.md", lambda: io.BytesIO(b"new\n"), sha256(b"new\n"), None)
    delete = Delete("CLAUDE.md", sha256(b"old\n"))

    with hold_project(str(project), "", print) as site, pytest.raises(ClaudepackError, match=r"nothing was changed$"):
        apply(site, Changes((delete, new)), "", lambda _old, _new, _paths: None)

    assert read_tree(project) == before


@pytest.mark.parametrize("operation", [OF_OLD, Delete("CLAUDE.md", sha256(b"old\n"))], ids=["replaced", "deleted"])
@pytest.mark.parametrize(
    "there",
    [{}, *({f".claudepack/rescued/{path}": "of the day before\n"} for path in ("CLAUDE.md", "CLAUDE.md/folder"))],
    ids=["", "again", "a folder"],
)
def test_what_was_saved_before_all_is_taken_back_stays_and_the_old_text_is_rescued(
    project: Path, monkeypatch: pytest.MonkeyPatch, operation: Operation, there: dict[str, str]
) -> None:
    """The last of the run cannot be done, and by then somebody has saved what the first exchanged."""
    target = write_tree(project, {"CLAUDE.md": "old\n", ".claude/gone/x": "", **there}) / "CLAUDE.md"
    (project / ".claude/gone/x").unlink()
    real = primitives.place

    def save_first(source: str, destination: str) -> None:
        if destination.endswith("new.md"):
            (project / ".claude/gone").rmdir()
            _save_by_rename(target, "saved\n")
        real(source, destination)

    monkeypatch.setattr(primitives, "place", save_first)
    new = Write(".claude/gone/new.md", lambda: io.BytesIO(b"new\n"), sha256(b"new\n"), None)

    with hold_project(str(project), "", print) as site, pytest.raises(ClaudepackError) as caught:
        apply(site, Changes((operation, new)), "", lambda _old, _new, _paths: None)

    rescued = f".claudepack/rescued{'.1' if there else ''}/CLAUDE.md"
    assert caught.value.message.endswith(f"nothing was changed; what was written meanwhile lies in {rescued}")
    assert target.read_text() == "saved\n"
    assert (project / rescued).read_text() == "old\n"
    assert all((project / path).read_text() == text for path, text in there.items())


def _make_directory(path: Path) -> None:
    path.unlink()
    write_tree(path, {"theirs": "text\n"})


def _link_elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parents[3] / "elsewhere")


CHANGED: dict[str, Callable[[Path], object]] = {
    "saved": lambda path: path.write_text("saved\n"),
    "removed": lambda path: path.unlink(),
    "a directory": _make_directory,
    "a link out of the project": _link_elsewhere,
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED.keys())
@pytest.mark.parametrize("portable", [False, True])
def test_what_is_no_more_what_the_plan_saw_is_as_it_was_left(
    project: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object], *, portable: bool
) -> None:
    """Once one file was exchanged in one step, the others are before anybody looks: it comes out, and goes back."""
    (project.parent / "elsewhere").write_text("not ours\n")
    target = write_tree(project, {"CLAUDE.md": "old\n", ".claude/prompts/p/x.md": "old\n"}) / ".claude/prompts/p/x.md"
    if portable:
        monkeypatch.setattr(primitives, "_find", lambda _: None)
    left: list[dict[str, bytes]] = []

    def open_late() -> io.BytesIO:
        change(target)
        left.append({path: data for path, data in read_tree(project).items() if not path.startswith(".claudepack")})
        return io.BytesIO(b"new\n")

    writes = [
        Write("CLAUDE.md", lambda: io.BytesIO(b"new\n"), sha256(b"new\n"), sha256(b"old\n")),
        Write(".claude/prompts/p/x.md", open_late, sha256(b"new\n"), sha256(b"old\n")),
    ]
    with hold_project(str(project), "", print) as site:
        outcome = apply(site, Changes(tuple(writes)), "", lambda _old, _new, _paths: None)

    assert outcome.conflicts == (".claude/prompts/p/x.md",)
    assert outcome.rescued == ()
    assert read_tree(project) == left[0] | {"CLAUDE.md": b"new\n"}
    assert (project.parent / "elsewhere").read_text() == "not ours\n"


@pytest.mark.parametrize("portable", [False, True])
def test_what_is_there_by_then_already_is_no_conflict(
    project: Path, monkeypatch: pytest.MonkeyPatch, *, portable: bool
) -> None:
    target = write_tree(project, {".claude/prompts/p/x.md": "old\n", "CLAUDE.md": "old\n"}) / "CLAUDE.md"
    if portable:
        monkeypatch.setattr(primitives, "_find", lambda _: None)

    def open_late() -> io.BytesIO:
        target.write_text("new\n")
        return io.BytesIO(b"new\n")

    writes = [
        Write(".claude/prompts/p/x.md", lambda: io.BytesIO(b"new\n"), sha256(b"new\n"), sha256(b"old\n")),
        Write("CLAUDE.md", open_late, sha256(b"new\n"), sha256(b"old\n")),
    ]
    with hold_project(str(project), "", print) as site:
        outcome = apply(site, Changes(tuple(writes)), "", lambda _old, _new, _paths: None)

    assert (outcome.conflicts, outcome.rescued) == ((), ())
    assert {path: data for path, data in read_tree(project).items() if data} == dict.fromkeys(
        (".claude/prompts/p/x.md", "CLAUDE.md"), b"new\n"
    )
