"""The facts about a file that rules about the whole need: its name, whether it loads, what it refers to and costs."""

import re
from collections.abc import Iterator

from claudepack.lint.subject import Facts, Text
from claudepack.pack.components import estimate_tokens
from claudepack.paths import COMPONENT_FOLDERS

_REFERENCE = re.compile(rf"@(?:\./)?\.claude/((?:{'|'.join(COMPONENT_FOLDERS)})/[\w./-]*)")
_NAME = re.compile(r"name:[ \t]+[\"']?(.*?)[\"']?[ \t]*")
_TEXTS = (".md", ".md.j2")


def find_facts(text: Text) -> Facts:
    """The facts about a file."""
    name, line = find_name(text)
    references = tuple(_find_references(text)) if text.path.endswith(_TEXTS) else ()
    return Facts(text.path, text.kind, name, line, loads(text), _count_session_tokens(text, name), references)


def find_name(text: Text) -> tuple[str, int]:
    """What the client knows a component by, and the line that says so; nothing in what is no component's head."""
    if text.kind == "agent" and text.document is None:
        return _guess_name(text)
    if text.kind == "agent" and text.document:
        value = text.document.metadata.get("name")
        return (value, text.document.lines.get("name", 1)) if isinstance(value, str) else ("", 0)
    below = text.path.partition("/")[2]
    if text.kind == "skill":
        return (below.partition("/")[0], 1) if text.has_head else ("", 0)
    if text.kind in ("command", "output style"):
        return below.removesuffix(".md").replace("/", ":"), 1
    return "", 0


def _guess_name(text: Text) -> tuple[str, int]:
    """The last `name:` of frontmatter that we cannot read: of a field that is there twice, the client takes that."""
    found = ("", 0)
    for number, line in enumerate(text.lines[1:], start=2):
        if line.startswith("---"):
            break
        if match := _NAME.fullmatch(line):
            found = (match[1], number)
    return found


def loads(text: Text) -> bool:
    """Whether the client would load an agent, as far as its own file decides: observed on 2.1.328."""
    if text.kind != "agent":
        return text.kind is not None and text.fault is None
    if text.document is None:
        return False
    metadata = text.document.metadata
    name, description = metadata.get("name"), metadata.get("description")
    named = isinstance(name, str) and bool(name.strip()) and ":" not in name and not name.startswith("-")
    described = isinstance(description, str) and bool(description.strip())
    return named and described and metadata.get("hooks", {}) != []


def _count_session_tokens(text: Text, name: str) -> int:
    """As `estimate_session_tokens` of a component."""
    metadata = text.document.metadata if text.document else {}
    if text.has_head and text.kind in ("agent", "skill", "command"):
        return estimate_tokens(len(f"{name}{metadata.get('description', '')}".encode(errors="replace")))
    whole = text.kind == "context" or (text.kind == "rule" and "paths" not in metadata)
    return estimate_tokens(len(text.data)) if whole else 0


def _find_references(text: Text) -> Iterator[tuple[int, int, str, str]]:
    """What stands in a code fence is an example."""
    if "@.claude/" not in text.content and "@./.claude/" not in text.content:
        return
    for number, line in text.prose:
        for match in _REFERENCE.finditer(line):
            yield number, match.start() + 1, match[0].rstrip("."), match[1].rstrip(".")
