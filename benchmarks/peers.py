"""The peers: how each is installed, what it wants a package to look like, and how it does the nearest job.

All five programs know skills, so these are the data: the same bytes lie in a package of each one's own form, in a
directory, and land in the project's `.claude/skills`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.data import write_skills
from benchmarks.timing import TOOL, make_environment

LIMIT = 60.0  # seconds that one process of a peer may take
PACK = "large"
CONTEXT = "Read this of the pack."
_ABOUT = "Many skills."


class Peer(NamedTuple):
    """A program that installs skills, ours included.

    Its commands run in the project, beside which its package lies as `pack`; `{pack}` is that as an absolute path.

    Attributes:
        name: The distribution.
        registry: Where it is from: `PyPI`, `npm`, or nowhere if it is here.
        program: What is run.
        skills: Where in its package the skills lie.
        files: What else its package needs, by path; `{version}` is that of the package.
        context: Where a text for CLAUDE.md lies in the package, and the text; an empty path if it knows none.
        install: The first install.
        again: A run that may have nothing to do, and brings a new version otherwise.
        gate: Says by its exit whether the project is as it was installed; nothing if there is none.
        remove: Takes the package out; nothing if there is none.
        elsewhere: The first install for another client, Codex; nothing if there is none.
    """

    name: str
    registry: str
    program: str
    skills: str
    files: Mapping[str, str]
    context: tuple[str, str]
    install: tuple[str, ...]
    again: tuple[str, ...]
    gate: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


_PYPROJECT = f"""\
[project]
name = "claudepack-{PACK}"
version = "{{version}}"

[project.entry-points."claudepack.packs"]
{PACK} = "claudepack_{PACK}"
"""
_APM = f"name: {PACK}\nversion: {{version}}\ndescription: {_ABOUT}\n"
_PACK_TOML = f"""\
[pack]
name = "{PACK}"
version = "{{version}}"
description = "{_ABOUT}"
display_name = "Large"
categories = ["testing"]
keywords = ["large"]

[pack.adapter-contract]
version = "0.8"

[pack.install]
default-scope = "repo"
allowed-scopes = ["repo"]
"""
_CATALOGUE = """\
schema = 1

[catalogue]
name = "shop"
display-name = "Shop"
description = "A shop."
minimum-agentbundle-version = "0.50.0"

[catalogue.owner]
name = "us"

[catalogue.paths]
packs = "packs"
profiles = "profiles"
marketplace = ".claude-plugin/marketplace.json"
build-output = "dist"
"""
_SHOP = '{{"name": "shop", "description": "A shop.", "owner": {{"name": "us"}}, "plugins": []}}\n'
_HOME = f"packs/{PACK}"
_BUNDLE = ("--pack", PACK, "--scope", "repo")
_ADD = ("add", "../pack", "--skill", "*", "--copy", "--yes", "--agent")
# It refuses what is outside of the project, unless the path is absolute.
_GENERATE = ("generate", "--input-roots", "{pack}", "--features", "skills,rules", "--targets")

OURS = Peer(
    "claudepack",
    "",
    TOOL,
    "skills",
    {"pyproject.toml": _PYPROJECT},
    ("CLAUDE.md", CONTEXT),
    install=("install", "../pack"),
    again=("sync",),
    gate=("verify", "--no-edits"),
    remove=("uninstall", PACK),
)
PEERS = (
    Peer(
        "apm-cli",
        "PyPI",
        "apm",
        ".apm/skills",
        {"apm.yml": _APM},
        (".apm/instructions/context.instructions.md", f'---\ndescription: Text.\napplyTo: "**"\n---\n\n{CONTEXT}\n'),
        install=("install", "../pack", "--target", "claude"),
        again=("install",),  # `update` asks git what is new, and copies nothing that is in a directory
        gate=("audit", "--ci"),
        remove=("uninstall", "../pack"),
        elsewhere=("install", "../pack", "--target", "codex"),
    ),
    Peer(
        "agentbundle",
        "PyPI",
        "agentbundle",
        f"{_HOME}/.apm/skills",
        {f"{_HOME}/pack.toml": _PACK_TOML, "catalogue.toml": _CATALOGUE, ".claude-plugin/marketplace.json": _SHOP},
        (f"{_HOME}/seeds/CLAUDE.md", CONTEXT),
        install=("install", "../pack", *_BUNDLE, "--adapter", "claude-code"),
        again=("upgrade", "../pack", *_BUNDLE, "--yes"),  # a second `install` is refused
        gate=("diff", f"../pack/{_HOME}", "--scope", "repo"),
        remove=("uninstall", *_BUNDLE, "--yes"),
        elsewhere=("install", "../pack", *_BUNDLE, "--adapter", "codex"),
    ),
    Peer(
        "rulesync",
        "npm",
        "rulesync",
        "skills",
        {},
        ("rules/context.md", f'---\nroot: true\ntargets: ["*"]\n---\n\n{CONTEXT}\n'),
        install=(*_GENERATE, "claudecode"),
        again=(*_GENERATE, "claudecode"),
        gate=(*_GENERATE, "claudecode", "--check"),
        elsewhere=(*_GENERATE, "codexcli"),
    ),
    Peer(
        "skills",
        "npm",
        "skills",
        "skills",
        {},
        ("", ""),
        install=(*_ADD, "claude-code"),
        again=(*_ADD, "claude-code"),  # `update` leaves alone what is from a directory
        remove=("remove", "--all"),
        elsewhere=(*_ADD, "codex"),
    ),
)


def write_package(root: Path, peer: Peer, size: tuple[int, int], version: str, topic: str | dict[int, str]) -> Path:
    """Write a package of so many skills of so many files of 4 KB, in the form of a peer."""
    write_skills(root / peer.skills, *size, topic)
    for name, text in peer.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(version=version), encoding="utf-8")
    return root


def fill(words: tuple[str, ...], pack: Path) -> list[str]:
    """The words of a command, of a package that lies there."""
    return [word.replace("{pack}", str(pack)) for word in words]


def make_surroundings(home: Path, programs: Path) -> dict[str, str]:
    """What a peer sees: a home of its own, its programs first, no colours, and the wish that nothing is told of it."""
    seen = make_environment(home)
    return {**seen, "PATH": f"{programs}:{seen['PATH']}", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
