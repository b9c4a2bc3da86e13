"""What is checked, without a disk: files are texts in hand."""

import errno
import io
import os
import re
import stat
from collections.abc import Mapping
from functools import partial

from claudepack.lint.engine import check_subject
from claudepack.lint.selection import Selection
from claudepack.lint.subject import File, Layout, Subject

# As `ls -l` has it, before a path: `-rwxr-xr-x hooks/run.sh`, `lrwxrwxrwx agents/a.md`.
_MODE = re.compile(r"(?P<kind>[-lpcd])(?P<bits>[-rwxsS]{9}) (?P<path>.+)")
_KINDS = {"-": stat.S_IFREG, "l": stat.S_IFLNK, "p": stat.S_IFIFO, "c": stat.S_IFCHR, "d": stat.S_IFDIR}


def make_subject(files: Mapping[str, str | bytes], layout: Layout | None = None, mode: int = 0o100644) -> Subject:
    """A subject of these files, by their paths in the layout of `.claude`; a pack where one of them says so."""
    layout = layout or _find_layout(files)
    made = {}
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        match = _MODE.fullmatch(name)
        path, own = (match["path"], _read_mode(match["kind"], match["bits"])) if match else (name, mode)
        opener = partial(io.BytesIO, data) if own & stat.S_IRUSR else partial(_refuse, path)
        made[path] = File(path, path, own, len(data), opener, layout)
    return Subject(".", layout, made)


def _refuse(path: str) -> io.BytesIO:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def _find_layout(files: Mapping[str, str | bytes]) -> Layout:
    if "pyproject.toml" in files or "pack.toml" in files:
        return "pack"
    return "plugin" if ".claude-plugin/plugin.json" in files else "project"


def _read_mode(kind: str, bits: str) -> int:
    mode = _KINDS[kind]
    for place, letter in enumerate(bits):
        mode |= (letter not in "-S") << (8 - place)
        mode |= (letter in "sS") * (stat.S_ISUID if place < 3 else stat.S_ISGID)
    return mode


def find_codes(files: Mapping[str, str | bytes], *groups: str, layout: Layout | None = None) -> list[str]:
    """What rules of some groups find, as `CODE path:line`."""
    findings = check_subject(make_subject(files, layout), Selection(groups))
    return [f"{item.code} {item.path}" + (f":{item.line}" if item.line else "") for item in findings]
