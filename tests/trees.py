"""Trees of files as dicts: to build them under `tmp_path`, and to compare what became of them."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "claudepack-{name}"
version = "{version}"
description = "A pack for tests"
{dependencies}
[project.entry-points."claudepack.packs"]
{name} = "claudepack_{module}"

[tool.hatch.build.targets.wheel]
only-include = ["agents", "prompts", "skills", "commands", "rules", "hooks", "pack.toml", "CLAUDE.md", "CLAUDE.md.j2"]
sources = {{ "" = "claudepack_{module}" }}
"""
AGENT = '---\nname: {name}\ndescription: "Does {name}."\n---\n\nYou do {name}.\n'


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files; text is written with LF as it stands."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def read_tree(root: Path) -> dict[str, bytes]:
    """Every file below a directory (of a link, where it leads), and every empty directory (with a `/`)."""
    tree: dict[str, bytes] = {}
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        for name in files:
            path = here / name
            content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            tree[path.relative_to(root).as_posix()] = content
        if not folders and not files and here != root:
            tree[here.relative_to(root).as_posix() + "/"] = b""
    return tree


def write_pack(
    root: Path,
    files: Mapping[str, str | bytes] | None = None,
    *,
    name: str = "mine",
    version: str = "1.0.0",
    dependencies: str = "",
    agent: bool = True,
) -> Path:
    """Write a pack with one agent of its own name, and the files given."""
    pyproject = PYPROJECT.format(name=name, version=version, module=name.replace("-", "_"), dependencies=dependencies)
    own = {f"agents/{name}.md": AGENT.format(name=name)} if agent else {}
    return write_tree(root, {"pyproject.toml": pyproject, **own, **(files or {})})


def build_sdist(root: Path, output: Path) -> Path:
    """Build the source distribution of a pack, by hatchling in a process of its own."""
    words = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(output.resolve())]
    subprocess.run(words, cwd=root, check=True, capture_output=True, timeout=120)
    [built] = output.glob("*.tar.gz")
    return built


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write the wheel of a pack with one agent of its own name, and the files given, without a builder."""
    module = f"claudepack_{name.replace('-', '_')}"
    info = f"{module}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
    members: dict[str, str | bytes] = {
        f"{module}/agents/{name}.md": AGENT.format(name=name) + f"Version {version}.\n",
        **{f"{module}/{path}": content for path, content in (files or {}).items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: claudepack-{name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[claudepack.packs]\n{name} = {module}\n",
    }
    contents = {path: content if isinstance(content, bytes) else content.encode() for path, content in members.items()}
    record = "".join(f"{path},sha256={_hash_record(data)},{len(data)}\n" for path, data in contents.items())
    contents[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(zipfile.ZipInfo(path), data)
    return wheel


def _hash_record(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def write_installed(project: Path, files: Mapping[str, str | bytes], *, name: str = "mine", version: str) -> Path:
    """Write a pack as pip would leave it in a project's `.venv`, in place of any other version of it."""
    site = project / ".venv/lib/python3.11/site-packages"
    for old in site.glob(f"claudepack_{name}*"):
        shutil.rmtree(old)
    own = (
        {f"agents/{name}.md": AGENT.format(name=name)} if not any(path.startswith("agents/") for path in files) else {}
    )
    write_tree(site / f"claudepack_{name}", {**own, **files})
    info = {
        "METADATA": f"Metadata-Version: 2.1\nName: claudepack-{name}\nVersion: {version}\n",
        "entry_points.txt": f"[claudepack.packs]\n{name} = claudepack_{name}\n",
    }
    write_tree(site / f"claudepack_{name}-{version}.dist-info", info)
    return site
