"""What is different between two versions of a pack, as far as those who use it will notice."""

from collections.abc import Sequence
from typing import NamedTuple

from claudepack.errors import ClaudepackError
from claudepack.pack.changelog import extract_changes
from claudepack.pack.components import Component, estimate_session_tokens, find_components, read_heads
from claudepack.pack.tree import CHANGELOG, Pack


class Difference(NamedTuple):
    """What a new version brings.

    Attributes:
        added: Components that come, as `agent NAME`.
        removed: Components that go.
        renamed: Components whose files go elsewhere, as (component, old path, new path).
        has_new_context: Whether the context for CLAUDE.md is another one.
        tokens: About how many more tokens each session costs, before anything is used.
        changelog: What the changelog says between the two.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str, str], ...]
    has_new_context: bool
    tokens: int
    changelog: str


def compare_packs(old: Pack, new: Pack, news: Sequence[Component]) -> Difference:
    """Compare two versions of a pack.

    Args:
        old: What is there.
        new: What comes.
        news: The components of that.

    Raises:
        ClaudepackError: The frontmatter of the old one cannot be read.
    """
    known = {new.files[item.head].sha256: item.document for item in news if item.document}
    olds = find_components(old, read_heads(old, known))
    before, after = _by_name(olds), _by_name(news)
    moved = [
        (label, before[label].path, after[label].path)
        for label in before
        if label in after and before[label].path != after[label].path and before[label].kind != "context"
    ]
    return Difference(
        tuple(label for label in after if label not in before),
        tuple(label for label in before if label not in after),
        tuple(moved),
        _hash_context(old) != _hash_context(new),
        sum(map(estimate_session_tokens, news)) - sum(map(estimate_session_tokens, olds)),
        extract_changes(read_changelog(new), old.version, new.version),
    )


def read_changelog(pack: Pack) -> str:
    """The text of a pack's changelog; empty where it has none, or one that is no text.

    Raises:
        ClaudepackError: It is not UTF-8.
    """
    file = pack.meta.get(CHANGELOG)
    try:
        return file.read().decode("utf-8-sig") if file else ""
    except UnicodeDecodeError as error:
        raise ClaudepackError(
            f"{pack.name} {pack.version}: {CHANGELOG}: not UTF-8", code="pack", hint="save it as UTF-8"
        ) from error


def _by_name(components: Sequence[Component]) -> dict[str, Component]:
    return {f"{item.kind} {item.name}": item for item in components if item.kind != "context"}


def _hash_context(pack: Pack) -> str:
    return pack.context.sha256 if pack.context else ""
