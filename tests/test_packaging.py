"""The distribution of claudepack itself: what is in its wheel, and every way to install it."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REAL_ENVIRONMENT = dict(os.environ)
UV = Path(sys.executable).with_name("uv")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git has of this checkout."""
    target = tmp_path_factory.mktemp("checkout")
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its wheel and its sdist."""
    target = tmp_path_factory.mktemp("dist")
    _call(sys.executable, "-m", "hatchling", "build", "-d", target, cwd=checkout)
    return target


def _call(*words: str | Path, cwd: Path, settings: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**REAL_ENVIRONMENT, **(settings or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def test_the_wheel_holds_the_tool_its_packs_and_its_templates_and_nothing_else(checkout: Path, dist: Path) -> None:
    expected = {
        f"{prefix}{path.relative_to(checkout / folder).as_posix()}"
        for folder, prefix in (
            ("builder/claudepack", "claudepack/"),
            ("packs", "claudepack/packs/"),
            ("templates", "claudepack/templates/"),
        )
        for path in (checkout / folder).rglob("*")
        if path.is_file()
    }

    with zipfile.ZipFile(next(dist.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert names == expected
    assert {"claudepack/py.typed", "claudepack/packs/backend/agents/backend-engineer.md"} <= names


def test_the_sdist_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    shutil.unpack_archive(next(dist.glob("*.tar.gz")), tmp_path, filter="data")

    _call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=next(tmp_path.iterdir()))

    assert next(tmp_path.glob("*.whl")).read_bytes() == next(dist.glob("*.whl")).read_bytes()


def _by_uv_tool(home: Path, _checkout: Path, dist: Path) -> Path:
    sdist = next(dist.glob("*.tar.gz"))
    folders = {"UV_TOOL_DIR": str(home / "tools"), "UV_TOOL_BIN_DIR": str(home / "bin")}
    _call(UV, "tool", "install", "-p", sys.executable, sdist, cwd=home, settings=folders)
    return home / "bin" / "claudepack"


def _by_pipx(home: Path, _checkout: Path, dist: Path) -> Path:
    wheel = next(dist.glob("*.whl"))
    folders = {"PIPX_HOME": str(home / "pipx"), "PIPX_BIN_DIR": str(home / "bin")}
    settings = {**folders, "PIPX_DEFAULT_PYTHON": sys.executable}
    _call(UV, "tool", "run", "pipx", "install", wheel, cwd=home, settings=settings)
    return home / "bin" / "claudepack"


def _by_editable_pip(home: Path, checkout: Path, _dist: Path) -> Path:
    venv.create(home / "venv", with_pip=True)
    _call(home / "venv/bin/pip", "install", "-q", "-e", checkout, cwd=home)
    return home / "venv/bin/claudepack"


def _by_editable_uv(home: Path, checkout: Path, _dist: Path) -> Path:
    _call(UV, "venv", "-q", "-p", sys.executable, home / "venv", cwd=home)
    _call(UV, "pip", "install", "-q", "-p", home / "venv", "-e", checkout, cwd=home)
    return home / "venv/bin/claudepack"


@pytest.mark.network
@pytest.mark.parametrize("install", [_by_uv_tool, _by_pipx, _by_editable_pip, _by_editable_uv])
def test_it_does_its_main_job_however_it_was_installed(
    install: Callable[[Path, Path, Path], Path], checkout: Path, dist: Path, tmp_path: Path, project: Path
) -> None:
    script = install(tmp_path, checkout, dist)

    _call(script, "install", "backend", cwd=project)
    _call(script, "verify", cwd=project)

    assert (project / ".claude/agents/backend-engineer.md").is_file()


def _find_newer_pythons() -> dict[str, str]:
    """The Pythons of this machine that are newer than this one, by their versions."""
    found: dict[str, str] = {}
    for minor in range(sys.version_info.minor + 1, sys.version_info.minor + 9):
        places = sorted(Path(os.environ.get("PYENV_ROOT", "/nowhere")).glob(f"versions/3.{minor}.*/bin/python"))
        for path in [*map(str, places), shutil.which(f"python3.{minor}") or ""]:
            command = [path or "false", "-c", "import sys; print(sys.version_info[1])"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.stdout.strip() == str(minor):
                found[f"3.{minor}"] = path
    return found


@pytest.mark.network
@pytest.mark.parametrize("python", [pytest.param(path, id=name) for name, path in _find_newer_pythons().items()])
def test_it_does_its_main_job_on_every_newer_python_that_is_here(
    python: str, dist: Path, tmp_path: Path, project: Path
) -> None:
    _call(UV, "venv", "-q", "-p", python, tmp_path / "venv", cwd=tmp_path)
    _call(UV, "pip", "install", "-q", "-p", tmp_path / "venv", next(dist.glob("*.whl")), cwd=tmp_path)
    script = tmp_path / "venv/bin/claudepack"

    for words in (["install", "backend"], ["check"], ["sync"], ["diff"], ["status"], ["uninstall", "backend"]):
        _call(script, *words, cwd=project)

    assert not (project / ".claude").exists()
