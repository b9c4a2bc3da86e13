"""ST, the second half: MCP servers that the client does not load."""

from collections.abc import Iterator

from claudepack.errors import ClaudepackError
from claudepack.lint.client_files import SERVERS, advise, point, point_at, say, validate
from claudepack.lint.client_schema import RESERVED_SERVERS
from claudepack.lint.fault import Fault
from claudepack.lint.registry import text_rule
from claudepack.lint.subject import Text


@text_rule("ST009", "server-not-loaded", "error")
def find_dropped_servers(text: Text) -> Iterator[Fault]:
    """An MCP server has neither a command nor a URL with its type, or another value of a wrong kind.

    Why:
        The client leaves it out, and its tools are not there. A URL needs a type: without one, a command is looked for.

    Bad:
        mcp.json:
            {"mcpServers": {"issues": {"url": "https://example.org/mcp"}}}

    Good:
        mcp.json:
            {"mcpServers": {
              "issues": {"type": "http", "url": "https://example.org/mcp"},
              "files": {"command": "npx", "args": ["-y", "files@1.2.3"], "env": {"ROOT": "${HOME}"}}
            }}
    """
    for error, node in validate(text):
        if text.path == SERVERS:
            hint = advise(error)
            if "url" in node.members and "type" not in node.members:
                hint = 'add "type": "http", or "sse"'
            yield point_at(text, node, f"{say(error)}, so the client does not load it", hint)


@text_rule("ST010", "reserved-server", "error")
def find_reserved(text: Text) -> Iterator[Fault]:
    """An MCP server has a name that the client keeps for its own.

    Why:
        The client does not load it.

    Bad:
        mcp.json:
            {"mcpServers": {"workspace": {"command": "npx"}}}

    Good:
        mcp.json:
            {"mcpServers": {"my-workspace": {"command": "npx"}}}
    """
    if text.path == SERVERS and not isinstance(text.json, ClaudepackError):
        servers = text.json[1].members.get("mcpServers")
        for name, (start, _) in servers[1].members.items() if servers else ():
            if name in RESERVED_SERVERS:
                what = f"the client keeps the name {name!r} for a server of its own, and does not load this one"
                yield point(text, start, len(name) + 2, what, "rename it")
