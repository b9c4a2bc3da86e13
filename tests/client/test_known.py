"""Which fields and values the client knows is what its own debug log says."""

import re
from pathlib import Path

import pytest

from claude_client import VERSION, ClaudeClient
from claudepack.lint.engine import check_subject
from claudepack.lint.known import FORMER_TOOLS, OBSERVED, TOOLS, VALUES
from claudepack.lint.reading import read_subjects
from claudepack.lint.selection import Selection
from claudepack.pack.fields import FIELDS
from trees import write_tree

pytestmark = pytest.mark.client

# An invalid colour or effort of an agent is dropped without a line in the log.
LOGGED = ("permissionMode", "memory", "isolation", "background")
VALUE_ROWS = [
    *(f"{key}: {value}" for key in LOGGED for value in (*VALUES[key], "nothing", VALUES[key][0].capitalize())),
    *(f"maxTurns: {value}" for value in ("1", '"7"', "0", "-3", "2.5", "many", '"0"')),
]
FIELD_ROWS = [
    *(f"{key}:" for key in sorted(FIELDS["agent"] - {"name", "description"})),
    *(
        f"{key}: x"
        for key in ("category", "tool", "allowed-tools", "version", "max_turns", "Model", "x-y", "when_to_use")
    ),
]


def test_the_client_that_is_named_is_the_one_that_is_asked() -> None:
    assert OBSERVED == VERSION


def write_agents(root: Path, rows: list[str]) -> None:
    head = "---\nname: a{number}\ndescription: d\n{row}\n---\n"
    files = {f"a{number}.md": head.format(number=number, row=row) for number, row in enumerate(rows)}
    write_tree(root / ".claude/agents", files)


def find_named(log: str, pattern: str, rows: list[str]) -> list[str]:
    numbers = {int(match[1]) for match in re.finditer(rf"agents/a(\d+)\.md has {pattern}", log)}
    return [rows[number] for number in sorted(numbers)]


def find_checked(root: Path, codes: tuple[str, ...], rows: list[str]) -> list[str]:
    [subject] = read_subjects(root)
    found = check_subject(subject, Selection(codes))
    return [rows[number] for number in sorted({int(Path(item.path).stem[1:]) for item in found})]


def test_a_tool_that_it_has_is_known(client: ClaudeClient, project: Path) -> None:
    write_tree(project, {".mcp.json": '{"mcpServers": {}}'})

    tools = set(client.loaded(project)["tools"])

    assert len(tools) > 10
    assert tools - TOOLS == set()
    assert not tools & FORMER_TOOLS.keys()


def test_values_that_it_drops_are_those_that_are_found(client: ClaudeClient, tmp_path: Path, project: Path) -> None:
    write_agents(project, VALUE_ROWS)

    dropped = find_named(client.log(project, tmp_path), "invalid", VALUE_ROWS)

    assert len(dropped) > 8
    assert find_checked(project, ("VL003",), VALUE_ROWS) == dropped


def test_fields_that_it_ignores_are_those_that_are_found(client: ClaudeClient, tmp_path: Path, project: Path) -> None:
    write_agents(project, FIELD_ROWS)

    ignored = find_named(client.log(project, tmp_path), "a frontmatter key", FIELD_ROWS)

    assert len(ignored) == 8
    assert find_checked(project, ("FM007", "FM008"), FIELD_ROWS) == ignored
