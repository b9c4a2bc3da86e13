"""Renovate understands claudepack.toml with the preset that is shipped: its validator and its extraction say so.

Renovate is 300 MiB of npm, so this needs `pytest --full tests/test_renovate.py`, and the npm registry once.
"""

import json
import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from claudepack.resources import locate_resource
from repositories import commit_all
from trees import write_tree

RENOVATE, NODE = "44.121.2", "24"
# Taken before any test changes it: npm needs the registry settings of whoever runs the tests.
_REAL_ENVIRONMENT = dict(os.environ)
_PRESET = locate_resource("templates") / "renovate.json"
MANIFEST = """\
[packs]
backend = ">=1.0,<2"
design = { git = "https://example.org/design.git", tag = "v1.2" }
moving = { git = "https://example.org/moving.git", branch = "main" }
mine = { path = "../packs/mine", allow = ["hooks"] }
corp = { version = ">=2", index = "corp" }
local = { version = ">=3", index = "wheels" }

[index]
corp = "https://pypi.example.org/simple"
wheels = "../wheels"
"""


@pytest.fixture
def renovate(full: bool) -> list[Path]:  # noqa: FBT001 - a fixture
    """Node and the folder of Renovate's programs, installed once into the cache folder."""
    if not full:
        pytest.skip("Renovate is large: pytest --full tests/test_renovate.py")
    cache = Path(_REAL_ENVIRONMENT.get("CLAUDEPACK_TEST_CACHE") or Path(__file__).parents[1] / ".cache")
    target = cache / f"renovate-{RENOVATE}"
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    node = f"node-{platform.system().lower()}-{machine}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        stage = tempfile.mkdtemp(dir=cache, prefix="npm-")
        words = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts", "--prefix", stage]
        packages = [f"renovate@{RENOVATE}", f"{node}@{NODE}"]
        subprocess.run([*words, *packages], env=_REAL_ENVIRONMENT, check=True, timeout=600, stdin=subprocess.DEVNULL)
        shutil.move(stage, target)
    modules = target / "node_modules"
    return [modules / node / "bin/node", modules / "renovate/dist"]


def test_every_pattern_matches_the_manifest_and_nothing_else() -> None:
    managers = json.loads(_PRESET.read_text())["customManagers"]
    assert {manager["datasourceTemplate"] for manager in managers} == {"pypi", "git-tags"}
    assert {pattern for manager in managers for pattern in manager["managerFilePatterns"]} == {
        r"/(^|/)claudepack\.toml$/"
    }


def test_its_validator_accepts_the_preset(renovate: list[Path]) -> None:
    node, programs = renovate
    done = subprocess.run(
        [node, programs / "config-validator.js", "--strict", _PRESET],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Config validated successfully" in done.stdout


def test_it_finds_the_packs_that_have_versions(renovate: list[Path], tmp_path: Path) -> None:
    node, programs = renovate
    write_tree(tmp_path, {"claudepack.toml": MANIFEST, "renovate.json": _PRESET.read_bytes()})
    commit_all(tmp_path)
    words: list[str | Path] = [
        node,
        programs / "renovate.js",
        "--platform=local",
        "--dry-run=extract",
        "--require-config=ignored",
    ]
    environment = {
        **os.environ,
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "debug",
        "PATH": f"{node.parent}:{os.environ['PATH']}",
    }

    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=120)

    records = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    [files] = [record["packageFiles"]["jsonata"] for record in records if "packageFiles" in record]
    found = {
        dep["depName"]: (dep["datasource"], dep["packageName"], dep["currentValue"], dep.get("registryUrls"))
        for file in files
        for dep in file["deps"]
    }
    assert found == {
        "backend": ("pypi", "claudepack-backend", ">=1.0,<2", None),
        "corp": ("pypi", "claudepack-corp", ">=2", ["https://pypi.example.org/simple"]),
        "design": ("git-tags", "https://example.org/design.git", "v1.2", None),
    }
