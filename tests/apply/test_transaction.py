"""What a transaction does when somebody else writes, when the system refuses, and wherever the project lies."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claudepack.apply import primitives
from conftest import Run, Tool
from crashes import run_killed
from trees import read_tree, write_pack, write_tree

CLAUDEPACK = [sys.executable, "-m", "claudepack"]
FILES = {f"prompts/p/{number}.md": f"old {number}\n" for number in range(60)}
EDITED = ".claude/prompts/p/30.md"


def _renew(pack: Path) -> None:
    write_tree(pack, {path: text.replace("old", "new") for path, text in FILES.items()})


@pytest.mark.parametrize("path", [".claude", ".claude/prompts", ".claude/prompts/p"])
def test_a_directory_that_became_a_file_is_named(tool: Tool, project: Path, tmp_path: Path, path: str) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    _renew(pack)
    shutil.rmtree(project / path)
    (project / path).write_text("a file came first\n")
    before = read_tree(project)

    run = tool("sync")

    assert run.exit == 2
    assert f"{path} is not a directory" in run.err
    assert read_tree(project) == before


def test_a_read_only_file_is_replaced_and_stays_read_only(tool: Tool, project: Path, tmp_path: Path) -> None:
    """Its directory says who may replace it; the mode is the user's."""
    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    _renew(pack)
    (project / EDITED).chmod(0o444)

    assert tool("sync", held_to_modes=True).exit == 0

    assert (project / EDITED).read_text() == "new 30\n"
    assert (project / EDITED).stat().st_mode & 0o777 == 0o444


def test_a_file_that_cannot_be_read_leaves_the_old_state(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    _renew(pack)
    before = read_tree(project)
    (project / EDITED).chmod(0)

    run = tool("sync", held_to_modes=True)

    (project / EDITED).chmod(0o644)
    assert run.exit == 2
    assert EDITED in run.err
    assert read_tree(project) == before


@pytest.mark.parametrize("blocked", [".claude/prompts/p", ".claude/prompts", "."])
def test_a_directory_that_turns_read_only_leaves_the_old_state(
    tool: Tool, project: Path, tmp_path: Path, blocked: str
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    _renew(pack)
    write_tree(pack, {"CLAUDE.md": "context\n", "prompts/a/first.md": "first\n"})
    before = read_tree(project)
    (project / blocked).chmod(0o555)

    run = tool("sync", held_to_modes=True)

    (project / blocked).chmod(0o755)
    assert run.exit == 2
    assert "nothing was changed" in run.err
    assert read_tree(project) == before
    assert tool("sync").exit == 0


def test_a_directory_in_a_files_place_leaves_the_old_state(
    tool: Tool, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claudepack import cli

    pack = write_pack(tmp_path / "mine", FILES)
    tool("install", pack)
    write_tree(pack, {"prompts/q/a.md": "a\n", "prompts/p/0.md": "new\n"})
    before = read_tree(project)
    real = primitives.make_directory

    def make_directory(path: str) -> None:
        Path(path).write_text("a file came first\n")
        real(path)

    monkeypatch.setattr(primitives, "make_directory", make_directory)
    monkeypatch.chdir(project)

    assert cli.main(["sync"]) == 2

    assert read_tree(project) == {**before, ".claude/prompts/q": b"a file came first\n"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_at_any_time_leaves_the_old_state_or_the_new(project: Path, tmp_path: Path, number: int) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    subprocess.run([*CLAUDEPACK, "install", str(pack)], cwd=project, check=True, capture_output=True)
    for turn in range(0, 12, 2):
        before = read_tree(project)
        write_tree(pack, {path: f"{turn} {text}" for path, text in FILES.items()})
        run = subprocess.Popen([*CLAUDEPACK, "sync"], cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.08 + turn * 0.02)
        run.send_signal(number)
        code = run.wait(30)

        tree = read_tree(project)
        contents = {data.split()[0] for path, data in tree.items() if "/p/" in path}
        assert len(contents) == 1
        assert tree == before or f"{turn}".encode() in contents
        assert tree != before or code  # which, test_signals.py says: Python itself may still be starting
        assert ".claudepack" not in {path.split("/")[0] for path in tree}


def _as_worktree(root: Path) -> Path:
    main = root / "main"
    write_tree(main, {"README": "x"})
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=main, check=True)
    subprocess.run(["git", "worktree", "add", "-q", "../tree"], cwd=main, check=True)
    return root / "tree"


def _as_monorepo(root: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(root / "mono")], check=True)
    (root / "mono/a").mkdir()
    (root / "mono/b").mkdir()
    subprocess.run([*CLAUDEPACK, "install", "backend", "-C", str(root / "mono/b")], check=True, capture_output=True)
    return root / "mono/a"


def _as_ignored(root: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(root / "ignoring")], check=True)
    write_tree(root / "ignoring", {".gitignore": ".claude/\n"})
    return root / "ignoring"


PLACES: dict[str, Callable[[Path], Path]] = {
    "a worktree": _as_worktree,
    "one of two projects in a repository": _as_monorepo,
    "a project that ignores .claude": _as_ignored,
}


@pytest.mark.parametrize("make", PLACES.values(), ids=PLACES.keys())
def test_killed_runs_are_finished_wherever_the_project_lies(
    tmp_path: Path, make: Callable[[Path], Path], tool: Tool
) -> None:
    place = make(tmp_path)
    before = {path for path in read_tree(place) if not path.startswith(".git/")}
    pack = write_pack(tmp_path / "mine", FILES)

    # Late enough that the run is committed, early enough that it is not over.
    _, steps = run_killed(["install", str(pack), "--dry-run"], place, 0, below=tmp_path)
    assert steps == 0
    assert run_killed(["install", str(pack)], place, 140, below=tmp_path)[0] == -9
    assert "cut short" in tool("status", cwd=place).out
    assert tool("sync", cwd=place).exit == 0

    assert tool("verify", cwd=place).exit == 0
    assert len(read_tree(place / ".claude/prompts/p")) == 60
    assert tool("uninstall", "mine", cwd=place).exit == 0
    assert {path for path in read_tree(place) if not path.startswith(".git/")} == before


MOUNTS = {
    "the project on a mount of its own": 'mount --bind "$1" "$1"',
    ".claude on a mount of its own": 'mkdir -p "$1/.claude"; mount -t tmpfs none "$1/.claude"',
    "a git directory that cannot be written": 'mount --bind -o ro "$1/.git" "$1/.git"',
}
IN_NAMESPACE = """
set -e; cd "$1"; {mount}; cd "$1"
"$2" -m claudepack install "$3"; "$2" -m claudepack verify; cat .claude/prompts/p/1.md
"$2" -m claudepack uninstall mine; ls -A
"""


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS.keys())
def test_it_works_across_mounts(project: Path, tmp_path: Path, mount: str) -> None:
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    pack = write_pack(tmp_path / "mine", FILES)
    script = IN_NAMESPACE.format(mount=mount)
    words = ["unshare", "-rm", "sh", "-c", script, "sh", str(project), sys.executable, str(pack)]
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system refuses a mount namespace")

    run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    assert run.returncode == 0, run.stderr
    assert "old 1\n" in run.stdout
    assert ".claudepack" not in run.stdout.splitlines()


FULL = """
set -e; mkdir -p "$1"; mount -t tmpfs -o size="$4"k none "$1"; cp -a "$5/." "$1"; cd "$1"
code=0; "$2" -m claudepack sync >/dev/null 2>"$6/err" || code=$?
rm -rf "$6/tree"; cp -a "$1" "$6/tree"; exit $code
"""


def test_a_full_disk_of_any_size_leaves_the_old_state_or_the_new(
    tool: Tool,
    project: Path,
    tmp_path: Path,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system refuses a mount namespace")
    pack = write_pack(tmp_path / "mine", {path: text * 500 for path, text in FILES.items()})
    tool("install", pack)
    write_tree(pack, {path: text.replace("old", "new") * 500 for path, text in FILES.items()})
    manifest = project / "claudepack.toml"
    manifest.write_text(manifest.read_text().replace("../mine", os.path.relpath(pack, tmp_path / "small/disk")))
    before, out = read_tree(project), tmp_path / "out"
    out.mkdir()
    used = sum(-(-len(data) // 4096) * 4 for data in before.values()) + 120
    seen = set()
    for extra in range(0, 1600, 40 if full else 160):
        words = [
            *("unshare", "-rm", "sh", "-c", FULL, "sh", str(tmp_path / "small/disk"), sys.executable),
            *("-", str(used + extra), str(project), str(out)),
        ]
        run = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
        tree = read_tree(out / "tree")
        kinds = {data[:3] for path, data in tree.items() if "/p/" in path}
        assert len(kinds) == 1, (extra, kinds)
        assert all(data for path, data in tree.items() if not path.endswith("/")), extra
        if kinds == {b"old"}:
            assert (run.returncode, tree) == (2, before), (extra, run.stderr, (out / "err").read_text())
            assert "No space left" in (out / "err").read_text()
        else:
            assert run.returncode == 0
        seen |= kinds
    assert seen == {b"old", b"new"}


def _fail(monkeypatch: pytest.MonkeyPatch, call: str, after: int) -> None:
    """Let the disk fail whenever a primitive is called, but for the first times."""
    real: Callable[..., object] = getattr(primitives, call)
    left = [after]

    def fail(*arguments: str, **options: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), arguments[-1])
        return real(*arguments, **options)

    monkeypatch.setattr(primitives, call, fail)


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EPERM, "chattr -i"),
        (errno.EROFS, "mount it for writing"),
        (errno.EBUSY, "unmount it"),
        (errno.ENOSPC, "free some space"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EIO, "see what"),
    ],
)
def test_what_the_system_refuses_is_told_of_the_user_s_path_with_what_to_do(
    inline: Callable[..., Run],
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    advice: str,
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    inline("install", pack)
    _renew(pack)
    before = read_tree(project)

    def refuse(slot: str, target: str) -> bool:
        raise OSError(number, os.strerror(number), slot, None, target)

    monkeypatch.setattr(primitives, "exchange", refuse)

    run = inline("sync")

    assert (run.exit, ".claude/prompts/p/0.md: " in run.err, advice in run.err) == (2, True, True), run.err
    assert "stage" not in run.err
    assert read_tree(project) == before


def test_a_file_that_finds_no_room_in_the_stage_is_named(project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/large.md": "x" * 100_000})
    before = read_tree(project)
    script = f"ulimit -f 64; exec '{sys.executable}' -m claudepack install '{pack}'"

    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("error: .claude/prompts/large.md: File too large; nothing was changed\n")
    assert {path: data for path, data in read_tree(project).items() if "/claudepack/" not in path} == before


@pytest.mark.parametrize(
    ("calls", "outcome", "is_new"),
    [
        ({"sync_file_system": 0}, "nothing was changed", False),
        ({"sync_file_system": 1}, "all was done, and the next run tidies up", True),
        ({"write_durably": 0}, "nothing was changed", False),
        ({"exchange": 7}, "so the next is to", True),
        ({"exchange": 0}, "nothing was changed", False),
    ],
)
def test_a_disk_that_fails_is_told_and_the_next_run_ends_what_was_begun(
    inline: Callable[..., Run],
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    calls: dict[str, int],
    outcome: str,
    *,
    is_new: bool,
) -> None:
    pack = write_pack(tmp_path / "mine", FILES)
    inline("install", pack)
    _renew(pack)
    before = read_tree(project)
    with monkeypatch.context() as context:
        for call, after in calls.items():
            _fail(context, call, after)

        run = inline("sync")

    assert (run.exit, "Input/output error" in run.err, outcome in run.err) == (2, True, True), run.err
    if not is_new:
        assert read_tree(project) == before
    assert inline("sync").exit == 0
    assert {text for path, text in read_tree(project).items() if "/p/" in path} == {
        text.replace("old", "new").encode() for text in FILES.values()
    }
    assert not (project / ".claudepack").exists()
