"""Other values for single fields of frontmatter, spliced into the text: all other bytes stay as the pack has them."""

import json
import re
from collections.abc import Mapping, Sequence

from claudepack.errors import ClaudepackError
from claudepack.pack.frontmatter import Document, read_body, read_document
from claudepack.pack.yaml_core import JSON

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def override_fields(data: bytes, fields: Mapping[str, JSON], where: str) -> bytes:
    """Give fields of a file's frontmatter other values; a field that is not there is added at its end.

    Args:
        data: The file.
        fields: The values, by field.
        where: Its path, for messages.

    Raises:
        ClaudepackError: It has no frontmatter, or one that cannot be changed field by field.
    """
    document = read_document(data, where)
    rows = data.split(b"\n")
    newline = b"\r\n" if rows[0].endswith(b"\r") else b"\n"
    close = document.body_line - 2
    # From the last to the first, so that no line moves before it is looked at; new ones keep their order.
    backwards = list(fields.items())[::-1]
    for key, value in sorted(backwards, key=lambda item: -document.lines.get(item[0], close + 1)):
        begin = document.lines[key] - 1 if key in document.lines else close
        end = _find_end(document, rows, begin, close) if key in document.lines else close
        rows[begin:end] = [f"{key}: {_write(value)}".encode() + newline[:-1]]
    result = b"\n".join(rows)
    after = read_document(result, where)
    is_same_text = read_body(result, after) == read_body(data, document)
    if after.metadata != {**document.metadata, **fields} or not is_same_text:
        raise ClaudepackError(
            f"{where}: its frontmatter cannot be changed field by field",
            code="override",
            hint="edit the installed file instead: an edit is kept, and merged with every new version",
        )
    return result


def _find_end(document: Document, rows: Sequence[bytes], begin: int, close: int) -> int:
    """The line after a field: its blank lines and comments before the next field are that one's."""
    end = min([line - 1 for line in document.lines.values() if line - 1 > begin] + [close])
    while end - 1 > begin and (not rows[end - 1].strip() or rows[end - 1].startswith(b"#")):
        end -= 1
    return end


def _write(value: JSON) -> str:
    """A value as YAML that every reader reads alike: JSON is, and a plain word needs no quotes."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
