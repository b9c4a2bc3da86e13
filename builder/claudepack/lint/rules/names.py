"""NM: names by which the client finds a component, or does not."""

import re
from collections.abc import Iterator, Mapping

from claudepack.lint.fault import Fault
from claudepack.lint.loading import is_refused_name
from claudepack.lint.registry import text_rule, tree_rule
from claudepack.lint.subject import Facts, Subject, Text

# Of these the client loads one of a name; the others are read by their paths.
_NAMED = ("agent", "command", "skill", "output style")
_USUAL = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@tree_rule("NM001", "duplicate-name", "error")
def find_duplicates(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """Two components have one name.

    Why:
        The client loads one of the two and does not say which; a file's name and its folder do not tell agents apart. A
        command and a skill are called alike, so of `/ship` there is one, too.

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
        # A command and a skill are called alike, and the client loads one of them.
        kind = "call" if fact.kind in ("command", "skill") else fact.kind
        first = seen.setdefault((kind, fact.name), path)
        if first != path:
            twin = subject.files[first].shown
            why = f"duplicate name: the {fact.kind} {fact.name!r} is in {twin} too, and the client loads one of them"
            yield Fault(why, "rename one", fact.line, path=path)


@text_rule("NM002", "refused-name", "error")
def find_refused(text: Text) -> Iterator[Fault]:
    """An agent's name holds a colon, or begins with a hyphen.

    Why:
        The client skips such an agent: a colon is for agents of plugins, a hyphen begins an option.

    Bad:
        agents/reviewer.md:
            ---
            name: "web:reviewer"
            description: Reviews a page.
            ---

    Good:
        agents/reviewer.md:
            ---
            name: web-reviewer
            description: "Reviews: a page."
            ---
    """
    name = (text.client_fields or {}).get("name")
    if text.kind == "agent" and isinstance(name, str) and is_refused_name(name):
        why = f"an agent cannot be named {name!r}: the client skips it"
        yield text.at("name", why, "lower-case letters and hyphens")


@text_rule("NM003", "number-for-a-name", "error")
def find_numbers(text: Text) -> Iterator[Fault]:
    """An agent's name is a number.

    Why:
        To the client a name that YAML reads as a number is a missing name, and it skips the agent.

    Bad:
        agents/404.md:
            ---
            name: 404
            description: Finds what is gone.
            ---

    Good:
        agents/404.md:
            ---
            name: "404"
            description: Finds what is gone.
            ---
    """
    name = (text.client_fields or {}).get("name")
    if text.kind == "agent" and isinstance(name, int | float) and not isinstance(name, bool):
        why = "missing name: it is a number, so the client skips this agent"
        yield text.at("name", why, f'put it in quotes: name: "{name}"')


@text_rule("NM004", "name-differs-from-file", "note")
def find_different(text: Text) -> Iterator[Fault]:
    """An agent has another name than its file, or a skill than its folder.

    Why:
        The client knows an agent by its `name`, whatever its file is called, and a skill by its folder, whatever its
        `name` is. Who looks for one finds it sooner where both are the same; other clients of the skill format ask
        for that.

    Bad:
        agents/reviewer.md:
            ---
            name: critic
            description: Reviews a change.
            ---

    Good:
        agents/web/code-reviewer.md:
            ---
            name: web-code-reviewer
            description: Reviews a change.
            ---
    """
    name = (text.client_fields or {}).get("name")
    parts = text.path.removesuffix(".md").split("/")
    found = {"agent": parts[-1], "skill": parts[1] if len(parts) > 1 else ""}.get(text.kind or "", "")
    if found and isinstance(name, str) and name and _fold(found) not in _fold(name):
        known = found if text.kind == "skill" else name
        what = "folder" if text.kind == "skill" else "file"
        yield text.at("name", f"the {what} is called {found!r}, and the client knows it as {known!r}", "rename one")


def _fold(name: str) -> str:
    return "-".join(re.split(r"[\s_.-]+", name.casefold().strip()))


@text_rule("NM005", "unusual-name", "note")
def find_unusual(text: Text) -> Iterator[Fault]:
    """An agent's name is not in lower-case letters, digits and hyphens.

    Why:
        That is the documented form. The client loads `Code Reviewer` and `größe`, too, but whoever wants to name the
        agent in a command line, or in another's `tools: Agent(…)`, has to quote it.

    Bad:
        agents/code-reviewer.md:
            ---
            name: Code Reviewer
            description: Reviews a change.
            ---

    Good:
        agents/code-reviewer.md:
            ---
            name: code-reviewer
            description: Reviews a change.
            ---
        skills/tidy/SKILL.md:
            ---
            name: Tidy
            description: Tidies up.
            ---
    """
    name = (text.client_fields or {}).get("name")
    if text.kind != "agent" or not isinstance(name, str) or not name:
        return
    if not _USUAL.fullmatch(name) and "/" not in name and not is_refused_name(name):
        yield text.at("name", f"{name!r} is not in lower-case letters and hyphens", "the documented form is that")


@text_rule("NM006", "slash-in-a-name", "error")
def find_slashes(text: Text) -> Iterator[Fault]:
    """An agent's name holds a slash.

    Why:
        The client loads it, and names with a slash are taken apart elsewhere: in the names of a plugin's agents, and in
        lists of what to exclude. Packs with such an agent are refused.

    Bad:
        agents/web-reviewer.md:
            ---
            name: web/reviewer
            description: Reviews a page.
            ---

    Good:
        agents/web/reviewer.md:
            ---
            name: web-reviewer
            description: Reviews a page and/or a change.
            ---
    """
    name = (text.client_fields or {}).get("name")
    if text.kind == "agent" and isinstance(name, str) and "/" in name and not is_refused_name(name):
        yield text.at("name", f"an agent cannot be named {name!r}: plugins and lists take it apart", "write a hyphen")
