"""What in a pack the client, or a shell, would execute: that needs the project's consent."""

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from claudepack.errors import ClaudepackError
from claudepack.pack.components import Component
from claudepack.pack.tree import Pack, PackFile

Consent = Literal["hooks", "mcp", "permissions", "executables"]
_HOOK_SETTINGS = (
    "hooks",
    "statusLine",
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "otelHeadersHelper",
)
_FRONTMATTER: Mapping[str, Consent] = {"hooks": "hooks", "mcpServers": "mcp", "permissionMode": "permissions"}


def find_needed(pack: Pack, components: Sequence[Component]) -> dict[Consent, list[str]]:
    """The kinds of consent that a pack needs, each with the places that need it.

    Raises:
        ClaudepackError: `settings.json` is no JSON object.
    """
    needed: dict[Consent, list[str]] = {}
    for component in components:
        for key, kind in _FRONTMATTER.items():
            if component.metadata.get(key) is not None:
                needed.setdefault(kind, []).append(f"{component.path}: {key}")
    for file in pack.files.values():
        if file.executable or file.is_script:
            needed.setdefault("executables", []).append(file.path)
    if "mcp.json" in pack.files:
        needed.setdefault("mcp", []).append("mcp.json")
    if "settings.json" in pack.files:
        for key in _read_object(pack.files["settings.json"]):
            kind = "hooks" if key in _HOOK_SETTINGS else "permissions"
            needed.setdefault(kind, []).append(f"settings.json: {key}")
    return needed


def _read_object(file: PackFile) -> Mapping[str, object]:
    try:
        value = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise ClaudepackError(f"{file.path}: not JSON: {error}", code="pack", hint="mend that line") from error
    if not isinstance(value, dict):
        raise ClaudepackError(f"{file.path}: not a JSON object", code="pack", hint='write { "key": … }')
    return value
