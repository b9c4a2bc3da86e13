"""The components of a pack, found by where their files lie, as the client finds them."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.tree import Pack

if TYPE_CHECKING:
    from claudepack.pack.frontmatter import Document
    from claudepack.pack.yaml_core import JSON

Kind = Literal[
    "agent",
    "prompt folder",
    "skill",
    "command",
    "rule",
    "output style",
    "hook",
    "settings",
    "MCP servers",
    "context",
]

_MARKDOWN_KINDS: Mapping[str, Kind] = {
    "agents": "agent",
    "commands": "command",
    "rules": "rule",
    "output-styles": "output style",
}
_NEEDS_FRONTMATTER = ("agent", "skill")
_WHOLE: Mapping[str, Kind] = {
    "settings.json": "settings",
    "mcp.json": "MCP servers",
    "CLAUDE.md": "context",
    "CLAUDE.md.j2": "context",
}
_BYTES_PER_TOKEN = 3.5


class Component(NamedTuple):
    """One thing that Claude Code reads.

    Attributes:
        kind: What it is.
        name: What the client knows it by.
        path: Its file, or its folder with a `/` at the end, relative to the pack.
        files: All its files.
        size: In bytes, all files together.
        document: Its frontmatter and body, for the kinds that have one and where it has one.
    """

    kind: Kind
    name: str
    path: str
    files: tuple[str, ...]
    size: int
    document: "Document | None" = None

    @property
    def tokens(self) -> int:
        """About how many tokens the whole text costs once it is read."""
        return estimate_tokens(self.size)

    @property
    def head(self) -> str:
        """The file that holds its frontmatter; nothing where its kind has none."""
        return _find_head(self.kind, self.path)

    @property
    def metadata(self) -> "Mapping[str, JSON]":
        """The frontmatter as read; empty where there is none."""
        return self.document.metadata if self.document else {}


def estimate_tokens(size: int) -> int:
    """About how many tokens so many bytes of prose are: the client's own count of English Markdown."""
    return round(size / _BYTES_PER_TOKEN)


def estimate_session_tokens(component: Component) -> int:
    """About how many tokens a component costs in every session, used or not.

    Of agents, skills and commands the client lists name and description; contexts and rules without `paths` are
    loaded whole; the rest is read when it is used.
    """
    if component.kind in ("agent", "skill", "command"):
        said = f"{component.name}{component.metadata.get('description', '')}"
        return estimate_tokens(len(said.encode(errors="replace")))
    whole = component.kind == "context" or (component.kind == "rule" and "paths" not in component.metadata)
    return component.tokens if whole else 0


@lru_cache(maxsize=1 << 12)  # of two versions of a pack, each file is asked for some five times
def place(path: str) -> tuple[Kind, str] | None:
    """The kind of the component that a file belongs to, and the component's path; None if to none.

    A file that belongs to none would be copied and never read: `check` refuses it.
    """
    if path in _WHOLE:
        return _WHOLE[path], path
    top, *rest = path.split("/")
    if top in _MARKDOWN_KINDS:
        flat = top != "output-styles" or len(rest) == 1
        return (_MARKDOWN_KINDS[top], path) if path.endswith(".md") and flat else None
    if top == "prompts":
        return "prompt folder", f"prompts/{rest[0]}/" if len(rest) > 1 else path
    if top == "skills":
        return ("skill", f"skills/{rest[0]}/") if len(rest) > 1 else None
    return ("hook", path) if top == "hooks" else None


def name_call(path: str) -> str:
    """What people type behind a `/` for the command or the skill that a file is the head of; nothing for any other.

    The client has one list of both: of two that are called alike it loads one.
    """
    top, _, below = path.partition("/")
    if top == "commands" and below.endswith(".md"):
        return below.removesuffix(".md").replace("/", ":")
    name, _, file = below.partition("/")
    return name if top == "skills" and file == "SKILL.md" else ""


def read_heads(
    pack: Pack, known: "Mapping[str, Document]" = MappingProxyType({})
) -> "dict[str, Document | ClaudepackError]":
    """By its path, the frontmatter of each file that the client reads one in, or why it cannot be read.

    Args:
        pack: The pack.
        known: What somebody has read before, by the hashes of the files.
    """
    from claudepack.pack.frontmatter import read_document  # YAML costs as much as the rest of a start

    heads: dict[str, Document | ClaudepackError] = {}
    for path, file in pack.files.items():
        spot = place(path)
        if spot and _find_head(*spot) == path:
            try:
                heads[path] = known.get(file.sha256) or read_document(file.read(), path)
            except ClaudepackError as error:
                heads[path] = error
    return heads


def find_components(pack: Pack, heads: "Mapping[str, Document | ClaudepackError] | None" = None) -> list[Component]:
    """The components of a pack, in the order of their paths.

    Args:
        pack: The pack.
        heads: What `read_heads` has read of it, where somebody has done so.

    Raises:
        ClaudepackError: Frontmatter that has to be there is not, or cannot be read.
    """
    heads = read_heads(pack) if heads is None else heads
    groups: dict[tuple[Kind, str], list[str]] = {}
    for path in pack.files:
        if (spot := place(path)) is not None:
            groups.setdefault(spot, []).append(path)
    found = []
    for (kind, path), files in groups.items():
        head = heads.get(_find_head(kind, path))
        if isinstance(head, ClaudepackError) and _is_fault(kind, head):
            raise head
        document = None if isinstance(head, ClaudepackError) else head
        found.append(_make_component(pack, kind, path, tuple(files), document))
    return found


def find_readable(pack: Pack) -> tuple[list[Component], dict[str, ClaudepackError]]:
    """The components of a pack, also those whose frontmatter cannot be read; and by its file, why that is."""
    heads = read_heads(pack)
    faults = {
        path: head
        for path, head in heads.items()
        if isinstance(head, ClaudepackError) and (spot := place(path)) and _is_fault(spot[0], head)
    }
    return find_components(pack, {path: head for path, head in heads.items() if path not in faults}), faults


def _is_fault(kind: Kind, error: ClaudepackError) -> bool:
    # A command or a rule is whole without frontmatter, and may well begin with a `---` rule.
    return kind in _NEEDS_FRONTMATTER or error.code != "no-frontmatter"


def _make_component(
    pack: Pack, kind: Kind, path: str, files: tuple[str, ...], document: "Document | None"
) -> Component:
    size = sum(pack.files[name].size for name in files)
    return Component(kind, _name(pack, kind, path, document), path, files, size, document)


def _find_head(kind: Kind, path: str) -> str:
    """The file of a component that holds its frontmatter; nothing where its kind has none."""
    if kind == "skill":
        return f"{path}SKILL.md"
    return path if kind in _MARKDOWN_KINDS.values() else ""


def _name(pack: Pack, kind: Kind, path: str, document: "Document | None") -> str:
    if kind == "agent":
        return str(document.metadata.get("name", "")) if document else ""
    if kind in ("context", "settings", "MCP servers"):
        return pack.name
    below = path.rstrip("/").partition("/")[2]
    name = below if path.endswith("/") else below.removesuffix(".md")
    return name.replace("/", ":") if kind == "command" else name
