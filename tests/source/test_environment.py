"""A pack in an environment is found there, wherever the tool itself lives, and nothing of it is run."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack

PYTHON = sys.executable


def _pip(environment: Path, *words: str | Path) -> None:
    target = next(environment.glob("lib/python3*/site-packages"))
    command = [PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--target", str(target), *map(str, words)], check=True, timeout=180)


@pytest.fixture
def wheel(tmp_path: Path, tool: Tool) -> Path:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "p\n"}, version="1.4.0")
    assert tool("build", pack, "-o", tmp_path / "out").exit == 0
    [built] = (tmp_path / "out").glob("*.whl")
    return built


@pytest.mark.parametrize("active", [True, False], ids=["active", "the project's .venv"])
def test_an_installed_pack_is_found(
    tool: Tool, project: Path, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch, *, active: bool
) -> None:
    environment = tmp_path / "env" if active else project / ".venv"
    venv.create(environment)
    _pip(environment, wheel)
    if active:
        monkeypatch.setenv("VIRTUAL_ENV", str(environment))

    run = tool("install", "mine", "--json")

    assert run.json["packs"] == [{"name": "mine", "version": "1.4.0", "previous": ""}]
    assert (project / ".claude/prompts/p/a.md").read_text() == "p\n"
    assert 'mine = ">=1.4,<2"' in (project / "claudepack.toml").read_text()
    assert str(tmp_path) not in (project / "claudepack.lock").read_text()


def test_an_editable_pack_is_read_where_its_author_edits_it(
    tool: Tool, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = write_pack(tmp_path / "mine")
    environment = tmp_path / "env"
    venv.create(environment)
    uv = Path(PYTHON).with_name("uv")
    words = [
        str(uv),
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-p",
        str(environment),
        "-e",
        str(pack),
    ]
    built = {**os.environ, "PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"}
    (next(environment.glob("lib/python3*/site-packages")) / "host.pth").write_text(
        str(next(Path(PYTHON).parents[1].glob("lib/python3*/site-packages"))) + "\n"
    )
    subprocess.run(words, check=True, env=built, timeout=180)
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))

    assert tool("install", "mine").exit == 0
    assert (project / ".claude/agents/mine.md").read_bytes() == (pack / "agents/mine.md").read_bytes()


def test_the_same_pack_from_another_place_serves_the_lock(
    tool: Tool, project: Path, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "env")
    _pip(tmp_path / "env", wheel)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    tool("install", "mine")
    before = read_tree(project)
    (project / ".claude/agents/mine.md").unlink()
    module = next((tmp_path / "env").glob("lib/python3*/site-packages")) / "claudepack_mine"
    (module / "agents/mine.md").write_text("---\nname: mine\ndescription: other\n---\n")

    shutil.rmtree(Path.home() / ".cache")  # else the bytes of the lock would come from there

    assert tool("sync").exit == 4  # the version of the lock, with other bytes

    _pip(tmp_path / "env", "--upgrade", "--force-reinstall", wheel)
    assert tool("sync").exit == 0
    assert read_tree(project) == before


def test_what_only_looks_like_a_pack_is_passed_over(tool: Tool, project: Path) -> None:
    info = project / ".venv/lib/python3.11/site-packages/claudepack_x-1.0.dist-info"
    info.mkdir(parents=True)
    os.mkfifo(info / "entry_points.txt")

    run = tool("list", "--available", "--json")

    assert (run.exit, "claudepack_x" in run.out) == (0, False)
