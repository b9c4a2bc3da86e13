"""A pack that has been read, as a subject: apart from what reads disks, which the gate does not need."""

from collections.abc import Callable, Mapping

from claudepack.errors import ClaudepackError
from claudepack.lint.subject import File, Subject, join
from claudepack.pack.frontmatter import Document
from claudepack.pack.tree import Pack, PackFile


def subject_of_pack(
    pack: Pack,
    shown: str = "",
    heads: Mapping[str, Document | ClaudepackError] | None = None,
    is_clean: Callable[[PackFile], bool] = lambda _file: False,
) -> Subject:
    """A pack that has been read, wherever it came from.

    Args:
        pack: The pack.
        shown: How people are told it.
        heads: What frontmatter has been read of it.
        is_clean: Whether no rule about a file's content could find anything.
    """
    files = {}
    for path, file in {**pack.files, **pack.meta}.items():
        mode = 0o100755 if file.executable else 0o100644
        head = heads.get(path) if heads else None
        files[path] = File(path, join(shown, path), mode, file.size, file.open, "pack", is_clean(file), head=head)
    return Subject(shown or pack.name, "pack", files, pack)
