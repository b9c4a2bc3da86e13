"""A new pack: its files from the templates, or around the components that somebody has already."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.pack.components import place
from claudepack.pack.directory import read_tree
from claudepack.pack.frontmatter import read_document
from claudepack.pack.identity import check_name
from claudepack.pack.tree import CONTEXTS, FRAGMENTS, META, PackFile, read_file
from claudepack.paths import COMPONENT_FOLDERS
from claudepack.resources import locate_resource

_TEMPLATE = ".j2"
_SAMPLES = ("agents/", "prompts/", "CLAUDE.md")
_SCHEMA = "pack.schema.json"


def render_scaffold(name: str, *, has_components: bool) -> dict[str, bytes]:
    """The files of a new pack, by path.

    Args:
        name: The pack's name.
        has_components: Whether there are components already: then there is no sample of them.

    Raises:
        ClaudepackError: The name cannot be a pack's.
    """
    check_name(name, "claudepack new")
    from jinja2 import Environment, StrictUndefined

    # Delimiters of its own: what is rendered holds Jinja2 and GitHub's `${{ }}` itself.
    environment = Environment(
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - it renders TOML and Markdown
    )
    values = _choose_values(name, has_components=has_components)
    root = locate_resource("templates") / "pack"
    files: dict[str, bytes] = {}
    for template in sorted(path for path in root.rglob("*") if path.is_file()):
        path = template.relative_to(root).as_posix().removesuffix(_TEMPLATE).replace("NAME", name)
        if has_components and path.startswith(_SAMPLES):
            continue
        files[path] = environment.from_string(template.read_text(encoding="utf-8")).render(values).encode()
    files[_SCHEMA] = (locate_resource("templates") / "schemas" / _SCHEMA).read_bytes()
    return files


def _choose_values(name: str, *, has_components: bool) -> dict[str, object]:
    words = name.replace("-", " ")
    return {
        "name": name,
        "module": "claudepack_" + name.replace("-", "_"),
        "title": words,
        "title_case": words.capitalize(),
        "summary": f"{words.capitalize()} for Claude Code",
        "description": (
            f"Use this agent for {words}: say here what for, and what not for.\n\nExample:\n\n<example>\n"
            f'user: "What somebody asks"\nassistant: "I\'ll hand this to the {name} agent."\n</example>'
        ),
        "first_entry": "The components that were there." if has_components else f"The agent `{name}` and its prompts.",
        "hatchling": version("hatchling"),
        "today": datetime.now(UTC).date().isoformat(),
        "has_components": has_components,
    }


def find_existing(root: Path) -> tuple[dict[str, PackFile], list[str]]:
    """The components that lie in a folder, as a pack would hold them.

    Args:
        root: A project, its `.claude`, a folder with `agents/` and the like, or a folder of agents.

    Returns:
        The files by their path in the pack, and what was there and is left out.

    Raises:
        ClaudepackError: There are none.
    """
    base = root / ".claude" if (root / ".claude").is_dir() else root
    if not base.is_dir():
        raise ClaudepackError(f"{root}: no such directory", code="not-found", hint="name a folder with agents in it")
    if any((base / folder).is_dir() for folder in COMPONENT_FOLDERS):
        found = {file.path: file for file in read_tree(base, str(root))}
    else:
        found = {f"agents/{path.name}": _read(path) for path in sorted(base.glob("*.md")) if _is_agent(path)}
    kept = {path: file for path, file in found.items() if place(path) and path not in (*FRAGMENTS, *CONTEXTS, *META)}
    if not kept:
        raise ClaudepackError(
            f"{root}: no agents, prompts, skills, commands or rules",
            code="not-found",
            hint="name a project, its .claude, or a folder of agents",
        )
    return kept, sorted(set(found) - set(kept))


def _read(path: Path) -> PackFile:
    return read_file(f"agents/{path.name}", lambda: path.open("rb"), executable=False)


def _is_agent(path: Path) -> bool:
    try:
        document = read_document(path.read_bytes(), path.name)
    except ClaudepackError:
        return False
    return {"name", "description"} <= set(document.metadata)
