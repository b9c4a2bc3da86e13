"""`claudepack fleet status`, over real repositories: what is told, where, and with which exit code."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, Tool
from fleets import edit_bare, list_branches, make_bare, run_before
from repositories import commit_all, serve_over_http
from trees import AGENT, read_tree, write_installed, write_pack, write_tree

LINES = "".join(f"Look at {number}.\n" for number in range(30))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bare repositories of every kind; their pack `mine` is in an environment beside them, and newer there."""
    root = tmp_path_factory.mktemp("template")
    work = write_tree(root / "work", {"CLAUDE.md": "# Shop\n", ".claude/agents/reviewer.md": LINES})
    folder = root / "fleet"
    folder.mkdir()
    make_bare(folder / "bare.git", {".claude/agents/reviewer.md": LINES.replace("at 7", "at seven")})
    for version, words, names in (
        ("1.0.0", ["install", "mine"], ["old", "edited", "broken", "lost"]),
        ("1.1.0", ["update"], ["new"]),
    ):
        write_installed(root / "env", {"agents/mine.md": AGENT.format(name=f"mine{version[2]}")}, version=version)
        run_before(work, *words, home=root / "home", VIRTUAL_ENV=str(root / "env/.venv"))
        files = {path: data for path, data in read_tree(work).items() if not path.startswith(".claudepack/")}
        for name in names:
            make_bare(folder / f"{name}.git", files)
    edit_bare(folder / "edited.git", {".claude/agents/mine.md": AGENT.format(name="mine0") + "Ours.\n"})
    edit_bare(folder / "broken.git", {"claudepack.lock": "<<<<<<< ours\n"})
    shutil.rmtree(folder / "lost.git/objects")
    (folder / "lost.git/objects").mkdir()
    return root


@pytest.fixture
def fleet(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, for one test."""
    monkeypatch.setenv("VIRTUAL_ENV", str(template / "env/.venv"))
    return shutil.copytree(template / "fleet", tmp_path / "fleet")


def _status(tool: Tool, fleet: Path, *words: str | Path) -> Run:
    return tool("fleet", "status", "--glob", fleet / "*.git", "--tries", "1", *words)


def _rows(run: Run) -> dict[str, Any]:
    return {Path(row["url"]).stem: row for row in run.json["repositories"]}


def test_every_repository_is_told_and_none_is_changed(tool: Tool, fleet: Path) -> None:
    before = {path: list_branches(path) for path in fleet.iterdir() if path.name != "lost.git"}

    run = _status(tool, fleet)

    assert run.exit == 1, run.err  # one could not be read
    assert run.out.splitlines()[0] == (
        "6 repositories: 2 could not be read, 2 behind, 1 with edits, 1 up to date, 1 without packs"
    )
    text = "\n".join(" ".join(line.split()) for line in run.out.splitlines())
    assert "mine 1.1.0 1 newest" in text
    assert "mine 1.0.0 2 1 behind" in text
    assert "broken.git claudepack.lock: it holds git's conflict markers" in text
    assert "the agent reviewer is in 4 repositories, in 2 variants" in text
    assert {path: list_branches(path) for path in before} == before


def test_json_has_all_of_it(tool: Tool, fleet: Path) -> None:
    run = _status(tool, fleet, "--json")

    assert (run.json["command"], run.json["exit"], run.exit) == ("fleet status", 1, 1)
    rows = _rows(run)
    assert sorted(rows) == ["bare", "broken", "edited", "lost", "new", "old"]
    assert rows["edited"]["packs"] == [
        {
            "name": "mine",
            "version": "1.0.0",
            "states": ["behind", "edited"],
            "wanted": "1.1.0",
            "latest": "1.1.0",
            "behind": 1,
            "is_yanked": False,
            "why": "",
            "edits": [".claude/agents/mine.md"],
            "pending": [],
            "drift": [],
            "is_stale": False,
        }
    ]
    assert rows["new"]["packs"][0]["states"] == ["current"]
    assert (rows["broken"]["exit"], rows["broken"]["error"]["code"], rows["broken"]["packs"]) == (2, "lock", [])
    assert (rows["lost"]["exit"], rows["bare"]["exit"]) == (2, 0)
    assert rows["bare"]["unmanaged"] == [{"kind": "agent", "name": "reviewer", "path": ".claude/agents/reviewer.md"}]
    [cluster] = run.json["clusters"]
    assert (cluster["kind"], cluster["names"], cluster["repositories"]) == ("agent", ["reviewer"], 4)
    assert sorted(len(variant["copies"]) for variant in cluster["variants"]) == [1, 3]


def test_where_chooses_and_leaves_what_nobody_can_tell(tool: Tool, fleet: Path) -> None:
    chosen = {
        ("mine",): {"old", "edited", "new"},
        ("mine<1.1",): {"old", "edited"},
        ("!mine",): {"bare"},
        ("mine", "!mine<1.1"): {"new"},
    }

    for conditions, names in chosen.items():
        words = [word for condition in conditions for word in ("--where", condition)]
        run = _status(tool, fleet, "--json", "--offline", *words)
        assert set(_rows(run)) == names | {"broken", "lost"}, conditions


def test_offline_what_is_new_is_not_known(tool: Tool, fleet: Path) -> None:
    run = _status(tool, fleet, "--json", "--offline", "--where", "mine")

    assert _rows(run)["new"]["packs"][0]["states"] == ["unknown"]
    assert _rows(run)["new"]["packs"][0]["behind"] is None
    assert run.json["notices"] == ["mine: offline, nobody can tell what is new"]


def test_the_page_is_written_where_it_is_asked_for(tool: Tool, fleet: Path, tmp_path: Path) -> None:
    (fleet / "broken.git").rename(tmp_path / "broken.git")
    (fleet / "lost.git").rename(tmp_path / "lost.git")

    run = _status(tool, fleet, "--html", "fleet.html", "-q")
    refused = _status(tool, fleet, "--html", "no/such/fleet.html")

    assert (run.exit, run.out) == (0, "")
    assert "Claude Code packs in 4 repositories" in (tmp_path / "project/fleet.html").read_text(encoding="utf-8")
    assert (refused.exit, "no/such: no such directory" in refused.err) == (2, True)


def test_projects_in_one_repository_and_a_pack_that_lies_there(tool: Tool, tmp_path: Path) -> None:
    write_pack(tmp_path / "mono/packs/mine")
    (tmp_path / "mono/apps/web").mkdir(parents=True)
    assert tool("install", "../../packs/mine", cwd=tmp_path / "mono/apps/web").exit == 0
    commit_all(tmp_path / "mono")
    (tmp_path / "project/fleet.toml").write_text(
        '[[repository]]\nurl = "../mono"\npath = "apps/web"\n[[repository]]\nurl = "../mono"\npath = "apps/none"\n'
    )

    run = tool("fleet", "status", "--json", "--tries", "1")

    none, web = run.json["repositories"]
    assert (web["path"], web["exit"], web["packs"][0]["states"]) == ("apps/web", 0, ["current"])
    assert (none["path"], none["error"]["code"], run.exit) == ("apps/none", "not-found", 1)


def test_credentials_are_in_nothing_that_is_told(tool: Tool, fleet: Path) -> None:
    with serve_over_http(fleet, "reader", "pass-secret") as url:
        address = url.replace("//", "//reader:pass-secret@")
        words = ["--repo", f"{address}/new.git", "--repo", f"{address}/lost.git", "--html", "fleet.html"]
        run = tool("fleet", "status", "--json", "--tries", "1", *words)
        page = (fleet.parent / "project/fleet.html").read_text(encoding="utf-8")

    assert [row["url"] for row in run.json["repositories"]] == [f"{url}/lost.git", f"{url}/new.git"]
    assert run.json["repositories"][1]["packs"]
    assert f'href="{url}/new.git"' in page
    assert "pass-secret" not in run.out + run.err + page


def test_nothing_to_ask_is_refused(tool: Tool) -> None:
    assert tool("fleet", "status").exit == 2
    assert json.loads(tool("fleet", "status", "--json", "--where", "<1").out)["error"]["code"] == "usage"
