"""ST: what the client drops, as it was observed to; what it takes is no fault."""

import json

import jsonschema
import pytest

from claudepack.lint.client_schema import make_hooks_schema, make_servers_schema, make_settings_schema
from claudepack.lint.engine import check_subject
from subjects import find_codes, make_subject

RUN = {"type": "command", "command": "true"}


def _hooks(event: str, *handlers: object, matcher: object = "Bash") -> dict[str, object]:
    return {"hooks": {event: [{"matcher": matcher, "hooks": list(handlers)}]}}


@pytest.mark.parametrize("schema", [make_settings_schema(), make_hooks_schema(), make_servers_schema()])
def test_the_schemas_are_schemas(schema: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{", ["ST001 settings.json:1"]),
        ('{\n  "model": "opus",\n}', ["ST001 settings.json:3"]),
        ('{\n  // a comment\n  "model": "opus"\n}', ["ST001 settings.json:2"]),
        ("{'model': 'opus'}", ["ST001 settings.json:1"]),
        ('{"a": NaN}', ["ST001 settings.json:1"]),
        ("[]", ["ST001 settings.json:1"]),
        ("", ["ST001 settings.json:1"]),
        ('{"env": {"a": "\udcff"}}', ["ST001 settings.json:1"]),
        ("[" * 5000, ["ST001 settings.json:1"]),
        ('{"model": "a",\n"model": "b"}', ["ST002 settings.json:2"]),
        ('{"model": "a",\n"model": "b",,\n}', ["ST001 settings.json:2", "ST002 settings.json:2"]),
        ('\ufeff{"model": "a"}', ["ST004 settings.json:1"]),
        ('\ufeff{"model": "a",}', ["ST001 settings.json:1", "ST004 settings.json:1"]),
        ('{"env": {"url": "https://x.org//a, /* b */ }"}}', []),
    ],
)
def test_settings_are_strict_json(text: str, codes: list[str]) -> None:
    assert sorted(find_codes({"settings.json": text}, "ST")) == codes


@pytest.mark.parametrize(
    ("settings", "codes", "said"),
    [
        ({"permissions": {"allow": "Bash"}}, ["ST003"], "permissions.allow must be a list"),
        ({"permissions": {"defaultMode": "bypass"}}, ["ST003"],
         'permissions.defaultMode cannot be "bypass", so client 2.1.328 drops this file whole'),
        ({"permissions": None}, ["ST003"], "permissions must be an object"),
        ({"env": ["A=1"]}, ["ST003"], "env must be an object"),
        ({"cleanupPeriodDays": "30"}, ["ST003"], "cleanupPeriodDays must be a number"),
        ({"alwaysThinkingEnabled": "yes"}, ["ST003"], "alwaysThinkingEnabled must be true or false"),
        ({"statusLine": {"command": "x"}}, ["ST003"], "statusLine has no type"),
        ({"model": 3, "language": 3}, ["ST003", "ST003"], "model must be a text"),
        ({"permision": {}}, ["ST005"], "client 2.1.328 knows no setting 'permision'"),
        ({"Hooks": {}}, ["ST005"], "no setting 'Hooks'"),
        (_hooks("preToolUse", RUN), ["ST006"], "client 2.1.328 knows no event 'preToolUse', so"),
        (_hooks("Stop", {"type": "shell", "command": "x"}), ["ST007"], 'type cannot be "shell"'),
        (_hooks("Stop", {"type": "command"}), ["ST007"], "has no command"),
        (_hooks("Stop", {"type": "prompt", "command": "x"}), ["ST007"], "has no prompt"),
        ({"hooks": {"Stop": [RUN]}}, ["ST007"], "hooks.Stop.0 has no hooks"),
        ({"hooks": []}, ["ST007"], "hooks must be an object"),
        (_hooks("PreToolUse", RUN, matcher="Bash("), ["ST008"], "'Bash(' is no pattern"),
        (_hooks("PreToolUse", RUN, matcher="*.py"), ["ST008"], "is no pattern"),
        (_hooks("PreToolUse", RUN, matcher=""), [], ""),
        (_hooks("PreToolUse", RUN, matcher="*"), [], ""),
        (_hooks("PreToolUse", RUN, matcher="Edit|Write"), [], ""),
        (_hooks("PreToolUse", RUN, matcher="mcp__(?<server>.*)__x"), [], ""),
        (_hooks("Stop", {"type": "http", "url": "http://localhost"}, {"type": "mcp_tool", "server": "a", "tool": "b"}),
         [], ""),
        (_hooks("Stop", {**RUN, "timeout": 5, "async": True, "statusMessage": "x"}), [], ""),
        ({"$schema": "x", "permissions": {"allow": [], "defaultMode": "plan", "new": 1}, "env": {"A": 1, "B": None}},
         [], ""),
        ({"enabledPlugins": {"a@b": True}, "sandbox": {"enabled": True}, "attribution": False}, [], ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["settings.json", "settings.local.json"])
def test_what_the_client_drops_is_told(path: str, settings: object, codes: list[str], said: str) -> None:
    found = check_subject(make_subject({path: json.dumps(settings)}))

    assert [item.code for item in found] == codes
    assert all(item.column and item.line == 1 for item in found)
    assert said in "".join(item.message for item in found)


@pytest.mark.parametrize(
    ("server", "codes", "said"),
    [
        ({}, ["ST009"], "mcpServers.a has no command"),
        ({"url": "https://x.org/mcp"}, ["ST009"], 'add "type": "http"'),
        ({"type": "http"}, ["ST009"], "has no url"),
        ({"type": "stdio", "url": "https://x.org"}, ["ST009"], "has no command"),
        ({"type": "htp", "url": "https://x.org"}, ["ST009"], "did you mean http"),
        ({"command": "x", "args": "y"}, ["ST009"], "args must be a list"),
        ({"command": "x", "env": {"A": 1}}, ["ST009"], "env.A must be a text"),
        ({"command": ""}, ["ST009"], "command is empty"),
        ("x", ["ST009"], "must be an object"),
        ({"command": "npx", "args": ["-y", "x"], "env": {"A": "${A:-b}"}, "anything": 1}, [], ""),
        ({"type": "sse", "url": "https://x.org", "headers": {"A": "${B}"}}, [], ""),
        ({"type": "streamable-http", "url": "https://x.org"}, [], ""),
        ({"type": "ws", "url": "wss://x.org"}, [], ""),
    ],
)
def test_a_server_that_is_not_loaded_is_told(server: object, codes: list[str], said: str) -> None:
    found = check_subject(make_subject({"mcp.json": json.dumps({"mcpServers": {"a": server}})}))

    assert [item.code for item in found] == codes
    assert said in "".join(f"{item.message} {item.hint}" for item in found)


def test_names_of_servers() -> None:
    def check(name: str) -> list[str]:
        return find_codes({"mcp.json": json.dumps({"mcpServers": {name: {"command": "x"}}})}, "ST")

    assert check("workspace") == ["ST010 mcp.json:1"]
    assert check("ide") == check("a b.c") == []
    assert find_codes({"mcp.json": '{"a": {"command": "x"}}'}, "ST") == ["ST009 mcp.json:1"]
    plugin = find_codes({"mcp.json": '{"a": {"command": "x"}}'}, "ST", layout="plugin")
    assert plugin == []


def test_the_hooks_of_a_plugin_are_looked_at_and_a_project_may_call_a_file_so() -> None:
    text = json.dumps({"description": "x", **_hooks("Nope", {"type": "command"})})

    found = find_codes({"hooks/hooks.json": text}, "ST", layout="plugin")
    assert sorted(item.partition(" ")[0] for item in found) == ["ST006", "ST007"]
    assert find_codes({"hooks/hooks.json": text, "prompts/settings.json": "{"}, "ST", layout="project") == []
