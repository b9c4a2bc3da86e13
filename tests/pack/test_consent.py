"""What a client or a shell would execute is named, with its kind and its place."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.components import find_components
from claudepack.pack.consent import find_needed
from packs_in_memory import make_test_pack


def _agent(field: str) -> str:
    return f"---\nname: a\ndescription: d\n{field}\n---\n"


HOOKS = """{"hooks": {
  "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "./check.sh"}, {"command": "./log.sh"}]}],
  "Stop": [{"hooks": [{"type": "prompt", "prompt": "Are you done?"}]}]
}}"""


@pytest.mark.parametrize(
    ("path", "content", "needed"),
    [
        ("agents/a.md", _agent("tools: Bash"), {}),
        ("agents/a.md", _agent("hooks:\n  Stop: []"), {"hooks": ['agents/a.md: hooks: {"Stop": []}']}),
        ("agents/a.md", _agent("mcpServers: [x]"), {"mcp": ['agents/a.md: mcpServers: ["x"]']}),
        ("agents/a.md", _agent("permissionMode: plan"), {"permissions": ["agents/a.md: permissionMode: plan"]}),
        ("agents/a.md", _agent("hooks:"), {}),
        ("commands/c.md", "---\ndescription: x: y\nhooks: z\n---\n", {"hooks": ["commands/c.md: hooks: z"]}),
        ("skills/s/SKILL.md", _agent("hooks: {Stop: []}"), {"hooks": ['skills/s/: hooks: {"Stop": []}']}),
        ("commands/c.md", _agent("hooks: {Stop: []}"), {"hooks": ['commands/c.md: hooks: {"Stop": []}']}),
        ("prompts/p/a.md", _agent("hooks: {Stop: []}"), {}),
        ("commands/c.md", _agent("allowed-tools: Bash(ls)"), {
            "permissions": ["commands/c.md: allowed-tools: Bash(ls)"]}),
        ("commands/c.md", "Look: !`git status`, !`ls`\n", {
            "executables": ["commands/c.md: !`git status`", "commands/c.md: !`ls`"]}),
        ("skills/s/SKILL.md", _agent("") + "!`make`\n", {"executables": ["skills/s/SKILL.md: !`make`"]}),
        ("agents/a.md", _agent("") + "!`make`\n", {}),
        ("prompts/p/a.md", "text #!/bin/sh", {}),
        ("prompts/p/a.sh", "#!/bin/sh\n", {"executables": ["prompts/p/a.sh"]}),
        ("mcp.json", "{}", {"mcp": ["mcp.json: nothing yet"]}),
        ("mcp.json", '{"mcpServers": {"db": {"command": "x", "args": ["y"]}}}', {
            "mcp": ['mcp.json: db: {"command": "x", "args": ["y"]}']}),
        ("mcp.json", '{"mcpServers": {"db": {"type": "stdio", "command": "x"}}}', {"mcp": ["mcp.json: db: x"]}),
        ("settings.json", "{}", {}),
        ("settings.json", '{"hooks": {}}', {"hooks": ["settings.json: hooks: {}"]}),
        ("settings.json", HOOKS, {"hooks": [
            "settings.json: hooks PreToolUse on Bash: ./check.sh", "settings.json: hooks PreToolUse on Bash: ./log.sh",
            'settings.json: hooks Stop: {"type": "prompt", "prompt": "Are you done?"}']}),
        ("settings.json", '{"hooks": {"Stop": 7}}', {"hooks": ["settings.json: hooks Stop: 7"]}),
        ("settings.json", '{"model": "opus"}', {"permissions": ["settings.json: model: opus"]}),
        ("settings.json", '{"statusLine": {"type": "command", "command": "x"}}', {
            "hooks": ["settings.json: statusLine: x"]}),
        ("settings.json", '{"apiKeyHelper": "x"}', {"hooks": ["settings.json: apiKeyHelper: x"]}),
        ("settings.json", '{"permissions": {"allow": ["Read"]}}', {
            "permissions": ['settings.json: permissions: {"allow": ["Read"]}']}),
    ],
)  # fmt: skip
def test_what_would_be_executed_is_named(path: str, content: str, needed: dict[str, list[str]]) -> None:
    pack = make_test_pack({path: content})
    assert find_needed(pack, find_components(pack)) == needed


def test_an_exec_bit_needs_consent_whatever_the_file_says() -> None:
    pack = make_test_pack({"hooks/a": "x", "hooks/b": "x"}, executable=("hooks/b",))
    assert find_needed(pack, find_components(pack)) == {"executables": ["hooks/b"]}


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "[" * 100_000, b"\xff"])
def test_settings_that_are_no_object_are_an_error(content: str | bytes) -> None:
    pack = make_test_pack({"settings.json": content})
    with pytest.raises(ClaudepackError, match=r"settings\.json: not (a )?JSON"):
        find_needed(pack, [])
