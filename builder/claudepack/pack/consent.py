"""What in a pack the client, or a shell, would execute: that needs the project's consent."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from claudepack.errors import ClaudepackError
from claudepack.pack.components import Component
from claudepack.pack.tree import Pack, PackFile

Consent = Literal["hooks", "mcp", "permissions", "executables"]
HOOK_SETTINGS = (
    "hooks",
    "statusLine",
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "otelHeadersHelper",
)
_FRONTMATTER: Mapping[str, Consent] = {
    "hooks": "hooks",
    "mcpServers": "mcp",
    "permissionMode": "permissions",
    "allowed-tools": "permissions",  # of a command or a skill: used without asking
}
_INLINE = re.compile(r"!`([^`\n]+)`")  # the client runs it when the command or the skill is called


def find_needed(pack: Pack, components: Sequence[Component]) -> dict[Consent, list[str]]:
    """The kinds of consent that a pack needs, each with what needs it, in full: where it stands, and what it says.

    Raises:
        ClaudepackError: `settings.json` or `mcp.json` is no JSON object.
    """
    needed: dict[Consent, list[str]] = {}
    for component in components:
        for key, kind in _FRONTMATTER.items():
            if (said := component.metadata.get(key)) is not None:
                needed.setdefault(kind, []).append(f"{component.path}: {key}: {_say(said)}")
        if component.kind in ("command", "skill"):
            needed.setdefault("executables", []).extend(_find_inline(pack, component))
    needed = {kind: texts for kind, texts in needed.items() if texts}
    for file in pack.files.values():
        if file.executable or file.is_script:
            needed.setdefault("executables", []).append(file.path)
    if "mcp.json" in pack.files:
        servers = read_object(pack.files["mcp.json"])
        needed["mcp"] = [*needed.get("mcp", []), *(f"mcp.json: {text}" for text in _describe_servers(servers))]
    if "settings.json" in pack.files:
        for key, value in read_object(pack.files["settings.json"]).items():
            kind = "hooks" if key in HOOK_SETTINGS else "permissions"
            texts = _describe_hooks(value) if key == "hooks" else [f"{key}: {_say(value)}"]
            needed.setdefault(kind, []).extend(f"settings.json: {text}" for text in texts)
    return needed


def _find_inline(pack: Pack, component: Component) -> Iterator[str]:
    head = f"{component.path}SKILL.md" if component.kind == "skill" else component.path
    text = pack.files[head].read().decode("utf-8", "replace") if head in pack.files else ""
    yield from (f"{head}: !`{command}`" for command in _INLINE.findall(text))


def _describe_servers(document: Mapping[str, object]) -> Iterator[str]:
    for key, value in document.items():
        if key == "mcpServers" and isinstance(value, dict) and value:
            yield from (f"{name}: {_say(server)}" for name, server in value.items())
        else:
            yield f"{key}: {_say(value)}"
    if not document:
        yield "nothing yet"


def _describe_hooks(events: object) -> Iterator[str]:
    """Each hook with its event, its matcher and its command; whole where it has another form."""
    for event, groups in events.items() if isinstance(events, dict) and events else [("", events)]:
        for group in groups if isinstance(groups, list) and groups else [groups]:
            hooks = group.get("hooks") if isinstance(group, dict) else None
            matcher = group.get("matcher") if isinstance(group, dict) else None
            where = f"hooks {event}".strip() + (f" on {_say(matcher)}" if matcher else "")
            for hook in hooks if isinstance(hooks, list) and hooks else [group]:
                yield f"{where}: {_say(hook)}"


def _say(value: object) -> str:
    """A value in one line: a command as it is typed, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() <= {"type", "command"} and isinstance(value.get("command"), str):
        return str(value["command"])
    return json.dumps(value, ensure_ascii=False)


def read_object(file: PackFile) -> Mapping[str, object]:
    """The JSON object that a fragment is.

    Raises:
        ClaudepackError: It is none.
    """
    try:
        value = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise ClaudepackError(f"{file.path}: not JSON: {error}", code="pack", hint="mend that line") from error
    if not isinstance(value, dict):
        raise ClaudepackError(f"{file.path}: not a JSON object", code="pack", hint='write { "key": … }')
    return value
