"""The client's own JSON files: which they are, and what in them its schemas do not allow."""

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from claudepack.errors import ClaudepackError
from claudepack.lint.client_schema import make_hooks_schema, make_servers_schema, make_settings_schema
from claudepack.lint.fault import Fault
from claudepack.lint.hooks import PLUGIN_HOOKS, SETTINGS, locate
from claudepack.lint.subject import Text
from claudepack.paths import nearest
from claudepack.project.json_text import Node

if TYPE_CHECKING:
    from jsonschema import ValidationError

SERVERS = "mcp.json"
_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
}


def is_read(text: Text) -> bool:
    """Whether a file is one of the JSON files that the client reads."""
    return text.path in (*SETTINGS, SERVERS) or (text.path == PLUGIN_HOOKS and text.file.layout == "plugin")


def find_hooks(text: Text) -> Iterator[Node]:
    """The value of `hooks`, where there is one."""
    if is_read(text) and text.path != SERVERS and not isinstance(text.json, ClaudepackError):
        hooks = text.json[1].members.get("hooks")
        if hooks:
            yield hooks[1]


def is_about_hooks(error: "ValidationError") -> bool:
    """Whether what is not allowed stands within `hooks`."""
    return list(error.absolute_path)[:1] == ["hooks"]


@cache
def _make_schema(path: str) -> dict[str, object]:
    if path == SERVERS:
        return make_servers_schema()
    return {"properties": {"hooks": make_hooks_schema()}} if path == PLUGIN_HOOKS else make_settings_schema()


def validate(text: Text) -> "Iterator[tuple[ValidationError, Node]]":
    """What the schema does not allow, each with the value that it is about."""
    if not is_read(text) or isinstance(text.json, ClaudepackError) or not isinstance(text.json[1].value, dict):
        return
    from jsonschema import Draft202012Validator

    root = text.json[1]
    if text.path == SERVERS and text.file.layout == "plugin" and "mcpServers" not in root.members:
        return  # a plugin may have its servers at the top
    for error in Draft202012Validator(_make_schema(text.path)).iter_errors(root.value):
        node = root
        for step in error.absolute_path:
            node = node.items[step] if isinstance(step, int) else node.members[step][1]
        yield error, node


def say(error: "ValidationError") -> str:
    """What is not allowed, in words; never the value of what may be large."""
    allowed = error.validator_value
    path = ".".join(map(_name, error.absolute_path)) or "the file"
    words = [allowed] if isinstance(allowed, str) else list(map(str, allowed)) if isinstance(allowed, list) else []
    if error.validator == "type":
        return f"{path} must be {' or '.join(_KINDS.get(word, word) for word in words)}"
    if error.validator == "required" and isinstance(error.instance, dict):
        return f"{path} has no {' and no '.join(word for word in words if word not in error.instance)}"
    if error.validator in ("enum", "const"):
        return f"{path} cannot be {json.dumps(error.instance, ensure_ascii=False)[:60]}"
    return f"{path} is empty" if error.validator == "minLength" else f"{path} is wrong"


def _name(step: str | int) -> str:
    """A key as it can be shown: its author may have made it to steer a terminal."""
    text = str(step)
    return text[:80] if text.isprintable() else repr(text)[:80]


def advise(error: "ValidationError") -> str:
    """What to do about it."""
    allowed = error.validator_value
    if error.validator == "enum" and isinstance(error.instance, str) and isinstance(allowed, list):
        return nearest(error.instance, map(str, allowed))
    if error.validator == "const":
        return f"write {json.dumps(allowed)}"
    return "add it" if error.validator == "required" else "mend the value"


def point_at(text: Text, node: Node, message: str, hint: str) -> Fault:
    """A fault at a value."""
    length = node.end - node.start
    return point(text, node.start, length, message, hint)


def point(text: Text, start: int, length: int, message: str, hint: str) -> Fault:
    """A fault at a place in the text of a JSON file."""
    content = "" if isinstance(text.json, ClaudepackError) else text.json[0]
    line, column = locate(content, start)
    one_line = "\n" not in content[start : start + length]
    return Fault(message, hint, line, column, column + length if one_line else 0)
