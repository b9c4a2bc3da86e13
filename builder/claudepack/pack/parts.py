"""A part of a pack: what a project wants of it, said by path, by the name of a component, or by a pattern."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from claudepack.pack.components import Component
from claudepack.pack.tree import Pack

_WILD = "*?["


def find_part(item: str, pack: Pack, components: Sequence[Component]) -> set[str]:
    """The files of a pack that one word means: empty where it means none.

    Args:
        item: A path, a folder, a pattern over paths, or the name of a component; `CLAUDE.md` for the context.
        pack: The pack.
        components: Its components.
    """
    word = _compose(item.rstrip("/"))
    if any(char in word for char in _WILD):
        matching = {path for path in pack.files if any(fnmatchcase(name, word) for name in _spell(path))}
        named = (component.files for component in components if fnmatchcase(_compose(component.name), word))
        return matching.union(*named)
    found = {path for path in pack.files if any(name == word or name.startswith(word + "/") for name in _spell(path))}
    if found:
        return found
    return {path for component in components if _compose(component.name) == word for path in component.files}


def take_part(pack: Pack, components: Sequence[Component], only: Iterable[str], exclude: Iterable[str]) -> Pack:
    """A pack with what a project wants of it.

    Args:
        pack: The whole pack.
        components: Its components.
        only: What is wanted; nothing for all of it.
        exclude: What of that is not.
    """
    wanted: Collection[str] = {path for item in only for path in find_part(item, pack, components)} or pack.files
    left_out = {path for item in exclude for path in find_part(item, pack, components)}
    kept = {path: file for path, file in pack.files.items() if path in wanted and path not in left_out}
    return pack if len(kept) == len(pack.files) else pack._replace(files=kept)


def leave_out(pack: Pack, paths: Iterable[str]) -> Pack:
    """A pack without what stands at some paths, or matches them; also what is broken, so that it has no name."""
    return take_part(pack, (), (), paths)


def _spell(path: str) -> tuple[str, ...]:
    path = _compose(path)
    return (path, path.removesuffix(".j2")) if path.endswith(".j2") else (path,)


def _compose(text: str) -> str:
    """One form of a name with accents: a keyboard and a disk may spell it in two, which look alike."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
