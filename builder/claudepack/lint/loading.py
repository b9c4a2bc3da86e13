"""What the client makes of frontmatter, observed on 2.1.328: it reads less than the author meant, and otherwise.

It takes the text up to the first `---` wherever that stands, reads it as YAML 1.2, on failure puts quotes around
single-line values that hold special characters and are no lists, reads that, and otherwise has no fields. The tests
hold this against the real client.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from claudepack.pack.frontmatter import MAX_BLOCK
from claudepack.pack.yaml_core import JSON, CoreLoader, construct_int

_OPEN = re.compile(r"---[^\S\n]*\n")
_VALUE = re.compile(r"([A-Za-z_-]+):\s+([^\n\r\u2028\u2029]+)\Z")
_SPECIAL = re.compile(r"[{}\[\]*&#!|>%@`]|: ")
# What the client's reader takes and PyYAML's does not: controls, a comma or an odd anchor first, a tab that indents.
_CONTROL = re.compile("[\1-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_FIRST = re.compile(r"^([ \t]*[^\s:#\"'][^:#\n]*:[ \t]+)(?:(?=,)|&(?![\w-]+(?:\s|$))[^ \t\r\n,\[\]{}]+)", re.MULTILINE)
_TAB = re.compile(r"(?<![|>]\n)^\t", re.MULTILINE)
# What PyYAML takes and the client does not: a line at the margin that continues what is in quotes or brackets.
_CONTINUED = re.compile(
    r"^(?![ \t\r#\]}]|-(?:\s|$)|\?[ \t]|\.\.\.|[^\s\"'#][^:\n]*:(?:\s|$)|[\"'][^\n]*[\"'][ \t]*:|$)", re.MULTILINE
)
_READ_OTHERWISE = re.compile(r"<<|\.(?i:inf|nan)|[\u0085\u2028\u2029]")
_NOT_FINITE = re.compile(r"\.(?=[iInN])")
_NO_NUMBER = re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_MOST = 1000  # values of a field
_MOST_MERGED = 60  # merges and aliases, multiplied: what unfolds to more is no frontmatter

HANDLERS: Mapping[str, tuple[str, ...]] = {
    "command": ("command",),
    "prompt": ("prompt",),
    "agent": ("prompt",),
    "http": ("url",),
    "mcp_tool": ("server", "tool"),
}


class _Loader(CoreLoader):
    """The client's reader: of a key that is there twice the last value counts, and a tag means nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, object]:  # type: ignore[override]  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        self.flatten_mapping(node)
        return {
            str(key.value if isinstance(key, yaml.ScalarNode) else self.construct_object(key, deep=True)): (
                self.construct_object(value, deep=True)
            )
            for key, value in node.value
        }

    def construct_tagged(self, _suffix: str, node: yaml.Node) -> object:
        """Build what has a tag of its own as if it had none."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_mapping(node)
        return self.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


def _construct_int(_loader: object, node: yaml.ScalarNode) -> float:
    """A number as the client has it: one that has more digits than Python reads is infinite to it."""
    try:
        return construct_int(node)
    except ValueError:
        return float(node.value)


_Loader.add_multi_constructor("", _Loader.construct_tagged)
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: float(_NOT_FINITE.sub("", node.value)))
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NO_NUMBER, [*"-+."])


def find_block(content: str) -> str | None:
    """The text that the client takes for the frontmatter; None where it sees none."""
    opening = _OPEN.match(content)
    end = content.find("---", opening.end()) if opening else -1
    return content[opening.end() : end] if opening and end >= 0 else None


def read_as_client(block: str) -> Mapping[str, JSON] | None:
    """The fields as the client reads them; None where it reads none of them.

    Args:
        block: The text between the fences.
    """
    if not block.strip():
        return {}
    value = _load(block)
    if value is None:
        quoted = "\n".join(map(_quote, block.split("\n")))
        value = _load(quoted) if quoted != block else None
    if not isinstance(value, dict):
        return None
    return {key: item if _count(item) <= _MOST else None for key, item in value.items()}


def _count(value: JSON, seen: int = 0) -> int:
    """How many values there are in one, as far as that is still of interest: aliases may unfold to billions."""
    seen += 1
    for item in [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        if seen > _MOST:
            break
        seen = _count(item, seen)
    return seen


def is_read_alike(block: str) -> bool:
    """Whether what is strict YAML to `read_document` says the same to the client."""
    return not _READ_OTHERWISE.search(block) and not _CONTINUED.search(block)


def is_quoted_by_client(block: str) -> bool:
    """Whether the client reads a block only once it has put quotes around values."""
    return _load(block) is None and bool(read_as_client(block))


@lru_cache(maxsize=64)  # several rules ask about one file
def _load(block: str) -> JSON:
    """Like `load_yaml`, for one who only wants to know what it says: aliases stay one object each."""
    is_merged = block.count("<<") * block.count("*") > _MOST_MERGED
    if is_merged or "\0" in block or len(block) > MAX_BLOCK:
        return None
    plain = _TAB.sub(" ", _FIRST.sub(_mend_first, _CONTROL.sub("x", block)))
    try:
        value: JSON = yaml.load(plain, Loader=_Loader)  # noqa: S506 - it builds JSON values only
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    is_block = isinstance(value, dict) and not plain.lstrip().startswith("{")
    return None if is_block and _CONTINUED.search(plain) else value


def _mend_first(match: re.Match[str]) -> str:
    return f"{match[1]}&a" if match[0] != match[1] else f"{match[1]}x"


def _quote(line: str) -> str:
    match = _VALUE.match(line)
    value = match[2] if match else ""
    if not match or not _SPECIAL.search(value) or (value[0] == value[-1] and value[0] in "\"'"):
        return line
    if value[0] == "[" and value[-1] == "]" and isinstance(_load(value), list):
        return line
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{match[1]}: "{escaped}"'


def is_listed(metadata: Mapping[str, JSON] | None) -> bool:
    """Whether the client lists an agent with these fields."""
    if metadata is None:
        return False
    name, description = metadata.get("name"), metadata.get("description")
    texts = isinstance(name, str) and isinstance(description, str) and name != "" and description != ""
    return texts and not is_refused_name(str(name)) and not find_hook_fault(metadata.get("hooks"))


def is_refused_name(name: str) -> bool:
    """Whether the client skips an agent for its name."""
    return ":" in name or name.startswith("-")


def find_hook_fault(hooks: JSON) -> str:
    """What about hooks makes the client skip the whole agent; empty where nothing does.

    It is strict about the events that can forbid something, and drops what it does not understand of the others.
    """
    if hooks is None or hooks is False or hooks in ("", 0):
        return ""
    if not isinstance(hooks, dict):
        return "hooks is no map of events"
    for event in ("PreToolUse", "PermissionRequest"):
        groups = hooks.get(event)
        if groups is not None and not isinstance(groups, list):
            return f"hooks.{event} is no list"
        for group in groups or []:
            if fault := _find_group_fault(group):
                return f"hooks.{event}: {fault}"
    return ""


def _find_group_fault(group: JSON) -> str:
    if not isinstance(group, dict) or not isinstance(group.get("hooks"), list):
        return "an entry has no list `hooks`"
    if not isinstance(group.get("matcher", ""), str):
        return "a matcher is no text"
    return next((fault for handler in group["hooks"] or [] if (fault := _find_handler_fault(handler))), "")  # type: ignore[union-attr]


def _find_handler_fault(handler: JSON) -> str:
    if not isinstance(handler, dict) or handler.get("type") not in HANDLERS:
        return f"a handler has no type of {', '.join(HANDLERS)}"
    for key in HANDLERS[str(handler["type"])]:
        if not isinstance(handler.get(key), str):
            return f"a handler has no text `{key}`"
        if key == "url" and "://" not in str(handler[key]):
            return "a handler's `url` is none"
    timeout = handler.get("timeout", 1)
    return "" if isinstance(timeout, int | float) and timeout is not True else "a timeout is no number"
