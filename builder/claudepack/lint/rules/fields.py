"""FM, continued: fields that are missing, misspelt, or not what the client reads there."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice

from claudepack.lint.fault import Fault
from claudepack.lint.loading import find_hook_fault
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.pack.fields import FIELDS

_NEEDED = ("name", "description")
_NEAR = 0.85
_MANY = 20  # unknown fields of one file: who has more has something else there
# Known, but the client does nothing with them, so nothing is lost where they are spelt otherwise.
_INERT = frozenset(["author", "compatibility", "license", "metadata", "version"])
_TYPES: Mapping[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a map",
    str: "a text",
}
_LISTED = ((str, list), "a text or a list of texts")
_FIELD_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "model": ((str,), "a text"),
    "tools": _LISTED,
    "disallowedTools": _LISTED,
    "skills": _LISTED,
    "initialPrompt": ((str,), "a text"),
    "mcpServers": ((list, dict), "a list or a map of servers"),
}


@text_rule("FM004", "missing-field", "error")
def find_missing_fields(text: Text) -> Iterator[Fault]:
    """An agent has no name, or no description.

    Why:
        The client skips such an agent without a word. Names of fields are in lower case.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            Description: Reviews a change.
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
    if text.kind == "agent" and text.client_fields is not None:
        for key in _NEEDED:
            if key not in text.client_fields:
                why = f"the frontmatter has no {key}, so the client skips this agent"
                yield Fault(why, f"add a line `{key}: …`", 1)


@text_rule("FM005", "wrong-type", "error")
def find_wrong_types(text: Text) -> Iterator[Fault]:
    """An agent's name or description is no text, or an empty one.

    Why:
        The client skips an agent whose name or description is a number, `true`, a list, a map, null or empty. A value
        that begins with `#` is empty, too: it is a comment.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: [reviews, changes]
            ---

    Good:
        agents/yes.md:
            ---
            name: yes
            description: "[reviews, changes]"
            ---
        agents/2024-01-02.md:
            ---
            name: 2024-01-02
            description: "7"
            ---
    """
    if text.kind != "agent":
        return
    for key in _NEEDED:
        value = (text.client_fields or {}).get(key, "no")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if (isinstance(value, str) and value) or (key == "name" and is_number):
            continue
        what = "empty" if value is None or value == "" else f"{_TYPES[type(value)]} and no text"
        yield text.at(key, f"{key} is {what}, so the client skips this agent", f'put it in quotes: {key}: "…"')


@text_rule("FM006", "wrong-field-type", "warning")
def find_dropped_fields(text: Text) -> Iterator[Fault]:
    """A field of an agent has a value of a type that the client does not read there.

    Why:
        The client drops the field and keeps the agent: one whose `model` is a number runs on the session's model, one
        whose `tools` is a number has no tools.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: 5
            skills: {review: true}
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: "opus"
            skills: review, explain
            tools: [Read, Grep]
            mcpServers: [github]
            ---
    """
    if text.kind != "agent" or not text.client_fields:
        return
    for key, (types, what) in _FIELD_TYPES.items():
        value = text.client_fields.get(key)
        items = value if isinstance(value, list) and list in types and key != "mcpServers" else []
        if (value is not None and not isinstance(value, types)) or not all(isinstance(item, str) for item in items):
            yield text.at(key, f"{key} is not {what}, so the client drops it", f"write {what}")


@text_rule("FM007", "misspelt-field", "warning")
def find_misspelt(text: Text) -> Iterator[Fault]:
    """A field has nearly the name of one that the client knows.

    Why:
        The client ignores a field that it does not know. An agent with `tool: Read` has all tools, and one with
        `allowed-tools`, which is what skills and commands say, has all of them, too.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            allowed-tools: Read, Grep
            Model: opus
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools: Read, Grep
            model: opus
            ---
        commands/ship.md:
            ---
            description: Ships it.
            allowed-tools: Bash(git push)
            ---
    """
    for key, meant in _find_unknown(text):
        if meant:
            yield text.at(
                key, f"the client does not know {key!r} and ignores it", f"did you mean {meant}?", whole=False
            )


def _find_unknown(text: Text) -> Iterator[tuple[str, str]]:
    """The fields that the client does not know, each with the one that is meant, where that is plain."""
    known = FIELDS.get(text.kind, frozenset()) if text.kind else frozenset()
    unknown = (key for key in text.client_fields or () if key not in known) if known else ()
    for key in islice(unknown, _MANY):
        yield key, _find_meant(key, known, text.kind == "agent")


def _find_meant(key: str, known: frozenset[str], is_agent: bool) -> str:  # noqa: FBT001 - a fact about the file
    plain = {_simplify(name): name for name in known if name not in _INERT}
    if is_agent:
        plain |= {"allowedtools": "tools", "whentouse": "description", "permissions": "permissionMode"}
    near = get_close_matches(_simplify(key), plain, n=1, cutoff=_NEAR)
    return plain[near[0]] if near and near[0][0] == _simplify(key)[:1] and plain[near[0]] != key else ""


def _simplify(key: str) -> str:
    return key.lower().replace("-", "").replace("_", "")


@text_rule("FM008", "unknown-field", "note")
def find_unknown(text: Text) -> Iterator[Fault]:
    """An agent has a field that the client does not know.

    Why:
        The client ignores it and writes a line to its debug log. It does no harm: other tools may read it.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            category: quality
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: "Reviews a change. category: quality"
            ---
    """
    if text.kind == "agent":
        for key, meant in _find_unknown(text):
            if not meant:
                yield text.at(
                    key,
                    f"the client does not know {key!r} and ignores it",
                    "leave it to whom it may serve",
                    whole=False,
                )


@text_rule("FM011", "broken-hooks", "error")
def find_broken_hooks(text: Text) -> Iterator[Fault]:
    """An agent's hooks make the client skip the agent.

    Why:
        Hooks can forbid what an agent does, so the client does not load an agent whose `hooks` it cannot read: a list,
        a text, or an entry for `PreToolUse` or `PermissionRequest` without a handler that is whole. `hooks: []` is
        enough. Where the client puts quotes around values (FM003), `hooks: {}` is a text.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            hooks: []
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            hooks: {}
            ---
        agents/tester.md:
            ---
            name: tester
            description: Tests a change.
            hooks:
              PreToolUse:
                - matcher: Bash
                  hooks:
                    - type: command
                      command: ./check.sh
            ---
    """
    fields = text.client_fields or {}
    if text.kind == "agent" and (fault := find_hook_fault(fields.get("hooks"))):
        yield text.at("hooks", f"{fault}, so the client skips this agent", "write a map of events, or no hooks")


@text_rule("FM016", "skill-without-description", "warning")
def find_undescribed(text: Text) -> Iterator[Fault]:
    """A skill has no description.

    Why:
        The model chooses a skill by its description. Without one the client offers it by the first line of its text,
        and other clients of the format skip it. A skill that only people call needs none.

    Bad:
        skills/tidy/SKILL.md:
            ---
            name: tidy
            ---
            # Tidy

    Good:
        skills/tidy/SKILL.md:
            ---
            name: tidy
            description: Tidies up the imports of a module. Use it after files have been moved.
            ---
            # Tidy
        skills/ship/SKILL.md:
            ---
            name: ship
            disable-model-invocation: true
            ---
            # Ship
    """
    fields = text.client_fields
    if text.kind != "skill" or fields is None or fields.get("description"):
        return
    if fields.get("disable-model-invocation") is not True:
        why = "there is no description, so the client offers the skill by the first line of its text"
        yield text.at("description", why, "add a line `description: …` that says when to use it")
