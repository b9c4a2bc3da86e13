"""The programs of the peers, installed from where their users get them: a Python environment and an npm prefix."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers import OURS, PEERS, Peer
from claudepack import __version__

# Both of npm run on it. An older one gets older versions of them: npm chooses what says that it fits.
_NODE = "node@24"
_PATIENCE = 600.0


class Programs(NamedTuple):
    """What there is to run.

    Attributes:
        folders: Where the programs are, by registry.
        versions: Of each that could be installed, ours and Node included, by name.
        missing: Why each other one could not be.
    """

    folders: Mapping[str, Path]
    versions: Mapping[str, str]
    missing: Mapping[str, str]


def install_programs(
    folder: Path, environment: Mapping[str, str] = os.environ, peers: Sequence[Peer] = PEERS
) -> Programs:
    """Install the peers below a folder, unless they are there.

    Args:
        folder: Where; what lies there from another run is taken as it is.
        environment: Has what pip and npm need to reach their registries; their caches are made in the folder.
        peers: Which.
    """
    venv, prefix = folder / "venv", folder / "npm"
    prefix.mkdir(parents=True, exist_ok=True)
    folders = {"": Path(OURS.program).parent, "PyPI": venv / "bin", "npm": prefix / "node_modules" / ".bin"}
    caches = {"PIP_CACHE_DIR": str(folder / "pip"), "NPM_CONFIG_CACHE": str(folder / "npm-cache")}
    own = {**environment, **caches, "PATH": f"{folders['npm']}:{environment['PATH']}"}
    installers = {
        "PyPI": [str(venv / "bin" / "pip"), "install", "--quiet"],
        "npm": ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(prefix)],
    }
    registries = {peer.registry for peer in peers}
    if "PyPI" in registries and not venv.exists():
        _install([sys.executable, "-m", "venv", str(venv)], own)
    if "npm" in registries and not _find_version(folder, "npm", "node"):
        _install([*installers["npm"], _NODE], own)
    versions, missing = {OURS.name: __version__}, {}
    for peer in peers:
        here = _find_version(folder, peer.registry, peer.name)
        reason = "" if here else _install([*installers[peer.registry], peer.name], own)
        if version := here or _find_version(folder, peer.registry, peer.name):
            versions[peer.name] = version
        else:
            missing[peer.name] = f"cannot be installed from {peer.registry}: {reason}"
    node = _find_version(folder, "npm", "node")
    return Programs(folders, versions | ({"node": node} if node else {}), missing)


def _install(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run an installer, and say why it did not do it."""
    program = shutil.which(words[0], path=environment["PATH"])
    if not program:
        return f"there is no {words[0]}"
    try:
        done = subprocess.run(
            [program, *words[1:]],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"over {_PATIENCE:g} s"
    return (done.stderr.strip() or done.stdout.strip())[-200:] if done.returncode else "nothing came of it"


def _find_version(folder: Path, registry: str, name: str) -> str:
    """Of what is installed: nothing if it is not."""
    if registry == "PyPI":
        infos = (folder / "venv").glob(f"lib/python*/site-packages/{name.replace('-', '_')}-*.dist-info")
        return next((info.name.removesuffix(".dist-info").rpartition("-")[2] for info in infos), "")
    try:
        document = json.loads((folder / "npm" / "node_modules" / name / "package.json").read_bytes())
    except OSError:
        return ""
    return str(document["version"])
