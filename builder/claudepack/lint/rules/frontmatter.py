"""FM: frontmatter that the client does not read as its author meant it."""

from collections.abc import Iterator

from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text

_NEEDED = ("name", "description")


@text_rule("FM001", "unreadable-frontmatter", "error")
def find_unreadable(text: Text) -> Iterator[Fault]:
    """The frontmatter cannot be read.

    Why:
        The client skips an agent or a skill whose frontmatter it cannot read, and says so in a debug log only.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            name: tester
            description: Reviews a change.
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
    if text.fault and text.fault.code == "frontmatter":
        line, _, message = text.fault.message.removeprefix(f"{text.file.shown}:").partition(": ")
        yield Fault(message, text.fault.hint, int(line))


@text_rule("FM002", "no-frontmatter", "error")
def find_missing(text: Text) -> Iterator[Fault]:
    """An agent or a skill has no frontmatter.

    Why:
        Without frontmatter a file in `agents/` is text that nobody reads: the client does not list it.

    Bad:
        agents/reviewer.md:
            You review changes.

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            You review changes.
    """
    if text.fault and text.fault.code == "no-frontmatter":
        yield Fault("there is no frontmatter, so the client skips this file", text.fault.hint, 1)


@text_rule("FM004", "missing-field", "error")
def find_missing_fields(text: Text) -> Iterator[Fault]:
    """An agent has no name, or no description.

    Why:
        The client skips such an agent without a word.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
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
    if text.kind == "agent" and text.document:
        for key in _NEEDED:
            if key not in text.document.metadata:
                why = f"the frontmatter has no {key}, so the client skips this agent"
                yield Fault(why, f"add a line `{key}: …`", 1)
