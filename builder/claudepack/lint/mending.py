"""Mending a file by the edits of its findings: what it says stays, or the edit is dropped."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from claudepack.errors import ClaudepackError
from claudepack.lint.engine import check_file
from claudepack.lint.registry import load_rules
from claudepack.lint.selection import Selection
from claudepack.lint.subject import File, Subject, Text
from claudepack.pack.frontmatter import read_body, read_document
from claudepack.pack.yaml_core import JSON
from claudepack.report.finding import Edit, Finding

_ROUNDS = 8  # what overlaps is done in a later round; rules whose edits undo each other end here
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Mended:
    """A file before and after."""

    file: File
    old: bytes
    new: bytes


def mend_subject(subject: Subject, findings: Iterable[Finding], selection: Selection) -> list[Mended]:
    """What becomes of the files of a subject in which something can be mended, in the order of their paths.

    Args:
        subject: What was checked.
        findings: What was found in it.
        selection: Which rules count.
    """
    codes = tuple(code for code in load_rules() if selection.takes(code))
    wanted = {finding.path for finding in findings if finding.edits}
    files = sorted((file for file in subject.files.values() if file.shown in wanted), key=lambda file: file.shown)
    mended = (mend_file(file, codes, selection) for file in files if file.is_plain)
    return [item for item in mended if item.new != item.old]


def mend_file(file: File, codes: Sequence[str], selection: Selection) -> Mended:
    """Mend a file as far as that goes.

    Args:
        file: The file.
        codes: The codes of the rules that count.
        selection: What is exempt.
    """
    old = data = Text(file).data
    for _ in range(_ROUNDS):
        fresh = file._replace(size=len(data), open=partial(io.BytesIO, data), head=None)
        findings = [item for item in check_file(fresh, codes).findings if item.edits]
        edits = [item.edits for item in findings if not selection.exempts(item.path, item.code)]
        if not (new := _mend_once(fresh, data, edits)):
            break
        data = new
    return Mended(file, old, data)


def _mend_once(file: File, data: bytes, wanted: Sequence[tuple[Edit, ...]]) -> bytes | None:
    """All edits that do not overlap; where they change what the file says, the first alone that does not."""
    chosen = _choose_apart(wanted)
    for edits in (chosen, *([group] for group in chosen)):
        new = splice(data, [edit for group in edits for edit in group])
        if new != data and says_the_same(file, data, new):
            return new
    return None


def _choose_apart(wanted: Sequence[tuple[Edit, ...]]) -> list[tuple[Edit, ...]]:
    """Those that touch none of those before; the edits of one finding are done together or not."""
    chosen: list[tuple[Edit, ...]] = []
    taken: list[Edit] = []
    for edits in sorted(wanted, key=lambda group: (group[0].start, group[0].end)):
        if not any(_overlap(edit, other) for edit in edits for other in taken):
            chosen.append(edits)
            taken += edits
    return chosen


def _overlap(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Some bytes with edits applied that do not overlap."""
    for edit in sorted(edits, key=lambda item: item.start, reverse=True):
        data = data[: edit.start] + edit.new + data[edit.end :]
    return data


def says_the_same(file: File, old: bytes, new: bytes) -> bool:
    """Whether two versions of a file have the same fields and the same body, or are the same JSON."""
    read = _read_json if file.path.endswith(".json") else _read_fields
    before = read(old)
    return before is not None and before == read(new)


def _read_fields(data: bytes) -> tuple[Mapping[str, JSON], str] | None:
    """As its author meant it: also behind a blank line, or behind more dashes than there should be."""
    bare = data.removeprefix(_BOM).lstrip(b"\r\n\t ")
    fence, end, rest = bare.partition(b"\n")
    if not fence.startswith(b"---"):
        return None
    try:
        plain = b"---" + end + rest
        document = read_document(plain, "it")
    except ClaudepackError:
        return None
    return document.metadata, read_body(plain, document)


def _read_json(data: bytes) -> object:
    try:
        return [json.loads(data.removeprefix(_BOM))]
    except (ValueError, RecursionError):
        return None
