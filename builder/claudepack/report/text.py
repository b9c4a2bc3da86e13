"""Text for people: the plan as a tree, a summary, colours where somebody watches."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from claudepack.paths import FEW, name_few
from claudepack.report.result import Change

if TYPE_CHECKING:
    from rich.text import Text

STYLES = {
    "create": "green",
    "restore": "green",
    "adopt": "green",
    "replace": "cyan",
    "merge": "cyan",
    "rename": "cyan",
    "keep": "blue",
    "edited": "blue",
    "delete": "yellow",
    "orphan": "yellow",
    "conflict": "bold red",
    "collision": "bold red",
    "pending": "bold red",
    "absent": "red",
    "foreign": "red",
    "error": "bold red",
    "warning": "yellow",
    "note": "blue",
    "mended": "green",
}
SCREEN = 18  # lines, of the 24 that a terminal has at least
MANY = 6
URGENT = ("conflict", "collision", "pending", "error")
_LEFT_OUT = "left out, "  # how a collection begins to tell of it
PAST = {
    "create": "created",
    "restore": "restored",
    "adopt": "taken over",
    "replace": "replaced",
    "merge": "merged with your edits",
    "rename": "renamed",
    "keep": "kept with your edits",
    "delete": "deleted",
    "orphan": "left to you",
    "conflict": "in conflict",
    "collision": "in the way",
}


def shorten_notice(notice: str) -> str:
    """A notice for people: of what was left out the first few are named, and the rest is counted."""
    return "; ".join(map(_shorten_list, notice.split("; "))) if _LEFT_OUT in notice else notice


def list_notes(notices: Sequence[str], *, in_full: bool) -> Iterator[str]:
    """Notices as lines for people: of many the first few, unless all are asked for."""
    shown = notices if in_full or len(notices) <= MANY else notices[: MANY - 1]
    yield from (f"note: {shorten_notice(notice)}" for notice in shown)
    if len(shown) < len(notices):
        yield f"note: and {len(notices) - len(shown)} more, which --json has in full"


def _shorten_list(part: str) -> str:
    why, colon, names = part.partition(": ")
    if not colon or not part.startswith(_LEFT_OUT):
        return part
    listed = names.split(", ")
    more = ", which --json names" if len(listed) > FEW else ""
    return f"{why}: {name_few(listed)}{more}"


def count_things(number: int, one: str, many: str = "") -> str:
    """So many of a thing, in words.

    Args:
        number: How many.
        one: What one is called.
        many: What more of them, or none, are called; with an `s` unless told.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def draw_tree(changes: Sequence[Change], *, in_full: bool = False) -> list[str]:
    """The changes as a tree of their paths, each with what happens to it.

    Of more than fits a screen, a folder to which one thing happens as a whole is one line, and so are many neighbours.

    Args:
        changes: What happens.
        in_full: Whether every file is wanted, however many there are.
    """
    root: dict[str, object] = {}
    for change in changes:
        *folders, name = change.path.split("/")
        node = root
        for folder in folders:
            child = node.setdefault(folder + "/", {})
            node = child if isinstance(child, dict) else node
        label = change.action + (f" ({change.detail})" if change.detail else "")
        node[name if name not in node else f"{name} ({change.pack})"] = label
    rows = list(_draw(root, ""))
    for many in (len(changes), MANY):  # neighbours are joined only where the folders alone are too many
        if len(rows) > SCREEN and not in_full:
            rows = list(_draw(_fold_all(root, many), ""))
    width = max((len(left) for left, _ in rows), default=0)
    return [f"{left:<{width}}  {right}".rstrip() for left, right in rows]


def _fold_all(root: dict[str, object], many: int) -> dict[str, object]:
    """The tree folded, but for the one folder at its top, such as `.claude`: of each folder there is told."""
    folded = _fold(root, many)
    tops = {name: child for name, child in root.items() if isinstance(child, dict)}
    for name, child in tops.items() if len(tops) == 1 else ():
        if name in folded and sum(isinstance(inner, dict) for inner in child.values()) > 1:
            folded[name] = _fold(child, many)
    return folded


def _fold(node: dict[str, object], many: int) -> dict[str, object]:
    """A folder in which a folder of one action is a line.

    Args:
        node: The folder.
        many: Of more neighbours of one action than so many a line is made, too, unless that is urgent.
    """
    sums = {name: _sum_up(child) for name, child in node.items()}
    alike: dict[str, list[str]] = {}
    for name, (action, _) in sums.items():
        alike.setdefault(action, []).append(name)
    joined = {action for action, names in alike.items() if len(names) > many and action not in ("", *URGENT)}
    folded: dict[str, object] = {}
    for name, child in node.items():
        action, count = sums[name]
        if action in joined:
            continue
        if not isinstance(child, dict) or not action:
            folded[name] = _fold(child, many) if isinstance(child, dict) else child
        elif count > 1:
            folded[name] = f"{action} {count} files"
        else:
            path, label = _find_leaf(name, child)
            folded[path] = label
    for action in sorted(joined):
        names = alike[action]
        folded[f"{names[0]} … {names[-1]}"] = f"{action} {sum(sums[name][1] for name in names)} files"
    return folded


def _find_leaf(name: str, node: object) -> tuple[str, object]:
    """The path of the one file that a folder holds, and what happens to it."""
    while isinstance(node, dict):
        [(inner, node)] = node.items()
        name += inner
    return name, node


def _sum_up(node: object) -> tuple[str, int]:
    """The one action of all files in a folder, or of a file; nothing where there are several; and how many they are."""
    if not isinstance(node, dict):
        return str(node).partition(" ")[0], 1
    sums = [_sum_up(child) for child in node.values()]
    actions = {action for action, _ in sums}
    return actions.pop() if len(actions) == 1 else "", sum(count for _, count in sums)


def _draw(node: dict[str, object], indent: str, *, top: bool = True) -> Iterable[tuple[str, str]]:
    items = list(node.items())
    for index, (name, child) in enumerate(items):
        last = index == len(items) - 1
        lead = "" if top else indent + ("└── " if last else "├── ")
        below = "" if top else indent + ("    " if last else "│   ")
        if isinstance(child, dict):
            shown, inner = _join_single(name, child)
            yield lead + shown, ""
            yield from _draw(inner, below, top=False)
        else:
            yield lead + name, str(child)


def _join_single(name: str, node: dict[str, object]) -> tuple[str, dict[str, object]]:
    """A folder with nothing in it but one folder is one line."""
    while len(node) == 1:
        [(inner, child)] = node.items()
        if not isinstance(child, dict):
            break
        name, node = name + inner, child
    return name, node


def count_actions(changes: Sequence[Change]) -> str:
    """What happened, as a phrase: `6 files created, 1 kept with your edits`."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.action] = counts.get(change.action, 0) + 1
    parts = [f"{count} {PAST.get(action, action)}" for action, count in counts.items()]
    return ", ".join(parts) if parts else "no file changed"


def name_source(source: Mapping[str, str]) -> str:
    """Where a pack is from, as the lock has it, in a few words."""
    kind = source.get("kind", "")
    named = source.get("path") or source.get("index") or source.get("url")
    return named or {"bundled": "claudepack itself", "environment": "a Python environment"}.get(kind, f"the {kind}")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines to standard output, coloured by their last word where a person watches."""
    shown = [escape_controls(line) for line in lines]
    if not _is_watched():
        sys.stdout.write("".join(line + "\n" for line in shown))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in shown:
        console.print(_colour(Text(line)))


def _colour(text: "Text") -> "Text":
    for word, style in STYLES.items():
        text.highlight_regex(rf"(?<=  ){word}\b", style)
    text.highlight_regex(r"^error:", "bold red")
    text.highlight_regex(r"^\+.*", "green")
    text.highlight_regex(r"^-.*", "red")
    text.highlight_regex(r"^@@.*", "cyan")
    text.highlight_regex(r"^note:", "yellow")
    text.highlight_regex(r"(?<=\|) +\^+$", "bold red")
    text.highlight_regex(r"^ += .*", "dim")
    return text


def _is_watched() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not os.environ.get("CI")


def escape_controls(line: str) -> str:
    """A line without control characters: what packs and files are called must not drive a terminal."""
    if line.isprintable():
        return line
    return "".join(char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in line)
