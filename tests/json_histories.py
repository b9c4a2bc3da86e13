"""The JSON files of a project with all that happens to them: what packs deliver, and how their user edits them."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

FRAGMENTS = {"settings.json": ".claude/settings.json", "mcp.json": ".mcp.json"}
PLACES = tuple(FRAGMENTS.values())
BOTH = "Bash(both)"  # what every pack forbids, and some users do
_INDENTS = st.sampled_from([2, 4, "\t", None])


def list_versions(name: str, path: str) -> list[bytes]:
    """What a pack may deliver to a file; the lines in it are revised like any other."""
    if path == "mcp.json":
        server = {"command": f"run-{name}", "args": ["line 0, revision 0"]}
        return [_dump({"mcpServers": {name: server}}), _dump({"mcpServers": {name: server, f"{name}-2": server}})]
    values = {f"{name}_A": "line 1, revision 0", f"{name}_B": "line 2, revision 0"}
    rules = {"deny": [f"Bash({name} line 3, revision 0)", BOTH], "ask": [f"Bash({name} line 4, revision 0)"]}
    return [
        _dump({"env": values, "permissions": rules}),
        _dump({"env": {f"{name}_B": "line 2, revision 0"}, "permissions": {"deny": rules["deny"]}}),
        _dump({"permissions": rules}),
    ]


def write_first(path: str, marker: bytes, names: tuple[str, ...], draw: st.DataObject) -> bytes:
    """What a user has in a file of their own, maybe under a name that a pack has, too."""
    name = draw.draw(st.sampled_from(["mine", *names]))
    if path == FRAGMENTS["mcp.json"]:
        value: Any = {"mcpServers": {name: {"command": marker.decode()}}}
    else:
        value = {
            "env": {f"{name}_A": marker.decode()},
            "permissions": {"deny": draw.draw(st.sampled_from([[], [BOTH]]))},
        }
    return _write(value, draw)


def edit(old: bytes, marker: bytes, draw: st.DataObject) -> bytes:
    """A user's edit of a file: something more, something else in the place of one, or something less."""
    document = json.loads(old)
    places = list(_list_places(document))
    kind = draw.draw(st.sampled_from(["more", "other", "less"])) if places else "more"
    if kind == "more":
        key = "mcpServers" if "mcpServers" in document else "env"
        value = {"command": marker.decode()} if key == "mcpServers" else marker.decode()
        document.setdefault(key, {})[marker.decode()] = value
    else:
        inner, key = draw.draw(st.sampled_from(places))
        if kind == "less":
            del inner[key]
        elif isinstance(inner[key], dict):
            inner[key] = {**inner[key], "command": marker.decode()}
        else:
            inner[key] = marker.decode()
    return _write(document, draw)


def list_foreign(data: bytes, own: set[bytes]) -> list[str]:
    """What in a file has nothing in it that its user wrote."""
    entries = [json.dumps(inner[key], sort_keys=True) for inner, key in _list_places(json.loads(data))]
    return [text for text in entries if not any(mine.decode() in text for mine in own)]


def is_json(data: bytes) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def _list_places(document: Any, *, is_servers: bool = False) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - as JSON is
    """Where each value stands that is taken whole: its object or list, and its key or number."""
    for key, value in list(document.items() if isinstance(document, dict) else enumerate(document)):
        if isinstance(value, dict | list) and not is_servers:
            yield from _list_places(value, is_servers=key == "mcpServers")
        else:
            yield document, key


def _write(value: Any, draw: st.DataObject) -> bytes:  # noqa: ANN401 - as JSON is
    text = json.dumps(value, indent=draw.draw(_INDENTS)) + draw.draw(st.sampled_from(["\n", ""]))
    return text.replace("\n", draw.draw(st.sampled_from(["\n", "\n", "\r\n"]))).encode()


def _dump(value: Any) -> bytes:  # noqa: ANN401 - as JSON is
    return (json.dumps(value, indent=2) + "\n").encode()
