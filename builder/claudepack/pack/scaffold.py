"""A new pack: its files from the templates, or around the components that somebody has already."""

import json
from datetime import UTC, datetime
from importlib.metadata import version

from claudepack.pack.identity import check_name
from claudepack.resources import locate_resource

_TEMPLATE = ".j2"
_SAMPLES = ("agents/", "prompts/", "CLAUDE.md")
_SCHEMA = "pack.schema.json"


def render_scaffold(
    name: str, *, has_components: bool, version: str = "0.1.0", summary: str = "", origin: str = ""
) -> dict[str, bytes]:
    """The files of a new pack, by path.

    Args:
        name: The pack's name.
        has_components: Whether there are components already: then there is no sample of them.
        version: Its version.
        summary: What it is for, in one line.
        origin: Where the components are from, if that is to be told.

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
    environment.filters["quoted"] = _quote
    values = {**_choose_values(name, has_components=has_components), "version": version, "origin": origin}
    if summary:
        values["summary"] = summary
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


def _quote(text: str) -> str:
    """A string as TOML writes it: JSON's form, but for one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
