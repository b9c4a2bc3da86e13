"""Runs over a fleet of real repositories: what is pushed, what is told, and what a kill or a second run leaves."""

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from claudepack.fleet.job import sync_repository
from claudepack.fleet.spec import RepositorySpec
from conftest import Run, Tool
from fleets import AUTHOR, copy_bare, find_own, list_branches, make_bare, merge_own, show
from repositories import git
from trees import AGENT, write_installed

TEXT = "".join(f"Line {number}.\n" for number in range(9))
OLD, NEW = {"prompts/p/a.md": TEXT}, {"prompts/p/a.md": TEXT.replace("Line 8", "Line eight")}
PROMPT = ".claude/prompts/p/a.md"
FLEET = '[packs]\nmine = ">=1"\n'


@dataclass(frozen=True)
class Fleet:
    """Repositories with the pack `mine` 1.0.0, while there is 1.1.0; some were edited, some are broken."""

    folder: Path

    @property
    def bares(self) -> list[Path]:
        return sorted((self.folder / "remotes").iterdir())

    @property
    def conflicting(self) -> list[Path]:
        return self.bares[::20]

    @property
    def broken(self) -> list[Path]:
        return self.bares[7::100]

    @property
    def good(self) -> list[Path]:
        return [bare for bare in self.bares if bare not in (*self.conflicting, *self.broken)]

    def own_branches(self) -> dict[str, list[str]]:
        """The branches of ours in each repository, with their commits."""
        return {
            bare.name: [f"{name} {commit}" for name, commit in list_branches(bare).items() if name != "main"]
            for bare in self.bares
            if bare not in self.broken
        }


def _release(folder: Path, version: str, files: Mapping[str, str]) -> None:
    write_installed(folder / "env", {"agents/mine.md": AGENT.format(name="mine"), **files}, version=version)


MakeFleet = Callable[[int], Fleet]


@pytest.fixture
def make_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFleet:
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env/.venv"))
    (tmp_path / "fleet.toml").write_text(FLEET)
    _release(tmp_path, "1.0.0", OLD)
    template = make_bare(tmp_path / "template.git")
    spec = RepositorySpec(template.as_uri(), manifest=FLEET, run=str(tmp_path))
    assert sync_repository(spec).state == "pushed"
    merge_own(template)
    _release(tmp_path, "1.1.0", NEW)

    def make(count: int) -> Fleet:
        copy_bare(template, tmp_path / "remotes", count)
        fleet = Fleet(tmp_path)
        work = tmp_path / "work"
        git(tmp_path, "clone", "--quiet", str(template), str(work))
        (work / PROMPT).write_text(TEXT.replace("Line 8", "Line VIII"))
        git(work, "commit", "--quiet", "--all", "--message", "an edit")
        for bare in fleet.conflicting:
            git(work, "push", "--quiet", str(bare), "HEAD:main")
        for bare in fleet.broken:
            (bare / "HEAD").write_text("nothing\n")
        return fleet

    return make


def _words(*words: str) -> list[str]:
    return ["fleet", "update", "--glob", "remotes/*", *AUTHOR, *words]


def _update(tool: Tool, fleet: Fleet, *words: str) -> Run:
    return tool(*_words(*words), cwd=fleet.folder)


def _start(fleet: Fleet, *words: str, cache: str = "") -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **({"XDG_CACHE_HOME": str(fleet.folder / cache)} if cache else {})}
    return subprocess.Popen(
        [sys.executable, "-m", "claudepack", *_words(*words)],
        cwd=fleet.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _is_each_pushed_once(fleet: Fleet) -> bool:
    """All alike have the same commit on one branch, since a commit is named by what it is made from."""
    own = fleet.own_branches()
    pushed = {tuple(own[bare.name]) for bare in fleet.good}
    return len(pushed) == 1 and len(next(iter(pushed))) == 1 and not any(own[bare.name] for bare in fleet.conflicting)


def test_a_whole_fleet_is_updated_and_a_second_run_pushes_nothing(
    tool: Tool, make_fleet: MakeFleet, *, full: bool
) -> None:
    fleet = make_fleet(1000 if full else 60)

    first = _update(tool, fleet, "--json")

    document = first.json
    assert (first.exit, document["command"], document["exit"], document["error"]) == (1, "fleet update", 1, None)
    states = {Path(row["url"]).name: (row["exit"], row["state"], row["conflicts"]) for row in document["repositories"]}
    assert states == {
        **{bare.name: (0, "pushed", []) for bare in fleet.good},
        **{bare.name: (3, "conflict", [PROMPT]) for bare in fleet.conflicting},
        **{bare.name: (2, "failed", []) for bare in fleet.broken},
    }
    assert _is_each_pushed_once(fleet)
    before = fleet.own_branches()
    for bare in fleet.good[:3]:
        assert "Line eight" in show(bare, find_own(bare), PROMPT)

    second = _update(tool, fleet)

    assert second.exit == 1
    assert fleet.own_branches() == before
    assert f"{len(fleet.good)} proposed before" in second.out
    assert f"{len(fleet.conflicting)} with conflicts" in second.out
    assert f"{len(fleet.broken)} failed" in second.out
    assert PROMPT in second.out


def test_a_run_that_is_killed_is_resumed_to_the_same_end(tool: Tool, make_fleet: MakeFleet, *, full: bool) -> None:
    fleet = make_fleet(1000 if full else 24)
    results = fleet.folder / "fleet.jsonl"
    run = _start(fleet)
    while not results.exists() or results.read_bytes().count(b"\n") < len(fleet.bares) // 3:
        assert run.poll() is None
        time.sleep(0.01)
    run.kill()
    run.wait()
    done = results.read_bytes().count(b"\n")
    assert done < len(fleet.bares)

    resumed = _update(tool, fleet, "--resume", "--json")

    assert resumed.exit == 1
    assert len(resumed.json["repositories"]) == len(fleet.bares)
    assert results.read_bytes().count(b"\n") in (len(fleet.bares), len(fleet.bares) + 1)  # a line may have been torn
    assert _is_each_pushed_once(fleet)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_ends_at_once_and_can_be_resumed(
    tool: Tool, make_fleet: MakeFleet, silent_port: int, number: signal.Signals
) -> None:
    fleet = make_fleet(12)
    run = _start(fleet, "--repo", f"git://127.0.0.1:{silent_port}/x", "--jobs", "2")
    results = fleet.folder / "fleet.jsonl"
    while not results.exists() or not results.read_bytes().count(b"\n"):
        time.sleep(0.01)
    run.send_signal(number)

    assert run.wait(timeout=20) == 128 + number
    assert _update(tool, fleet, "--resume").exit == 1
    assert _is_each_pushed_once(fleet)


def test_two_runs_at_once_push_each_once(make_fleet: MakeFleet, *, full: bool) -> None:
    fleet = make_fleet(300 if full else 8)

    runs = [_start(fleet, "--results", f"{name}.jsonl", cache=name) for name in ("one", "two")]

    assert [run.wait(timeout=600) for run in runs] == [1, 1]
    assert _is_each_pushed_once(fleet)


def test_direct_pushes_at_once_lose_nobodys_commit(make_fleet: MakeFleet, *, full: bool) -> None:
    fleet = make_fleet(200 if full else 8)
    runs = [_start(fleet, "--direct", "--results", f"{name}.jsonl", cache=name) for name in ("one", "two")]
    pushed: dict[Path, str] = {}
    work = fleet.folder / "work"
    while any(run.poll() is None for run in runs) and len(pushed) < len(fleet.good):
        bare = fleet.good[-1 - len(pushed)]
        git(work, "fetch", "--quiet", str(bare), "main")
        git(work, "reset", "--quiet", "--hard", "FETCH_HEAD")
        git(work, "commit", "--quiet", "--allow-empty", "--message", f"somebody's {bare.name}")
        try:
            git(work, "push", "--quiet", str(bare), "HEAD:main")
        except subprocess.CalledProcessError:
            continue  # we were faster: somebody does it again
        pushed[bare] = git(work, "rev-parse", "HEAD")

    assert [run.wait(timeout=600) for run in runs] == [1, 1]
    assert pushed
    for bare, commit in pushed.items():
        git(bare, "merge-base", "--is-ancestor", commit, "main")
    for bare in fleet.good:
        assert "Line eight" in show(bare, "main", PROMPT)


def test_only_those_that_failed_are_done_again(tool: Tool, make_fleet: MakeFleet) -> None:
    fleet = make_fleet(10)
    _update(tool, fleet)
    for bare in fleet.broken:
        (bare / "HEAD").write_text("ref: refs/heads/main\n")

    run = _update(tool, fleet, "--failed", "--json")

    assert run.exit == 3  # only conflicts are left
    assert (fleet.folder / "fleet.jsonl").read_bytes().count(b"\n") == 10 + len(fleet.conflicting) + len(fleet.broken)
    assert len(run.json["repositories"]) == 10


def test_after_too_many_failures_no_more_are_begun(tool: Tool, make_fleet: MakeFleet) -> None:
    fleet = make_fleet(10)
    for bare in fleet.bares:
        (bare / "HEAD").write_text("nothing\n")

    run = _update(tool, fleet, "--max-failures", "2", "--jobs", "1", "--json")

    assert run.exit == 1
    assert len(run.json["repositories"]) == 2
    assert run.json["notices"] == ["too many failed: the rest was not begun"]


def test_memory_does_not_grow_with_the_number_of_repositories(make_fleet: MakeFleet, *, full: bool) -> None:
    fleet = make_fleet(400 if full else 24)
    peaks = []
    for pattern in ("remotes/r000*", "remotes/*"):
        words = _words("--results", "x.jsonl")
        words[words.index("remotes/*")] = pattern
        code = f"import resource, sys; from claudepack.cli import main; main({words!r}); "
        code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=fleet.folder, capture_output=True, text=True, check=True, timeout=300
        )
        peaks.append(int(done.stdout.split()[-1]))

    assert peaks[1] < 1.1 * peaks[0]


def test_a_person_is_told_how_far_it_is(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(3)
    reads, shows = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
    run = subprocess.Popen(
        [sys.executable, "-m", "claudepack", *_words()],
        cwd=fleet.folder,
        env={**environment, "TERM": "xterm", "COLUMNS": "200"},
        stdout=subprocess.DEVNULL,
        stderr=shows,
    )
    os.close(shows)
    seen = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while data := os.read(reads, 1 << 16):
            seen += data
    os.close(reads)

    assert run.wait(timeout=60) == 3
    assert b"2 pushed" in seen
    assert b"remotes/r000" in seen


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "WORD"),
        (("nope",), "nope"),
        (("sync", "--direct", "--no-push"), "not allowed with"),
        (("sync", "--jobs", "0"), "1 or more"),
        (("sync", "--author", "me", "--repo", "https://x.org/a"), "NAME <ADDRESS>"),
        (("sync",), "fleet.toml"),
        (("sync", "--failed", "--repo", "https://x.org/a", *AUTHOR), "no results"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_begins(tool: Tool, words: tuple[str, ...], told: str) -> None:
    run = tool("fleet", *words)

    assert run.exit == 2
    assert told in run.err


def test_one_repository_is_one(tool: Tool, tmp_path: Path) -> None:
    (tmp_path / "empty.git").mkdir()

    assert tool("fleet", "sync", "--repo", tmp_path / "empty.git", *AUTHOR).out.splitlines()[-1] == (
        "1 repository: 1 failed"
    )


def test_a_repository_is_named_once_where_it_fails(tool: Tool, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "empty.git")
    url = f"file://{tmp_path}/empty.git"

    run = tool("fleet", "sync", "--repo", url, *AUTHOR)
    assert run.out.splitlines()[:2] == [f"failed    {url}", "          the repository is empty"]
    run = tool("fleet", "status", "--repo", url)
    assert f"unreadable  {url}  the repository is empty" in run.out.splitlines()


def test_without_an_author_it_is_whoever_git_knows(tool: Tool, tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git")
    git(tmp_path, "config", "--global", "user.name", "Me")
    git(tmp_path, "config", "--global", "user.email", "me@example.org")
    (tmp_path / "fleet.toml").write_text('[packs]\nbackend = ">=1"\n[commit]\nsign-off = true\n')

    run = tool("fleet", "sync", "--repo", bare, cwd=tmp_path)

    assert run.exit == 0, run.err
    told = git(bare, "log", "-1", "--format=%an <%ae>%n%b", find_own(bare))
    assert told.startswith("Me <me@example.org>")
    assert told.endswith("Signed-off-by: Me <me@example.org>")
