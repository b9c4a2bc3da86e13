"""What is checked, without a disk: files are texts in hand."""

import io
from collections.abc import Mapping
from functools import partial

from claudepack.lint.subject import File, Layout, Subject


def make_subject(files: Mapping[str, str | bytes], layout: Layout = "project", mode: int = 0o100644) -> Subject:
    """A subject of these files, by their paths in the layout of `.claude`."""
    made = {}
    for path, content in files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        made[path] = File(path, path, mode, len(data), partial(io.BytesIO, data), layout)
    return Subject(".", layout, made)
