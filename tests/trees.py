"""Trees of files as dicts: to build them under `tmp_path`, and to compare what became of them."""

import os
import shutil
from collections.abc import Mapping
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
