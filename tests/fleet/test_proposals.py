"""Pull requests: made once, kept up, closed with what they propose. `gh` and `glab` write down what they are told."""

import json
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.job import sync_repository
from claudepack.fleet.proposals import Proposal, open_host
from claudepack.fleet.spec import RepositorySpec
from conftest import Tool
from fleets import AUTHOR, copy_bare, list_branches, make_bare, merge_own
from processes import is_gone
from trees import AGENT, write_installed

# A host in a file: what the two tools have in common, and their names for it.
FAKE = """\
#!{python}
import json, os, pathlib, sys
place, tool = pathlib.Path({place!r}), pathlib.Path(sys.argv[0]).name
rows = json.loads(place.read_text()) if place.exists() else []
kind, word, *words = sys.argv[1:]
assert kind == {{"gh": "pr", "glab": "mr"}}[tool]
options = {{words[at]: words[at + 1] for at in range(len(words) - 1) if words[at].startswith("--")}}
with open(place.with_suffix(".log"), "a") as log:
    log.write(json.dumps([tool, word, *words]) + chr(10))
head = options.get("--head") or options.get("--source-branch")
if word == "list":
    found = [row for row in rows if row["head"] == head]
    if options.get("--state") == "open":
        found = [row for row in found if row["state"] == "OPEN"]
    if tool == "glab":
        names = {{"OPEN": "opened", "CLOSED": "closed", "MERGED": "merged"}}
        found = [{{"iid": row["number"], "web_url": row["url"], "state": names[row["state"]]}} for row in found]
    print(json.dumps(found))
    sys.exit()
if word == "create":
    if os.environ.get("FAIL"):
        sys.exit("no: https://user:s3cr3t@example.org is not logged in")
    number = len(rows) + 1
    rows.append({{"number": number, "head": head, "state": "OPEN", "url": f"https://host.example/{{number}}"}})
    print(rows[-1]["url"])
row = rows[-1] if word == "create" else next(row for row in rows if str(row["number"]) == words[0])
if word == "close":
    row["state"] = "CLOSED"
row["title"] = options.get("--title", row.get("title"))
if "--body-file" in options:
    row["body"] = open(options["--body-file"]).read()
row["body"] = options.get("--description", row.get("body"))
place.write_text(json.dumps(rows))
"""
CHANGES = "# Changelog\n\n## 1.1.0\n\n- Says more.\n\n## 1.0.0\n\n- Begins.\n"


@dataclass(frozen=True)
class Host:
    """What the tool has made."""

    place: Path

    @property
    def requests(self) -> list[dict[str, Any]]:
        return list(json.loads(self.place.read_text())) if self.place.exists() else []

    @property
    def log(self) -> list[list[str]]:
        return [json.loads(line) for line in self.place.with_suffix(".log").read_text().splitlines()]

    def set_state(self, number: int, state: str) -> None:
        rows = self.requests
        rows[number - 1]["state"] = state
        self.place.write_text(json.dumps(rows))


@pytest.fixture(params=["gh", "glab"])
def host(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    place = tmp_path / "host.json"
    tool = tmp_path / "bin" / request.param
    tool.parent.mkdir()
    tool.write_text(FAKE.format(python=sys.executable, place=str(place)))
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    return Host(place)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env/.venv"))
    _release(tmp_path, "1.0.0")
    return make_bare(tmp_path / "shop.git")


def _release(tmp_path: Path, version: str) -> None:
    files = {"agents/mine.md": AGENT.format(name="mine") + version, "CHANGELOG.md": CHANGES}
    write_installed(tmp_path / "env", files, version=version)


def _spec(bare: Path, run: str, tool: str = "auto") -> RepositorySpec:
    own_run = f"{os.environ['VIRTUAL_ENV']} {run}"
    return RepositorySpec(
        bare.as_uri(),
        action="update",
        manifest='[packs]\nmine = ">=1"\n',
        author="F <f@example.org>",
        pull_request=tool,
        run=own_run,
    )


def test_a_request_is_made_once_and_says_what_it_brings(bare: Path, host: Host) -> None:
    reports = [sync_repository(_spec(bare, run)) for run in "12"]

    assert [(report.error, report.state) for report in reports] == [(None, "pushed"), (None, "proposed")]
    [request] = host.requests
    assert {report.pull_request for report in reports} == {request["url"]}
    assert request["head"] == reports[0].branch
    assert request["title"] == "Update Claude Code packs: mine 1.0.0"
    assert "`mine` 1.0.0, new here; about +" in request["body"]
    assert "| `.claude/agents/mine.md` | create |" in request["body"]
    assert [call[1] for call in host.log].count("create") == 1
    assert any(call[-1].endswith("/shop") and call[-2] == "--repo" for call in host.log)


def test_a_newer_one_takes_the_place_of_the_older(tmp_path: Path, bare: Path, host: Host) -> None:
    sync_repository(_spec(bare, "1"))
    host.set_state(1, "MERGED")
    merge_own(bare)
    _release(tmp_path, "1.1.0")
    older = sync_repository(_spec(bare, "2"))
    _release(tmp_path, "1.2.0")

    newer = sync_repository(_spec(bare, "3"))

    assert (older.error, newer.error) == (None, None)
    assert [(row["state"], row["head"]) for row in host.requests[1:]] == [
        ("CLOSED", older.branch),
        ("OPEN", newer.branch),
    ]
    assert set(list_branches(bare)) == {"main", newer.branch}
    assert "`mine` 1.0.0 → 1.1.0" in host.requests[1]["body"]
    assert "- Says more." in host.requests[1]["body"]
    assert "- Begins." not in host.requests[1]["body"]


def test_one_that_somebody_has_closed_stays_closed(bare: Path, host: Host) -> None:
    sync_repository(_spec(bare, "1"))
    host.set_state(1, "CLOSED")
    (Path.home() / ".cache").rename(Path.home() / "gone")

    report = sync_repository(_spec(bare, "2"))

    assert (report.exit, report.pull_request) == (0, "")
    assert "was closed" in report.notices[-1]
    assert len(host.requests) == 1


def test_where_the_tool_fails_the_next_run_makes_the_request(
    bare: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "1")
    failed = sync_repository(_spec(bare, "1"))
    monkeypatch.delenv("FAIL")

    again = sync_repository(_spec(bare, "2"))

    assert (failed.exit, failed.state) == (2, "failed")
    assert failed.error
    assert "is not logged in" in failed.error["message"]
    assert "s3cr3t" not in repr(failed)
    assert (again.state, again.pull_request) == ("proposed", host.requests[0]["url"])


def test_a_command_of_ones_own_is_told_everything(tmp_path: Path, bare: Path) -> None:
    script = tmp_path / "make-request"
    script.write_text(
        "#!/bin/sh\n"
        f"env | grep ^CLAUDEPACK_PR_ > {tmp_path}/told\n"
        f'cat "$CLAUDEPACK_PR_BODY_FILE" >> {tmp_path}/told\n'
        'echo "$1"\n'
    )
    script.chmod(0o755)

    report = sync_repository(_spec(bare, "1", f"{script} 'https://x.org/1 a'"))

    told = (tmp_path / "told").read_text()
    assert report.pull_request == "https://x.org/1 a"
    for line in (
        f"URL={bare.as_uri()}",
        f"BRANCH={report.branch}",
        "BASE=main",
        "TITLE=Update Claude Code packs: mine",
    ):
        assert f"CLAUDEPACK_PR_{line}" in told
    assert "`mine` 1.0.0, new here" in told


def test_a_command_that_is_not_done_in_time_leaves_nothing_running(tmp_path: Path, bare: Path) -> None:
    script = tmp_path / "make-request"
    script.write_text(f"#!/bin/sh\nsleep 60 &\necho $! > {tmp_path}/pid\nwait\n")
    script.chmod(0o755)
    host = open_host(bare.as_uri(), str(script), time.monotonic() + 1)

    with pytest.raises(ClaudepackError, match="not done in time"):
        host.propose(Proposal(bare.as_uri(), "packs", "main", "title", "body"))

    assert is_gone(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/team/shop.git", "github.com/team/shop"),
        ("ssh://git@github.example.org:22/team/shop", "github.example.org/team/shop"),
        ("https://u:p@gitlab.com/a/b/c.git/", "gitlab.com/a/b/c"),
    ],
)
def test_the_address_says_which_tool_and_which_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, place: str
) -> None:
    for name in ("gh", "glab"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert vars(open_host(url, "auto", 0))["place"] == place
    (tmp_path / ("gh" if "github" in url else "glab")).unlink()
    with pytest.raises(ClaudepackError, match="make a pull request"):
        open_host(url, "auto", 0)


@pytest.mark.parametrize(
    ("words", "waves"),
    [(("--limit", "3"), [3, 4]), (("--wave", "50%"), [2, 4]), (("--max-open-prs", "3"), [3, 3])],
)
def test_a_fleet_is_reached_in_waves(
    tmp_path: Path, bare: Path, tool: Tool, words: tuple[str, ...], waves: list[int]
) -> None:
    (tmp_path / "fleet.toml").write_text('[packs]\nmine = ">=1"\n')
    bares = copy_bare(bare, tmp_path / "remotes", 4)

    for number in waves:
        run = tool("fleet", "sync", "--glob", "remotes/*", *AUTHOR, *words, "--json", cwd=tmp_path)
        assert run.exit == 0, run.out
        assert sum(len(list_branches(path)) == 2 for path in bares) == number
        assert bool(run.json["notices"]) == (number < 4)
