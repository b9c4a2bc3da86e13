"""SZ: what costs tokens in every session, or is cut for its length."""

from collections.abc import Iterator, Mapping

from claudepack.lint.client_files import is_read
from claudepack.lint.fault import Fault
from claudepack.lint.known import MOST_BYTES, MOST_LISTED
from claudepack.lint.registry import text_rule, tree_rule
from claudepack.lint.subject import MAX_TEXT, Facts, Subject, Text
from claudepack.pack.collection import MARKETPLACE, PLUGIN
from claudepack.pack.components import estimate_tokens

_MOST_OF_SKILL = 1024
_MOST_OF_AGENT = 2000
_MOST_LINES = 200
_MOST_TOKENS = 15_000
_NAMED = 3
_LEAST = min(MOST_BYTES.values())
_FIND_OUT = "find out what wrote so much into it"
_MANIFESTS = (PLUGIN, MARKETPLACE)


@text_rule("SZ001", "long-skill-description", "warning")
def find_long_skills(text: Text) -> Iterator[Fault]:
    """A skill's description is longer than the 1,024 characters that its format allows.

    Why:
        Other clients of the format refuse it. This client lists the first 1,536 characters and cuts what follows, which
        is often where it says when to use the skill.

    Bad:
        skills/tidy/SKILL.md:
            ---
            name: tidy
            description: {300 x "word "}
            ---

    Good:
        skills/tidy/SKILL.md:
            ---
            name: tidy
            description: Tidies up the imports of a module. Use it after files have been moved.
            ---
    """
    length = _measure(text, "skill")
    if length > _MOST_OF_SKILL:
        cut = f", of which the client shows {MOST_LISTED}" if length > MOST_LISTED else ""
        why = f"the description has {length} characters{cut}"
        yield text.at("description", why, f"{_MOST_OF_SKILL} at most: say what it does and when to use it")


@text_rule("SZ002", "long-agent-description", "note")
def find_long_agents(text: Text) -> Iterator[Fault]:
    """An agent's description is longer than 2,000 characters.

    Why:
        The descriptions of all agents are part of every session, whole, whether an agent is used or not: 2,000
        characters are some 570 tokens. Examples of dialogues can stand in the agent's own prompt.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: {500 x "word "}
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change. Use it before a pull request.
            ---
            {500 x "word "}
    """
    length = _measure(text, "agent")
    if length > _MOST_OF_AGENT:
        tokens = estimate_tokens(length)
        why = f"the description has {length} characters: about {tokens} tokens of every session"
        yield text.at("description", why, "say when to use it, and move the rest into the prompt")


def _measure(text: Text, kind: str) -> int:
    value = (text.client_fields or {}).get("description") if text.kind == kind else None
    return len(value) if isinstance(value, str) else 0


@text_rule("SZ003", "long-context", "warning")
def find_long_contexts(text: Text) -> Iterator[Fault]:
    r"""A CLAUDE.md has more than 200 lines.

    Why:
        It is part of every session. The documentation of the client asks for less than 200 lines: the longer it is,
        the less of it is followed. What only some files need fits into `.claude/rules/` with `paths:`, what only some
        tasks need into a skill.

    Bad:
        CLAUDE.md:
            {201 x "Write tests.\n"}

    Good:
        CLAUDE.md:
            Write tests.
        prompts/reviewer/guide.md:
            {201 x "Write tests.\n"}
    """
    if text.kind == "context":
        count = len(text.lines) - (not text.lines[-1])
        if count > _MOST_LINES:
            yield Fault(f"{count} lines, of which every session reads all", "move what is rarely needed", 1)


@tree_rule("SZ004", "session-tokens", "warning")
def find_session_tokens(subject: Subject, facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """What is loaded into every session costs more tokens than it may.

    Why:
        Names and descriptions of agents, skills and commands, contexts, and rules without `paths` are part of every
        session, and what they say competes with the task. The bound is `budget` in the settings of `check`, else
        15,000 tokens. Tokens are an estimate: one for 3.5 bytes.

    Bad:
        CLAUDE.md:
            {20000 x "word "}

    Good:
        CLAUDE.md:
            Write tests.
        prompts/reviewer/guide.md:
            {20000 x "word "}
    """
    costs = {path: fact.session_tokens for path, fact in facts.items() if fact.session_tokens}
    total, bound = sum(costs.values()), subject.budget or _MOST_TOKENS
    if total > bound:
        largest = sorted(costs, key=lambda path: (-costs[path], path))[:_NAMED]
        named = ", ".join(f"{path} ({costs[path]})" for path in largest)
        yield Fault(f"about {total} tokens in every session, of {bound} that may be", f"the largest: {named}")


@tree_rule("SZ005", "too-large", "error")
def find_too_large(subject: Subject, _facts: Mapping[str, Facts]) -> Iterator[Fault]:
    """A file is larger than what the client reads.

    Why:
        Client 2.1.328 skips an agent, a command and an output style of more than 1 MiB, a skill of more than 1,000,000
        bytes, a rule and a CLAUDE.md of more than 4 MiB, and drops settings of more than 2 MiB whole. It says so in a
        debug log only. What has no such bound and is looked at as text here, such as a list of MCP servers, may have
        12 MiB: of a larger one nothing else can be told.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            {210000 x "word "}

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            ---
            The rules are in `.claude/prompts/reviewer/rules.md`.
        prompts/reviewer/rules.md:
            {210000 x "word "}
    """
    for path, file in subject.files.items():
        if file.size <= _LEAST:
            continue
        text = Text(file)
        if text.is_skipped:
            what = f"{file.size} bytes, and the client skips a file of more than {text.most_bytes}"
            hint = "move what is rarely needed into other files" if text.is_prose else _FIND_OUT
            yield Fault(what, hint, path=path)
        elif file.size > MAX_TEXT and (is_read(text) or path in _MANIFESTS):
            what = f"{file.size} bytes, of which nothing is checked: more than {MAX_TEXT} are not read"
            yield Fault(what, _FIND_OUT, path=path)
