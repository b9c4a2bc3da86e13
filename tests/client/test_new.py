"""An author's first ten minutes: new, edit, build, install, and the real client has the agent."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from claude_client import ClaudeClient

pytestmark = [pytest.mark.client, pytest.mark.network]

ROOT = Path(__file__).parents[2]
REAL_ENVIRONMENT = dict(os.environ)
NO_NETWORK = ["unshare", "-rn"] if shutil.which("unshare") else []


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean virtual environment with claudepack and pytest, and nothing of this one."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home / "venv", with_pip=True)
    words = [home / "venv/bin/pip", "install", "-q", ROOT, "pytest"]
    subprocess.run([str(word) for word in words], env=REAL_ENVIRONMENT, check=True, timeout=300)
    return home / "venv"


def _call(environment: Path, *words: str | Path, cwd: Path) -> str:
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [*NO_NETWORK, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_pack_is_edited_built_and_installed_without_a_network_and_the_client_lists_its_agent(
    client: ClaudeClient, environment: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    subprocess.run(["git", "init", "-q", str(project)], check=True)

    _call(environment, "claudepack", "new", "code-review", cwd=tmp_path)
    pack = tmp_path / "code-review"
    agent = pack / "agents/code-review.md"
    agent.write_text(agent.read_text().replace("name: code-review", "name: strict-reviewer"))
    _call(environment, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=pack)
    _call(environment, "claudepack", "build", "code-review", cwd=tmp_path)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    # As `pip wheel` does it once the pack's build requirements are there.
    words = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(pack)]
    subprocess.run([*NO_NETWORK, sys.executable, *words], check=True, timeout=120)
    _call(environment, "claudepack", "install", wheel, "--project", project, cwd=tmp_path)

    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()
    assert client.context(project).agents["strict-reviewer"][0] == "Project"


def test_a_pack_made_around_what_was_there_loads_the_same_agents(
    client: ClaudeClient, environment: Path, tmp_path: Path
) -> None:
    old, project = tmp_path / "old", tmp_path / "project"
    for folder in (old, project):
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
    _call(environment, "claudepack", "install", "backend", "--project", old, cwd=tmp_path)

    _call(environment, "claudepack", "new", "ours", "--from", old, cwd=tmp_path)
    _call(environment, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=tmp_path / "ours")
    _call(environment, "claudepack", "install", "./ours", "--project", project, cwd=tmp_path)

    assert client.context(project).agents == client.context(old).agents
