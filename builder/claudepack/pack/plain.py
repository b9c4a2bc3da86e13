"""The frontmatter that most agents have: a text a line, plain or a JSON string, in which YAML finds nothing else.

PyYAML takes as long to import as a whole run that changes nothing, so it is asked only where it could say otherwise.
"""

import json
import re
from collections.abc import Sequence

# A plain text begins with a letter and has no `:` or `#`; of a string's escapes, those that JSON and YAML have alike.
_FIELD = re.compile(r'(name|description|tools|model|color): +(?:([A-Za-z][^:#]*)|("(?:[^"\\]|\\[nt"\\])*"))')
_NO_TEXTS = frozenset(["true", "false", "null"])  # of each, YAML knows three spellings


def read_plain_fields(rows: Sequence[str]) -> dict[str, str] | None:
    """The fields of a block, where each is a text on a line of its own; None where YAML has to be asked.

    Args:
        rows: The lines between the fences.
    """
    fields: dict[str, str] = {}
    for row in rows:
        match = _FIELD.fullmatch(row)
        if match is None or not row.isprintable() or match[1] in fields:
            return None
        key, plain, string = match.groups()
        if plain and (plain.endswith(" ") or plain.lower() in _NO_TEXTS):
            return None
        fields[key] = plain or json.loads(string)
    return fields or None
