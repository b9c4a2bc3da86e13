"""CL: what the real client does not load, by its own word."""

from collections.abc import Iterator, Mapping

from claudepack.lint.fault import Fault
from claudepack.lint.loaded import Loaded
from claudepack.lint.registry import tree_rule
from claudepack.lint.subject import Facts, Subject

_MARKDOWN = (".md", ".markdown", ".mdx")


@tree_rule("CL001", "not-loaded", "error")
def find_not_loaded(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """The client does not load an agent, a skill or a command that is on the disk.

    Why:
        This is no guess: `check --client` starts the Claude Code that is installed, in a folder with copies of these
        files, with no network, no key, no hooks and no MCP servers, and compares what it lists with what is there.
        What it leaves out, it leaves out without a word.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: 7
            ---
            Review it.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            Review it.
    """
    if subject.loaded is None:
        return
    owners: dict[tuple[str, str], str] = {}
    for path in sorted(facts):
        fact = facts[path]
        if not is_meant(path):
            continue
        kind = fact.kind or "agent"
        first = owners.setdefault((kind, fact.name), path) if fact.name else path
        if why := _explain(subject.loaded, fact, subject.files[first].shown if first != path else ""):
            yield Fault(why, "see what else is found in this file, and compare it with one that is loaded", path=path)


def is_meant(path: str) -> bool:
    """Whether somebody who put a file there expects the client to list it."""
    top, _, below = path.partition("/")
    if top == "agents":
        return below.lower().endswith(_MARKDOWN)
    if top == "skills":
        folder, _, name = below.partition("/")
        return bool(folder) and name.lower() == "skill.md"
    return top == "commands" and below.lower().endswith(_MARKDOWN)


def _explain(loaded: Loaded, fact: Facts, twin: str) -> str:
    """Why a component counts as not loaded; nothing where it is. `twin` is another file of its name, if any."""
    client = f"Claude Code {loaded.version}"
    if not fact.name:
        return f"{client} does not load this file"
    if not loaded.has(fact.kind, fact.name):
        return f"{client} does not load the {fact.kind} {fact.name!r}"
    return f"duplicate name: {client} loads one {fact.kind} {fact.name!r}, this or {twin}" if twin else ""
