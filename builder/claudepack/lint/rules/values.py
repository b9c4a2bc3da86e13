"""VL: values that the client does not know, so that it does as if they were not there."""

from collections.abc import Iterator, Mapping

from claudepack.lint.fault import Fault
from claudepack.lint.known import FORMER_TOOLS, FULL_MODEL, MODELS, RETIRED, TOOLS, VALUES, split_tools
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.paths import nearest

_TOOL_FIELDS = ("tools", "disallowedTools", "allowed-tools", "disallowed-tools")


@text_rule("VL001", "unknown-model", "warning")
def find_unknown_models(text: Text) -> Iterator[Fault]:
    """A model is neither an alias nor an id that could be one.

    Why:
        The client passes a name that it does not know on as it is, and the first request fails, unless a gateway of
        yours knows it. Aliases may be in capitals, and may have `[1m]` behind them.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: Claude Opus
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: Sonnet[1m]
            ---
        agents/tester.md:
            ---
            name: tester
            description: Tests a change.
            model: us.anthropic.claude-sonnet-4-6-v1:0
            ---
        commands/ship.md:
            ---
            description: Ships it.
            model: claude-haiku-4-5
            ---
    """
    model = _read_model(text)
    if model and model.removesuffix("[1m]") not in MODELS and not FULL_MODEL.search(model):
        known = nearest(model, MODELS)
        yield text.at("model", f"the client passes the unknown model {model!r} on as it is", known)


@text_rule("VL002", "retired-model", "warning")
def find_retired_models(text: Text) -> Iterator[Fault]:
    """A model has been retired.

    Why:
        Requests to it fail, or the client sends them to another one. An alias such as `opus` is always the latest.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: claude-3-5-sonnet-20241022
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            model: claude-sonnet-4-5-20250929
            ---
    """
    model = _read_model(text)
    for retired, day in RETIRED.items() if "claude-" in model else ():
        head, found, tail = model.partition(retired)
        if found and not tail[:1].isalnum() and not head[-1:].isalnum():
            yield text.at("model", f"the model {model} was retired on {day}", "write an alias: it is always the latest")
            return


def _read_model(text: Text) -> str:
    value = (text.client_fields or {}).get("model") if text.has_head else None
    return value.strip().lower() if isinstance(value, str) else ""


@text_rule("VL003", "invalid-value", "warning")
def find_invalid(text: Text) -> Iterator[Fault]:
    """A field of an agent has a value that the client does not know.

    Why:
        The client drops the field and loads the agent without it: one with `permissionMode: Plan` runs in the session's
        mode and may write. It says so in its debug log only. Case counts, except in `effort`.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            permissionMode: Plan
            color: teal
            maxTurns: 0
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            permissionMode: plan
            color: cyan
            maxTurns: "20"
            effort: High
            background: "true"
            memory:
            ---
        agents/tester.md:
            ---
            name: tester
            description: Tests a change.
            effort: 3
            isolation: worktree
            ---
    """
    if text.kind != "agent" or not text.client_fields:
        return
    for key, value in text.client_fields.items():
        if value is None or (key not in VALUES and key != "maxTurns"):
            continue
        if hint := _find_meant(key, value):
            yield text.at(key, f"the client does not know {key} {value!r} and drops it", hint)


def _find_meant(key: str, value: object) -> str:
    """What could have been meant; nothing where the value is right."""
    if key == "maxTurns":
        return "" if _is_count(value) else "write a positive whole number"
    known = VALUES[key]
    if key == "effort" and (isinstance(value, int) or str(value).lower() in known) and not isinstance(value, bool):
        return ""
    if value in known or (key == "background" and isinstance(value, bool)):
        return ""
    return nearest(str(value), known)


def _is_count(value: object) -> bool:
    is_digits = isinstance(value, str) and value.isdecimal()
    return (isinstance(value, int) and not isinstance(value, bool) and value > 0) or (is_digits and value != "0")


@text_rule("VL004", "unknown-tool", "warning")
def find_unknown_tools(text: Text) -> Iterator[Fault]:
    """A tool is named that the client does not have.

    Why:
        The client ignores it. An agent of whose `tools` it knows none has no tools at all: `read, write, bash` in lower
        case is such a list, and `All tools` another. Who leaves `tools` out gets all of them.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools: read, Grep, Search
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools: Read, Grep, Bash(git log *, git diff), Agent(tester, writer), Task, mcp__github__list_issues, mcp__*
            ---
        agents/tester.md:
            ---
            name: tester
            description: Tests a change.
            tools: ["*"]
            disallowedTools: Write Edit
            ---
    """
    for key, names in _read_tools(text).items():
        unknown = [name for name in names if not _is_known(name)]
        if unknown:
            none = key == "tools" and not any(name in TOOLS or _is_pattern(name) for name in names)
            left = ", so the agent has no tools at all" if none else ""
            named = ", ".join(unknown[:_SHOWN]) + (", …" if len(unknown) > _SHOWN else "")
            hint = _nearest_tool(unknown[0])
            yield text.at(key, f"the client has no tool {named}{left}", hint)


_SHOWN = 5


def _nearest_tool(name: str) -> str:
    same = next((tool for tool in TOOLS if tool.lower() == name.lower()), "")
    if same:
        return f"case counts: {same}"
    hint = nearest(name, TOOLS)
    return hint if hint.startswith("did") else "take it out, or write the name as the client does"


def _is_known(name: str) -> bool:
    return name in TOOLS or name in FORMER_TOOLS or _is_pattern(name)


def _is_pattern(name: str) -> bool:
    return name == "*" or name.startswith("mcp__")


def _read_tools(text: Text) -> Mapping[str, list[str]]:
    """The tools that each field names."""
    fields = text.client_fields if text.kind in ("agent", "skill", "command") else None
    return {key: split_tools(fields[key]) for key in _TOOL_FIELDS if key in fields} if fields else {}


@text_rule("VL005", "former-tool", "note")
def find_former_tools(text: Text) -> Iterator[Fault]:
    """A tool is named that older versions of the client had.

    Why:
        The client ignores it. The other tools of the list work, and another one does what it did.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools: Read, MultiEdit, LS
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change. Needs no MultiEdit.
            tools: Read, Edit
            ---
    """
    for key, names in _read_tools(text).items():
        former = [name for name in names if name in FORMER_TOOLS]
        if former:
            instead = [tool for name in former if (tool := FORMER_TOOLS[name])]
            hint = f"{', '.join(dict.fromkeys(instead))} does what it did" if instead else "take it out"
            yield text.at(key, f"the client no longer has {', '.join(former)}", hint)


@text_rule("VL006", "empty-tools", "warning")
def find_empty_tools(text: Text) -> Iterator[Fault]:
    """An agent's `tools` has no value.

    Why:
        It looks like nothing was said, and means no tools at all: the agent can only talk. Who wants all tools leaves
        the line out; who wants none writes `tools: []`.

    Bad:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools:
            ---

    Good:
        agents/reviewer.md:
            ---
            name: reviewer
            description: Reviews a change.
            tools: []
            disallowedTools:
            ---
    """
    fields = text.client_fields or {}
    if text.kind == "agent" and "tools" in fields and fields["tools"] in (None, ""):
        yield text.at("tools", "tools is empty, so the agent has none", "take the line out for all tools")
