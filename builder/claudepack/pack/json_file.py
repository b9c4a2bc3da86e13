"""JSON files of plugins and packs, of which an object is expected."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from claudepack.errors import ClaudepackError
from claudepack.hashing import read_plain


def read_json_object(path: Path, where: str) -> Mapping[str, object]:
    """Read a file that holds one JSON object.

    Raises:
        ClaudepackError: It does not, or cannot be read.
    """
    try:
        return parse_json_object(read_plain(str(path), where), where)
    except OSError as error:
        raise ClaudepackError(f"{where}: {error.strerror}", code="json", hint="check the path") from error


def parse_json_object(data: bytes, where: str) -> Mapping[str, object]:
    """The JSON object that the bytes of a file are.

    Raises:
        ClaudepackError: They are something else.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ClaudepackError(f"{where}: not JSON: {error}", code="json", hint="mend that line") from error
    if not isinstance(value, dict):
        raise ClaudepackError(f"{where}: not a JSON object", code="json", hint="write { … }")
    return value


def dump_json_object(value: Mapping[str, object]) -> bytes:
    """A JSON file as people have it."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def list_texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, however deep; not the names of its members."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from list_texts(item)
