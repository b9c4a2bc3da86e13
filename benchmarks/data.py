"""Packs of many files, as directories and as installed distributions; and a collection as people have them."""

import json
from pathlib import Path

SIZE = 4096
_FOLDER = 50
_EVERY = 10

_PYPROJECT = """\
[project]
name = "claudepack-large"
version = "{version}"

[project.entry-points."claudepack.packs"]
large = "claudepack_large"
"""
_BUILD = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
only-include = ["agents", "prompts"]
sources = { "" = "claudepack_large" }
"""
_METADATA = "Metadata-Version: 2.4\nName: claudepack-large\nVersion: {version}\n"
_ENTRY_POINTS = "[claudepack.packs]\nlarge = claudepack_large\n"
_AGENT = "---\nname: agent-{number}\ndescription: Use it for the work that has the number {number}.\n---\n\n"
_SKILL = "---\nname: skill-{number}\ndescription: Use it for the work that has the number {number}.\n---\n\n"
_PROMPT = "# Text {number}\n\n"
_LINE = "Of {topic} this line says as “prose” does a little more than nothing… and more.\n"


def write_pack(root: Path, count: int, version: str, topic: str | dict[int, str], *, buildable: bool = False) -> Path:
    """Write a pack of files of 4 KB as a directory; one file in ten is an agent.

    Args:
        root: The directory.
        count: How many files.
        version: Its version.
        topic: What the texts are about: all of them, or some by their number.
        buildable: Whether it says how its wheel is made.
    """
    for number in range(count):
        about = topic if isinstance(topic, str) else topic.get(number, "one thing")
        kind, head = ("agents", _AGENT) if number % _EVERY == 0 else ("prompts", _PROMPT)
        text = head.format(number=number) + _LINE.format(topic=about) * (SIZE // 64)
        path = root / kind / f"topic-{number // _FOLDER}" / f"text-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode()[:SIZE].decode(errors="ignore").encode())
    (root / "pyproject.toml").write_text(_PYPROJECT.format(version=version) + _BUILD * buildable)
    return root


def write_collection(root: Path, agents: int, skills: int) -> Path:
    """Write a marketplace with one plugin, as large public ones are: agents by category, skills with what they need.

    Of ten descriptions one is no strict YAML, of ten agents one refers to a skill, of three skills one has a script.
    """
    box = root / "box"
    for number in range(agents):
        about = f"Use it for: the {number}, and more." if number % _EVERY == 0 else f"Use it for the {number}."
        body = _LINE.format(topic="an agent") * (SIZE // 64)
        body += f"Read ${{CLAUDE_PLUGIN_ROOT}}/skills/skill-{number % skills}/SKILL.md.\n" * (number % _EVERY == 0)
        head = f"---\nname: agent-{number}\ndescription: {about}\nmodel: inherit\n---\n\n"
        _write(box / "agents" / f"category-{number % 12}" / f"agent-{number}.md", head + body)
    for number in range(skills):
        skill = box / "skills" / f"skill-{number}"
        head = f"---\nname: skill-{number}\ndescription: Use it where skill {number} helps.\n---\n\n"
        _write(skill / "SKILL.md", head + _LINE.format(topic="a skill") * (SIZE // 64))
        _write(skill / "references" / "guide.md", _LINE.format(topic="a guide") * (SIZE // 64))
        if number % 3 == 0:
            _write(skill / "scripts" / "run.py", "#!/usr/bin/env python3\n" + "print()\n" * 100)
    plugin = {"name": "box", "version": "1.2.0", "description": "Many agents and skills."}
    shop = {"name": "shop", "owner": {"name": "us"}, "plugins": [{"name": "box", "source": "./box"}]}
    _write(box / ".claude-plugin" / "plugin.json", json.dumps(plugin))
    _write(root / ".claude-plugin" / "marketplace.json", json.dumps(shop))
    return root


def write_skills(root: Path, skills: int, files: int, topic: str | dict[int, str]) -> Path:
    """Write so many skills of so many files of 4 KB: SKILL.md, and texts that belong to it.

    Args:
        root: The directory of them.
        skills: How many.
        files: How many files each has.
        topic: What the texts are about: all of them, or some by their number.
    """
    for number in range(skills * files):
        skill, text = divmod(number, files)
        about = topic if isinstance(topic, str) else topic.get(number, "one thing")
        head = _PROMPT.format(number=text) if text else _SKILL.format(number=skill)
        path = root / f"skill-{skill}" / (f"references/text-{text}.md" if text else "SKILL.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_cut(head + _LINE.format(topic=about) * (SIZE // 64)))
    return root


def _cut(text: str) -> bytes:
    """As many whole characters as fit, and the end of a line, which no program has to add."""
    return text.encode()[: SIZE - 1].decode(errors="ignore").rstrip().encode() + b"\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_large_pack(root: Path, size: int) -> Path:
    """Write a pack with one text of so many bytes."""
    line = _LINE.format(topic="a large text").encode()
    (root / "prompts" / "large").mkdir(parents=True)
    with (root / "prompts" / "large" / "text.md").open("wb") as stream:
        for _ in range(size // len(line) // 1000 + 1):
            stream.write(line * 1000)
    (root / "pyproject.toml").write_text(_PYPROJECT.format(version="1.0.0"))
    return root


def install_pack(pack: Path, environment: Path, version: str) -> Path:
    """Make an environment in which a pack is installed, as pip leaves it."""
    site = environment / "lib" / "python3.11" / "site-packages"
    info = site / f"claudepack_large-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(_METADATA.format(version=version))
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    (site / "claudepack_large").symlink_to(pack)
    return environment
