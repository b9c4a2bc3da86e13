"""The form of a value that every version of the client reads alike: a JSON string on one line."""

import json
from collections.abc import Callable

from claudepack.lint.loading import is_quoted_by_client, read_as_client
from claudepack.lint.subject import Text
from claudepack.report.finding import Edit


def quote_values(text: Text) -> tuple[Edit, ...]:
    """The edits that write every text of a lenient frontmatter so that it is strict YAML with the same meaning."""
    document = text.document
    if not document or document.strict or "\n" in str(document.metadata.get("name", "")):
        return ()  # a name of two lines has swallowed what was meant for a field
    return tuple(edit for key in document.metadata if (edit := _quote(text, key)))


def find_culprit(text: Text, is_fine: Callable[[str], bool]) -> str:
    """The first field that is not fine by itself; empty where all are, or none can be told apart.

    Args:
        text: The file.
        is_fine: Whether the lines of a field are.
    """
    keys = text.document.metadata if text.document else ()
    return next((key for key in keys if not is_fine("\n".join([*_find_rows(text, key)[1], ""]))), "")


def _find_rows(text: Text, key: str) -> tuple[int, list[str]]:
    """The lines of a field, and the number of the first."""
    if not (document := text.document):
        return 1, []
    first = document.lines[key]
    after = min((line for line in document.lines.values() if line > first), default=document.body_line - 1)
    rows = text.lines[first - 1 : after - 1]
    while rows and not rows[-1].strip():
        rows.pop()
    return first, rows


def _quote(text: Text, key: str) -> Edit | None:
    if not text.document or not isinstance(value := text.document.metadata[key], str):
        return None
    first, rows = _find_rows(text, key)
    name = rows[0].partition(":")[0]
    written = "\n".join([*rows, ""])
    if read_as_client(written) == {key: value} and not is_quoted_by_client(written):
        return None
    # The client would end the frontmatter at three dashes, whatever stands around them.
    new = json.dumps(value, ensure_ascii=False).replace("---", "--\\u002d")
    begin, end = text.offset(first), text.offset(first + len(rows) - 1, len(rows[-1]) + 1)
    return Edit(begin, end, f"{name}: {new}".encode("utf-8", "surrogateescape"))
