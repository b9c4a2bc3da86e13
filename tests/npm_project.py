"""A folder of npm packages as a lock file names them, installed once into the cache of the tests."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

# Taken before any test changes it: npm needs the registry settings of whoever runs the tests.
_REAL_ENVIRONMENT = dict(os.environ)
_ROOT = Path(__file__).parents[1]


def install_packages(project: Path) -> Path:
    """Install what a folder's `package-lock.json` says; a killed or a parallel install does no harm."""
    locked = (project / "package-lock.json").read_bytes()
    cache = Path(_REAL_ENVIRONMENT.get("CLAUDEPACK_TEST_CACHE") or _ROOT / ".cache")
    target = cache / f"npm-{hashlib.sha256(locked).hexdigest()[:16]}"
    if (target / "node_modules").is_dir():
        return target / "node_modules"
    cache.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(dir=cache, prefix="npm-"))
    for name in ("package.json", "package-lock.json"):
        shutil.copy2(project / name, stage / name)
    # No package that the samples name needs its install script: what is native comes built.
    words = ["npm", "ci", "--silent", "--ignore-scripts", "--no-fund", "--no-audit"]
    subprocess.run(words, cwd=stage, env=_REAL_ENVIRONMENT, check=True, timeout=600, stdin=subprocess.DEVNULL)
    try:
        stage.rename(target)
    except OSError:  # another process was faster
        shutil.rmtree(stage)
    return target / "node_modules"
