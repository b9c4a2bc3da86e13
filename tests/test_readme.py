"""The commands of the README do what it says, in a copy of the checkout."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REAL_ENVIRONMENT = dict(os.environ)


def _command(name: str) -> str:
    match = re.search(rf"<!-- tested: {name} -->\n```bash\n(.*?)\n```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert match
    return match[1]


@pytest.mark.network
def test_one_command_sets_up_and_installs(tmp_path: Path) -> None:
    checkout, demo = tmp_path / "checkout", tmp_path / "demo"
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)

    command = _command("run").replace("/tmp/demo", str(demo))  # noqa: S108 - what the README says
    subprocess.run(["bash", "-c", command], cwd=checkout, env=REAL_ENVIRONMENT, check=True, timeout=300)

    assert (demo / ".claude/agents/backend-engineer.md").is_file()
