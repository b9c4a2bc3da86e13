"""Files that a pack has renamed: what leaves one path and comes at another is one thing, and takes edits along."""

from collections.abc import Callable, Collection, Mapping

from claudepack.errors import ClaudepackError
from claudepack.plan.outside import Outside
from claudepack.plan.wanted import Wanted


def find_renames(name: str, bases: Mapping[str, str], want: Wanted, outside: Outside) -> dict[str, str]:
    """The old path of each file of a pack that comes at a new one.

    An agent is known by its name, whatever its file is called; any other file by its bytes, where just one of its
    kind has them.

    Args:
        name: The pack.
        bases: By path, the hash of what it delivered.
        want: The pack as the project is to have it.
        outside: The disk, and the bases.
    """
    leaving = [path for path in bases if path not in want.files]
    coming = [path for path in want.files if path not in bases]
    if not leaving or not coming:
        return {}
    free = [path for path in coming if outside.look(path, ()) is None]
    there = [path for path in leaving if (disk := outside.look(path, ())) is not None and disk.is_file]

    def read_old(path: str) -> str:
        text = outside.base_of(name, path, bases[path]) or outside.read(path) or b""
        return _read_name(text, path)

    def read_new(path: str) -> str:
        file = want.files[path]
        return _read_name(file.read(), path) if file.open else ""

    by_name = _pair(free, there, read_new, read_old)
    rest = [path for path in free if path not in by_name]
    others = sorted({*there} - {*by_name.values()})
    by_bytes = _pair(
        rest,
        others,
        lambda path: _top(path) + want.files[path].sha256,
        lambda path: _top(path) + bases[path],
    )
    return by_name | by_bytes


def _pair(
    new: Collection[str], old: Collection[str], key_of_new: Callable[[str], str], key_of_old: Callable[[str], str]
) -> dict[str, str]:
    """New and old paths with one key, where just one of either has it."""
    news, olds = _group(new, key_of_new), _group(old, key_of_old)
    return {
        paths[0]: olds[key][0] for key, paths in news.items() if key and len(paths) == 1 and len(olds.get(key, ())) == 1
    }


def _group(paths: Collection[str], key_of: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(key_of(path), []).append(path)
    return groups


def _top(path: str) -> str:
    """The folder that says what kind of component a file is of."""
    parts = path.split("/")
    return parts[1] if parts[0] == ".claude" else parts[0]


def _read_name(data: bytes, path: str) -> str:
    """The name of an agent; empty for what is none."""
    if not path.endswith(".md") or _top(path) != "agents":
        return ""
    from claudepack.pack.frontmatter import read_document

    try:
        value = read_document(data, path).metadata.get("name")
    except ClaudepackError:
        return ""  # what cannot be read is no agent, and is told apart by its bytes
    return value if isinstance(value, str) else ""
