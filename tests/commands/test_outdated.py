"""What is outdated is said with what would be taken, what there is, and why not the newest."""

from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from claudepack.commands.newer import Standing, judge
from claudepack.pack.requires import Need
from conftest import Tool
from indexes import serve_index, serve_pages
from repositories import commit_all, git
from trees import write_pack, write_wheel


@pytest.mark.parametrize(
    ("installed", "specifier", "versions", "requires", "taken_back", "standing"),
    [
        ("1.0", ">=1", ["1.0"], "", "", ("1.0", "1.0", "")),
        ("1.0", ">=1", ["1.1", "1.0"], "", "", ("1.1", "1.1", "")),
        ("1.0", ">=1,<2", ["2.0", "1.0"], "", "", ("1.0", "2.0", "the manifest wants >=1,<2")),
        ("1.0", ">=1,<2", ["2.0", "1.5", "1.0"], "", "", ("1.5", "2.0", "the manifest wants >=1,<2")),
        ("1.0", ">=1", ["2.0", "1.0"], "<2", "", ("1.0", "2.0", "other 1 requires x<2")),
        ("1.0", ">=1", ["2.0a1", "1.0"], "", "", ("1.0", "1.0", "")),
        ("2.0a1", ">=2.0a1", ["2.0a2", "2.0a1"], "", "", ("2.0a2", "2.0a2", "")),
        ("1.1", ">=1", ["1.0"], "", "yanked", ("1.0", "1.0", "yanked")),
        ("1.1", ">=1", ["1.2", "1.0"], "", "yanked", ("1.2", "1.2", "yanked")),
        ("1.0", "", ["1.0.0"], "", "", ("1.0", "1.0", "")),
    ],
)
def test_a_version_is_judged(  # a row each
    installed: str,
    specifier: str,
    versions: list[str],
    requires: str,
    taken_back: str,
    standing: tuple[str, str, str],
) -> None:
    needs = [Need("other 1", "claudepack-x", SpecifierSet(requires), f"x{requires}")] if requires else []
    judged = judge("x", installed, specifier, versions, needs, taken_back)
    assert (judged.wanted, judged.latest, judged.why) == standing
    assert judged.is_behind == (standing != (installed, installed, ""))


def test_the_index_is_asked_for_what_came_from_it(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_wheel(tmp_path / "w", "corp", "1.0")
    with serve_index(tmp_path / "w") as url:
        tool("install", "corp", "--index-url", url)
        fresh = tool("outdated")
        write_wheel(tmp_path / "w", "corp", "1.1")
        write_wheel(tmp_path / "w", "corp", "2.0")
        write_wheel(tmp_path / "w", "corp", "3.0rc1")
        run, as_json = tool("outdated"), tool("outdated", "--json")
        before = (project / "claudepack.lock").read_bytes()

    assert (fresh.exit, run.exit, as_json.exit) == (0, 1, 1)
    assert "everything is as new" in fresh.out
    row = {"name": "corp", "installed": "1.0", "wanted": "1.1", "latest": "2.0", "why": "the manifest wants >=1.0,<2"}
    assert as_json.json["outdated"] == [row]
    assert "corp  1.0        1.1     2.0     the manifest wants >=1.0,<2" in run.out
    assert (project / "claudepack.lock").read_bytes() == before


def test_a_yanked_version_that_is_installed_is_flagged(tool: Tool, tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "w", "corp", "1.0")
    link = f'<a href="/{wheel.name}" %s>{wheel.name}</a>'
    pages = {"": (200, "application/octet-stream", wheel.read_bytes())}
    kind = "text/html"
    pages["/simple/claudepack-corp/"] = (200, kind, b"<!DOCTYPE html>" + (link % "").encode())
    with serve_pages(pages) as url:
        tool("install", "corp", "--index-url", url)
        pages["/simple/claudepack-corp/"] = (200, kind, b"<!DOCTYPE html>" + (link % 'data-yanked="bad"').encode())
        run = tool("outdated")
    assert run.exit == 1
    assert "1.0 was yanked" in run.out


def test_directories_and_repositories_are_looked_at_too(tool: Tool, tmp_path: Path) -> None:
    plain = write_pack(tmp_path / "plain", name="plain")
    tagged, moving = write_pack(tmp_path / "tagged", name="tagged"), write_pack(tmp_path / "moving", name="moving")
    commit_all(tagged, tag="v1.0")
    commit_all(moving)
    tool("install", plain, f"git+file://{tagged}@v1.0", f"git+file://{moving}@main")
    assert tool("outdated").exit == 0
    write_pack(plain, name="plain", version="1.1.0")
    git(tagged, "tag", "v1.1")
    git(tagged, "tag", "v2.0rc1")
    (moving / "agents/moving.md").write_text("---\nname: moving\ndescription: d\n---\n")
    commit = commit_all(moving)

    run = tool("outdated", "--json")

    rows = {row["name"]: Standing(**row) for row in run.json["outdated"]}
    assert rows["plain"][1:] == ("1.0.0", "1.1.0", "1.1.0", "")
    assert rows["tagged"][1:] == ("v1.0", "v1.0", "v1.1", "the manifest names the tag v1.0")
    assert rows["moving"].wanted == f"main@{commit[:12]}"


def test_twenty_packs_are_asked_for_at_once(tool: Tool, project: Path, tmp_path: Path) -> None:
    names = [f"p{number}" for number in range(20)]
    for name in names:
        write_wheel(tmp_path / "w", name, "1.0")
        write_wheel(tmp_path / "later", name, "1.1")
    (project / "claudepack.toml").write_text('[packs]\n[index]\ndefault = "../w"\n')
    assert tool("install", *names).exit == 0
    for wheel in (tmp_path / "later").iterdir():
        wheel.rename(tmp_path / "w" / wheel.name)

    run = tool("outdated", "--json")

    assert run.exit == 1
    assert sorted(row["name"] for row in run.json["outdated"]) == sorted(names)
    assert {row["wanted"] for row in run.json["outdated"]} == {"1.1"}


def test_offline_it_is_refused(tool: Tool) -> None:
    assert tool("outdated", "--offline").exit == 2
