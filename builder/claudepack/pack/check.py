"""What makes a pack broken: a broken pack is neither built nor installed.

Everything here fails silently in the client, or harms whoever installs the pack.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.client_names import HOOK_EVENTS, RESERVED_SERVERS
from claudepack.pack.components import Component, find_components, place
from claudepack.pack.consent import find_needed, read_object
from claudepack.pack.context import render_context, used_variables
from claudepack.pack.hidden import HIDDEN_HINT, describe_hidden, find_hidden, may_hide
from claudepack.pack.references import find_dangling
from claudepack.pack.settings import Value
from claudepack.pack.tree import FRAGMENTS, Pack, PackFile
from claudepack.paths import nearest
from claudepack.steps import Step

if TYPE_CHECKING:
    from claudepack.pack.yaml_core import JSON

_BINARY_SNIFF = 8192
_PIECE = 1 << 20
# Of these the client loads one of a name; the others are read by their paths.
_NAMED = ("agent", "command", "skill", "output style")


class Finding(NamedTuple):
    """One thing that is wrong: a stable code, where it stands, and what to do."""

    code: str
    severity: Literal["error", "warning"]
    path: str
    line: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """As one line for people."""
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


def check_pack(pack: Pack) -> list[Finding]:
    """All that is wrong with a pack, in the order of its paths."""
    return _examine(pack)[0]


def _examine(pack: Pack) -> tuple[list[Finding], Sequence[Component]]:
    findings = [*_check_layout(pack), *_check_text(pack), *_check_context(pack), *_check_references(pack)]
    components: Sequence[Component] = ()
    try:
        components = find_components(pack)
        find_needed(pack, components)
    except ClaudepackError as error:
        findings.append(_from_error(error))
    else:
        findings += [*_check_components(components), *_check_fragments(pack)]
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.path, finding.line)), components


def refuse_broken(pack: Pack, *, strict: bool = False) -> Sequence[Component]:
    """Refuse a pack that has errors.

    Args:
        pack: The pack.
        strict: Whether warnings are errors too, as for a pack that is built.

    Returns:
        Its components, which had to be read for that.

    Raises:
        ClaudepackError: With every finding in its message, and the first one's code.
    """
    with Step(f"checking {pack.name}"):
        findings, components = _examine(pack)
    errors = [finding for finding in findings if strict or finding.severity == "error"]
    if errors:
        where = f"{pack.name} {pack.version}: "
        lines = "\n  ".join(str(finding) + (f" ({finding.hint})" if finding.hint else "") for finding in errors)
        message = lines if len(errors) == 1 else f"{len(errors)} errors\n  {lines}"
        raise ClaudepackError(where + message, code=errors[0].code, hint="mend the pack; nothing was changed")
    return components


def _check_layout(pack: Pack) -> Iterator[Finding]:
    if not pack.files:
        yield _error("empty", "pyproject.toml", 0, "the pack holds nothing", "add agents/NAME.md")
    skills = {path.split("/")[1] for path in pack.files if path.startswith("skills/") and path.count("/") > 1}
    for skill in sorted(skills):
        if f"skills/{skill}/SKILL.md" not in pack.files:
            yield _error("layout", f"skills/{skill}", 0, "there is no SKILL.md, exactly so", "rename or add it")
    for path in pack.files:
        if place(path) is None:
            yield _error(
                "layout",
                path,
                0,
                "the client does not read this file there",
                "agents, commands and rules end in .md; other text belongs in prompts/",
            )


def _check_text(pack: Pack) -> Iterator[Finding]:
    for file in pack.files.values():
        if not file.is_ascii:
            yield from _find_hidden_lines(file)


def _find_hidden_lines(file: PackFile) -> list[Finding]:
    findings: list[Finding] = []
    number = 1
    try:
        for piece in _read_pieces(file):
            if find_hidden(piece):
                lines = enumerate(map(find_hidden, piece.split("\n")), start=number)
                findings += [
                    _error("hidden-text", file.path, line, describe_hidden(hidden), HIDDEN_HINT)
                    for line, hidden in lines
                    if hidden
                ]
            number += piece.count("\n")
    except UnicodeDecodeError:
        return []  # it is no text
    return findings


def _read_pieces(file: PackFile) -> Iterator[str]:
    """The text of a file in pieces that end with a line, unless that is very long.

    None of what is no text, or hides nothing.

    Raises:
        UnicodeDecodeError: It is no UTF-8.
    """
    if file.size <= _PIECE:
        data = file.read()
        if may_hide(data) and b"\0" not in data[:_BINARY_SNIFF]:
            yield data.decode("utf-8-sig")
        return
    with io.TextIOWrapper(file.open(), encoding="utf-8-sig", newline="\n") as stream:
        piece = stream.read(_PIECE)
        while piece and "\0" not in piece[:_BINARY_SNIFF]:
            yield piece + stream.readline(_PIECE)
            piece = stream.read(_PIECE)


def _check_references(pack: Pack) -> Iterator[Finding]:
    if pack.identity.requires:
        return  # what it refers to may be in a pack that it requires
    for reference in find_dangling(pack):
        why = f"{reference.text} leads to nothing in this pack, and the client does not say so"
        yield Finding("reference", "warning", reference.path, reference.line, why, "add the file, or mend the path")


def _check_context(pack: Pack) -> Iterator[Finding]:
    try:
        names = used_variables(pack)
        for name in sorted(names - set(pack.settings.variables)):
            yield _error(
                "variable",
                pack.context.path if pack.context else "",
                0,
                f"the variable {name!r} is not declared",
                f"write [variables.{name}] in pack.toml, with a default and a help",
            )
        declared = {name: variable.default for name, variable in pack.settings.variables.items()}
        render_context(pack, {name: _sample(declared.get(name)) for name in names})
    except ClaudepackError as error:
        yield _from_error(error)


def _sample(default: Value | None) -> Value:
    return "…" if default is None else default


def _check_components(components: Sequence[Component]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for component in components:
        path = component.path
        yield from _check_metadata(component)
        if component.kind == "agent":
            yield from _check_agent(component)
        # A command and a skill are called alike, and the client loads one of them.
        kind = "call" if component.kind in ("command", "skill") else component.kind
        first = seen.setdefault((kind, component.name), path)
        if first != path and component.name and component.kind in _NAMED:
            yield _error(
                "duplicate",
                path,
                1,
                f"the {component.kind} {component.name!r} is in {first} too, and the client loads one of them",
                "rename one",
            )


def _check_fragments(pack: Pack) -> Iterator[Finding]:
    """What the client would leave out of the fragments."""
    settings, servers = (read_object(pack.files[path]) if path in pack.files else {} for path in FRAGMENTS)
    hooks, named = settings.get("hooks"), servers.get("mcpServers")
    for event in hooks if isinstance(hooks, dict) else ():
        if event not in HOOK_EVENTS:
            why = f"the client knows no event {event!r}, and ignores its hooks"
            yield _error("hook-event", "settings.json", 0, why, nearest(event, HOOK_EVENTS))
    for name in named if isinstance(named, dict) else ():
        if name in RESERVED_SERVERS:
            why = f"the client keeps the name {name!r} to itself, and does not load an MCP server that has it"
            yield _error("reserved-server", "mcp.json", 0, why, "rename it")


def _check_metadata(component: Component) -> Iterator[Finding]:
    """What an escape in the frontmatter hides from who reads the file, and shows to the model."""
    head = f"{component.path}SKILL.md" if component.kind == "skill" else component.path
    for key, value in component.metadata.items():
        if component.document and (hidden := next(filter(None, map(find_hidden, _find_texts([key, value]))), "")):
            line = component.document.lines[key]
            yield _error("hidden-text", head, line, describe_hidden(hidden), HIDDEN_HINT)


def _find_texts(value: "JSON") -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _find_texts(item)
    elif isinstance(value, dict):
        yield from _find_texts([*value, *value.values()])


def _check_agent(agent: Component) -> Iterator[Finding]:
    for key in ("name", "description"):
        value = agent.metadata.get(key)
        line = agent.document.lines.get(key, 1) if agent.document else 1
        if value is None:
            yield _error(
                "frontmatter",
                agent.path,
                line,
                f"the frontmatter has no {key}, so the client skips this agent",
                f"add a line `{key}: …`",
            )
        elif not isinstance(value, str) or not value.strip():
            yield _error(
                "frontmatter",
                agent.path,
                line,
                f"{key} is no text, so the client skips this agent",
                f'put it in quotes: {key}: "…"',
            )
    name = agent.metadata.get("name")
    if isinstance(name, str) and (":" in name or "/" in name or name.startswith("-")):
        yield _error(
            "frontmatter",
            agent.path,
            agent.document.lines["name"] if agent.document else 1,
            f"an agent cannot be named {name!r}: the client skips it, or plugins and lists take the name apart",
            "lower-case letters, digits and hyphens",
        )


def _from_error(error: ClaudepackError) -> Finding:
    path, _, rest = error.message.partition(":")
    line, _, message = rest.partition(":")
    if line.strip().isdigit():
        return _error(error.code, path, int(line), message.strip(), error.hint)
    return _error(error.code, path, 0, rest.strip(), error.hint)


def _error(code: str, path: str, line: int, message: str, hint: str) -> Finding:
    return Finding(code, "error", path, line, message, hint)
