"""NM: names by which the client finds a component, or does not."""

from collections.abc import Iterator, Mapping

from claudepack.lint.fault import Fault
from claudepack.lint.registry import tree_rule
from claudepack.lint.subject import Facts, Subject

# Of these the client loads one of a name; the others are read by their paths.
_NAMED = ("agent", "command", "skill", "output style")


@tree_rule("NM001", "duplicate-name", "error")
def find_duplicates(_subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """Two components of a kind have one name.

    Why:
        The client loads one of the two and does not say which; a file's name and its folder do not tell agents apart.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
        agents/web/reviewer.md:
            ---
            name: reviewer
            description: Reviews a page.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
        agents/web/reviewer.md:
            ---
            name: web-reviewer
            description: Reviews a page.
            ---
    """
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(facts):
        fact = facts[path]
        if not fact.name or fact.kind not in _NAMED:
            continue
        first = seen.setdefault((fact.kind, fact.name), path)
        if first != path:
            why = f"duplicate name: the {fact.kind} {fact.name!r} is in {first} too, and the client loads one of them"
            yield Fault(why, "rename one", fact.line, path=path)
