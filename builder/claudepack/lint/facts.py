"""The facts about a file that rules about the whole need: its name, whether it loads, what it refers to and costs."""

import re
from itertools import islice

from claudepack.lint.imports import find_imports
from claudepack.lint.loading import is_listed
from claudepack.lint.subject import Facts, Text
from claudepack.pack.components import estimate_tokens
from claudepack.pack.references import TEXTS, scan_references

_NAME = re.compile(r"name:[ \t]+[\"']?(.*?)[\"']?[ \t]*")
_MOST = 5000  # references of a file: no text that anybody wrote has more, and each is looked for on the disk


def find_facts(text: Text) -> Facts:
    """The facts about a file."""
    name, line = find_name(text)
    says = text.path.endswith(TEXTS) and "@" in text.content
    references = tuple(islice(scan_references(text.prose), _MOST)) if says and ".claude/" in text.content else ()
    imports = tuple(islice(find_imports(text), _MOST)) if says and text.kind == "context" else ()
    tokens = _count_session_tokens(text, name)
    return Facts(text.path, text.kind, name, line, loads(text), tokens, references, imports)


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
    """Whether the client would load a component, as far as its own file decides."""
    if text.is_skipped or text.failure:
        return False
    if text.kind == "agent":
        return is_listed(text.client_fields)
    return text.kind is not None and text.fault is None


def _count_session_tokens(text: Text, name: str) -> int:
    """As `estimate_session_tokens` of a component; nothing of what the client skips."""
    if text.is_skipped or text.failure:
        return 0
    metadata = text.document.metadata if text.document else {}
    if text.has_head and text.kind in ("agent", "skill", "command"):
        return estimate_tokens(len(f"{name}{metadata.get('description', '')}".encode(errors="replace")))
    whole = text.kind == "context" or (text.kind == "rule" and "paths" not in metadata)
    return estimate_tokens(text.file.size) if whole else 0
