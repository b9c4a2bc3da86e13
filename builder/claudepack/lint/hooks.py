"""The commands that the client runs by itself: hooks of settings, of plugins and in frontmatter."""

from collections.abc import Iterator
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.lint.subject import Text
from claudepack.project.json_text import Node

SETTINGS = ("settings.json", "settings.local.json")
PLUGIN_HOOKS = "hooks/hooks.json"
# Besides hooks, what of settings is a command, or holds one as `command`.
_HELPERS = (
    *("statusLine", "subagentStatusLine", "fileSuggestion", "apiKeyHelper", "proxyAuthHelper"),
    *("awsAuthRefresh", "awsCredentialExport", "gcpAuthRefresh", "otelHeadersHelper"),
)


class Command(NamedTuple):
    """A command: for which event, and where it stands."""

    event: str
    text: str
    line: int
    column: int = 0
    end: int = 0


def find_commands(text: Text) -> Iterator[Command]:
    """The commands in a file that the client runs by itself."""
    if text.path in (*SETTINGS, PLUGIN_HOOKS):
        if isinstance(text.json, ClaudepackError):
            return
        content, node = text.json
        hooks = node.members.get("hooks")
        for event, at in _find_hooks(hooks[1]) if hooks else ():
            yield _point(event, at, content)
        for key in _HELPERS:
            helper = node.members.get(key)
            if helper:
                at = helper[1].members.get("command", helper)[1]
                if isinstance(at.value, str):
                    yield _point(key, at, content)
    elif text.document and "hooks" in text.document.metadata:
        line = text.document.lines.get("hooks", 1)
        for event, command in _list_commands(text.document.metadata["hooks"]):
            yield Command(event, command, line)


def _find_hooks(events: Node) -> Iterator[tuple[str, Node]]:
    for event, (_, groups) in events.members.items():
        for group in groups.items:
            for hook in group.members["hooks"][1].items if "hooks" in group.members else ():
                command = hook.members.get("command", hook.members.get("url"))
                if command and isinstance(command[1].value, str):
                    yield event, command[1]


def _list_commands(events: object) -> Iterator[tuple[str, str]]:
    for event, groups in events.items() if isinstance(events, dict) else ():
        for group in groups if isinstance(groups, list) else ():
            hooks = group.get("hooks") if isinstance(group, dict) else None
            for hook in hooks if isinstance(hooks, list) else ():
                command = (hook.get("command") or hook.get("url")) if isinstance(hook, dict) else None
                if isinstance(command, str):
                    yield str(event), command


def _point(event: str, node: Node, content: str) -> Command:
    line, column = locate(content, node.start)
    return Command(event, str(node.value), line, column, column + node.end - node.start)


def locate(content: str, offset: int) -> tuple[int, int]:
    """The line and the column of a place in a text."""
    return content.count("\n", 0, offset) + 1, offset - content.rfind("\n", 0, offset)
