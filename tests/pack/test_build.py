"""Four builders, one sequence of bytes; what is broken builds with none of them."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.build import build_wheel, find_pin_mismatch
from claudepack.pack.directory import read_directory
from claudepack.pack.wheel import read_wheel
from conftest import Tool
from trees import write_pack

ROOT = Path(__file__).parents[2]
HOOK = "\n[tool.hatch.build.hooks.claudepack]\n"
PYTHON = sys.executable
UV = Path(PYTHON).with_name("uv")

BUILDERS = {
    "claudepack build": [PYTHON, "-m", "claudepack", "build", ".", "-o", "{out}"],
    "pip wheel": [PYTHON, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", "{out}", "."],
    "python -m build": [PYTHON, "-m", "build", "-n", "-o", "{out}", "."],
    "uv build": [str(UV), "build", "--no-build-isolation", "--python", PYTHON, "-o", "{out}", "."],
}


def _build(builder: str, pack: Path, out: Path) -> subprocess.CompletedProcess[str]:
    words = [word.format(out=out) for word in BUILDERS[builder]]
    environment = {**os.environ, "VIRTUAL_ENV": str(Path(PYTHON).parents[1]), "PIP_NO_INDEX": "0"}
    return subprocess.run(words, cwd=pack, env=environment, capture_output=True, text=True, check=False, timeout=180)


@pytest.mark.parametrize("hook", ["", HOOK], ids=["", "with the hook"])
def test_all_builders_give_the_same_bytes(tmp_path: Path, hook: str) -> None:
    hashes = {}
    for builder in BUILDERS:
        pack = tmp_path / builder.replace(" ", "-")
        shutil.copytree(ROOT / "packs/backend", pack)
        pyproject = pack / "pyproject.toml"
        pyproject.write_text(pyproject.read_text() + hook)
        out = tmp_path / "out" / builder.replace(" ", "-")
        done = _build(builder, pack, out)
        assert done.returncode == 0, done.stderr
        [wheel] = out.glob("*.whl")
        hashes[builder] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert len(set(hashes.values())) == 1, hashes


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_broken_pack_does_not_build(tmp_path: Path, builder: str) -> None:
    pack = write_pack(tmp_path / "mine", {"agents/bad.md": "---\ndescription: nameless\n---\n"})
    pyproject = pack / "pyproject.toml"
    pyproject.write_text(pyproject.read_text() + HOOK)

    done = _build(builder, pack, tmp_path / "out")

    assert done.returncode != 0
    assert "agents/bad.md" in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*.whl"))


def test_directory_and_wheel_are_one_pack(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "p\n", "skills/s/SKILL.md": "---\nname: s\n---\n"})

    assert _build("claudepack build", pack, tmp_path / "out").returncode == 0

    [wheel] = (tmp_path / "out").glob("*.whl")
    assert read_wheel(wheel).digest == read_directory(pack).digest


def test_what_the_layout_leaves_out_is_an_error(tmp_path: Path, tool: Tool) -> None:
    pack = write_pack(tmp_path / "mine", {"output-styles/terse.md": "Be brief.\n"})

    run = tool("build", pack, "-o", tmp_path / "out")

    assert run.exit == 2
    assert "output-styles/terse.md" in run.err
    assert not list((tmp_path / "out").iterdir())


def _change(pack: Path, old: str, new: str) -> Path:
    pyproject = pack / "pyproject.toml"
    text = pyproject.read_text()
    assert old in text
    pyproject.write_text(text.replace(old, new))
    return pack


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('build-backend = "hatchling.build"', "", "build-backend is None"),
        ('"hatchling.build"', '"setuptools.build_meta"', "build-backend is 'setuptools.build_meta'"),
        ("[tool.hatch", "[tool.hatch.build.hooks.nosuch]\n[tool.hatch", "hatchling: Unknown build hook: nosuch"),
        ('["agents", ', "7 # ", "hatchling: Field `tool.hatch.build.targets.wheel.only-include` must be an array"),
        ('["agents", ', "[", "the wheel would lack agents/mine.md"),
        ('"pack.toml", ', "", "the wheel would not hold what the directory holds"),
    ],
)
def test_what_cannot_be_built_is_named_and_nothing_is_written(tmp_path: Path, old: str, new: str, why: str) -> None:
    pack = _change(write_pack(tmp_path / "mine", {"pack.toml": "format = 1\n"}), old, new)

    with pytest.raises(ClaudepackError) as caught:
        build_wheel(pack, tmp_path / "out", lambda _: None)

    assert (why in caught.value.message, caught.value.code, bool(caught.value.hint)) == (True, "build", True)
    assert not list(tmp_path.rglob("*.whl"))


@pytest.mark.parametrize(
    ("requires", "is_told"),
    [
        ('["hatchling"]', False),
        (f'["hatchling=={version("hatchling")}"]', False),
        ('["hatchling==0.1"]', True),
        ('["setuptools==0.1"]', False),
        ('["hatchling ="]', True),
        ("7", False),
        ("[7]", False),
    ],
)
def test_a_pack_that_asks_for_another_hatchling_is_told(tmp_path: Path, requires: str, *, is_told: bool) -> None:
    pack = _change(write_pack(tmp_path / "mine"), '["hatchling"]', requires)

    assert bool(find_pin_mismatch(pack)) == is_told


def test_a_tampered_wheel_is_an_integrity_error(tmp_path: Path, tool: Tool) -> None:
    pack = write_pack(tmp_path / "mine")
    _build("claudepack build", pack, tmp_path / "out")
    [wheel] = (tmp_path / "out").glob("*.whl")
    evil = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data + b"evil\n" if name.endswith("mine.md") else data)

    run = tool("install", evil)

    assert run.exit == 4
    assert "agents/mine.md" in run.err


def test_paths_are_relative_to_where_it_is_called(tool: Tool, project: Path) -> None:
    write_pack(project / "packs/mine")

    run = tool("build", "packs/mine", "--json")

    assert run.exit == 0, run.err
    assert read_wheel(project / run.json["wheel"]).name == "mine"
    assert run.json["wheel"].startswith("dist/")
