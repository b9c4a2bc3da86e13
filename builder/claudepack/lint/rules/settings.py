"""ST: settings and MCP servers that the client drops, whole or in part, without a word."""

import json
import re
from collections.abc import Iterator

from claudepack.errors import ClaudepackError
from claudepack.lint.client_files import (
    advise,
    find_hooks,
    is_about_hooks,
    is_read,
    point,
    point_at,
    say,
    validate,
)
from claudepack.lint.client_schema import EVENTS, SETTING_NAMES
from claudepack.lint.fault import Fault
from claudepack.lint.hooks import SETTINGS
from claudepack.lint.known import OBSERVED
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text
from claudepack.paths import nearest

_BOM = b"\xef\xbb\xbf"
_TWICE = "is there twice"
_REGEX = re.compile(r"[^\w|,\s-]")  # a matcher of names only is compared, not searched for


@text_rule("ST001", "not-json", "error")
def find_unreadable(text: Text) -> Iterator[Fault]:
    """Settings, or the list of MCP servers, are no strict JSON.

    Why:
        With a comment, or a comma before a bracket, the client drops the file whole: permissions, hooks and all.

    Bad:
        settings.json:
            {
              "model": "opus", // the best
            }

    Good:
        settings.json:
            {
              "model": "opus",
              "companyAnnouncements": ["see https://example.org // today, and /* soon */"]
            }
    """
    if not is_read(text) or not text.file.is_plain or text.is_unread:
        return
    if isinstance(text.json, ClaudepackError):
        if text.data.startswith(_BOM) or _TWICE in text.json.message:
            yield from _read_loosely(text)
        else:
            line, _, message = text.json.message.removeprefix(f"{text.file.shown}:").partition(": ")
            yield Fault(message, text.json.hint, int(line))
    elif not isinstance(text.json[1].value, dict):
        yield Fault("not a JSON object, so the client drops the file", 'write { "key": … }', 1)


def _read_loosely(text: Text) -> Iterator[Fault]:
    """What else is wrong with a file in which a key is there twice, or that begins with a byte order mark."""
    try:
        value = json.loads(text.data.decode("utf-8-sig"))
    except RecursionError:
        yield Fault("not JSON: nested too deeply", "the client would drop this file whole: mend it", 1)
    except UnicodeDecodeError:
        yield Fault("not UTF-8", "save it as UTF-8", 1)
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        yield Fault(f"not JSON: {error}", "the client would drop this file whole: mend it", line)
    else:
        if not isinstance(value, dict):
            yield Fault("not a JSON object, so the client drops the file", 'write { "key": … }', 1)


@text_rule("ST002", "key-twice", "warning")
def find_twins(text: Text) -> Iterator[Fault]:
    """A key is there twice in an object.

    Why:
        The client takes the last of them and says nothing, so what stands at the first is lost.

    Bad:
        settings.json:
            {
              "permissions": {"allow": ["Bash(ls:*)"]},
              "permissions": {"deny": ["WebFetch"]}
            }

    Good:
        settings.json:
            {
              "permissions": {"allow": ["Bash(ls:*)"], "deny": ["WebFetch"]},
              "env": {"permissions": "none"}
            }
    """
    if is_read(text) and isinstance(text.json, ClaudepackError) and _TWICE in text.json.message:
        line, _, message = text.json.message.removeprefix(f"{text.file.shown}:").partition(": ")
        yield Fault(message, "keep one of the two", int(line))


@text_rule("ST003", "settings-dropped", "error")
def find_wrong_kinds(text: Text) -> Iterator[Fault]:
    """A setting has a value of a wrong kind.

    Why:
        The client then drops the file whole, with every other setting in it, and says so nowhere where people look. The
        values are those of client 2.1.328: of a pack for a newer one, which may take more, `--exclude settings.json`
        leaves the settings out, and installs the rest.

    Bad:
        settings.json:
            {"permissions": {"allow": "Bash(ls:*)"}}

    Good:
        settings.json:
            {"permissions": {"allow": ["Bash(ls:*)"], "defaultMode": "plan"}, "env": {"DEBUG": 1}}
    """
    for error, node in validate(text):
        if text.path in SETTINGS and not is_about_hooks(error) and error.validator != "additionalProperties":
            yield point_at(text, node, f"{say(error)}, so client {OBSERVED} drops this file whole", advise(error))


@text_rule("ST004", "json-byte-order-mark", "warning")
def find_mark(text: Text) -> Iterator[Fault]:
    """Settings begin with a byte order mark.

    Why:
        The client reads on, but JSON does not have it: other programs refuse the file, and claudepack does not write
        into it.

    Bad:
        settings.json:
            \ufeff{"model": "opus"}

    Good:
        settings.json:
            {"model": "opus"}
    """
    if is_read(text) and text.data.startswith(_BOM):
        yield Fault("it begins with a byte order mark, which JSON does not have", "save it as UTF-8 without one", 1)


@text_rule("ST005", "unknown-setting", "warning")
def find_unknown(text: Text) -> Iterator[Fault]:
    """A setting is none that the client knows.

    Why:
        The client passes over it, so what it should do is not done.

    Bad:
        settings.json:
            {"permission": {"deny": ["WebFetch"]}}

    Good:
        settings.json:
            {"permissions": {"deny": ["WebFetch"]}, "env": {"anything": "goes"}}
    """
    if text.path not in SETTINGS or isinstance(text.json, ClaudepackError):
        return
    for key, (start, _) in text.json[1].members.items():
        if key not in SETTING_NAMES:
            hint = nearest(key, SETTING_NAMES)
            yield point(text, start, len(key) + 2, f"client {OBSERVED} knows no setting {key!r}", hint[:200])


@text_rule("ST006", "unknown-hook-event", "error")
def find_unknown_events(text: Text) -> Iterator[Fault]:
    """A hook is for an event that the client does not know.

    Why:
        It never runs. Events are spelt just so, with capitals. They are those of client 2.1.328: of a pack for a newer
        one, which may know more, `--exclude settings.json` leaves the hooks out, and installs the rest.

    Bad:
        settings.json:
            {"hooks": {"preToolUse": [{"hooks": [{"type": "command", "command": "true"}]}]}}

    Good:
        settings.json:
            {"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": "true"}]}]}}
    """
    for events in find_hooks(text):
        for event, (start, _) in events.members.items():
            if event not in EVENTS:
                what = f"client {OBSERVED} knows no event {event!r}, so its hooks never run"
                yield point(text, start, len(event) + 2, what, nearest(event, EVENTS))


@text_rule("ST007", "hook-dropped", "warning")
def find_dropped_hooks(text: Text) -> Iterator[Fault]:
    """A hook has a form that the client does not take.

    Why:
        The client leaves it out and goes on with the others.

    Bad:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "cmd": "true"}]}]}}

    Good:
        settings.json:
            {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true", "timeout": 5}]}]}}
    """
    for error, node in validate(text):
        if is_about_hooks(error) and "propertyNames" not in error.absolute_schema_path:
            yield point_at(text, node, f"{say(error)}, so the client drops this hook", advise(error))


@text_rule("ST008", "matcher-is-no-pattern", "warning")
def find_bad_matchers(text: Text) -> Iterator[Fault]:
    """The matcher of a hook is no regular expression.

    Why:
        The client cannot match anything with it, so the hook never runs.

    Bad:
        settings.json:
            {"hooks": {"PreToolUse": [{"matcher": "Bash(", "hooks": [{"type": "command", "command": "true"}]}]}}

    Good:
        settings.json:
            {"hooks": {"PreToolUse": [
              {"matcher": "*", "hooks": [{"type": "command", "command": "true"}]},
              {"matcher": "Edit|Write|mcp__.*", "hooks": [{"type": "command", "command": "true"}]}
            ]}}
    """
    for events in find_hooks(text):
        for _, groups in events.members.values():
            for group in groups.items:
                matcher = group.members["matcher"][1] if "matcher" in group.members else None
                if matcher and isinstance(matcher.value, str) and (why := _find_pattern_fault(matcher.value)):
                    hint = "names of tools, with | between them, or a regular expression"
                    yield point_at(text, matcher, f"the matcher {matcher.value!r} is no pattern: {why}", hint)


def _find_pattern_fault(matcher: str) -> str:
    if matcher in ("", "*") or not _REGEX.search(matcher):
        return ""
    try:
        re.compile(matcher.replace("(?<", "(?P<") if re.search(r"\(\?<[^=!]", matcher) else matcher)
    except re.error as error:
        return error.msg
    except (RecursionError, OverflowError):
        return "too large"
    return ""
