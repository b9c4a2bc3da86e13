"""A pack from an index is the same whichever tool built its wheel."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Tool
from indexes import serve_index
from trees import write_pack

PYTHON = sys.executable
UV = Path(PYTHON).with_name("uv")


def _build(builder: str, pack: Path, output: Path) -> None:
    words = {
        "claudepack": [PYTHON, "-m", "claudepack", "build", str(pack), "-o", str(output)],
        "build": [PYTHON, "-m", "build", "--wheel", "--no-isolation", str(pack), "-o", str(output)],
        "uv": [str(UV), "build", "--wheel", "--no-build-isolation", "-p", PYTHON, str(pack), "-o", str(output)],
    }[builder]
    path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(Path(PYTHON).parents[1])}
    subprocess.run(words, check=True, capture_output=True, env=environment, timeout=180)


@pytest.mark.parametrize("builder", ["claudepack", "build", "uv"])
def test_it_installs_as_its_directory_does(tool: Tool, project: Path, tmp_path: Path, builder: str) -> None:
    files = {"prompts/p/a.md": "a\n", "hooks/run.sh": "#!/bin/sh\n", "CLAUDE.md": "c\n"}
    pack = write_pack(tmp_path / "mine", files)
    (pack / "hooks/run.sh").chmod(0o755)
    _build(builder, pack, tmp_path / "w")
    other = tmp_path / "other"
    other.mkdir()

    with serve_index(tmp_path / "w") as url:
        run = tool("install", "mine", "--index-url", url, "--allow", "executables")
    tool("install", pack, "--allow", "executables", cwd=other)

    assert run.exit == 0, run.err
    ours, theirs = (json.loads((root / "claudepack.lock").read_text())["packs"]["mine"] for root in (project, other))
    for key in ("digest", "files", "executable", "version"):
        assert ours[key] == theirs[key]
