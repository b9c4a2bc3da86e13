"""The judge: what the real client has loaded after an install, and no longer after an uninstall."""

import subprocess
from pathlib import Path

import pytest

from claude_client import ClaudeClient, agent_description
from claudepack.pack.frontmatter import read_document
from conftest import Tool
from trees import write_pack, write_tree

pytestmark = pytest.mark.client

# As owners have them: one line that is no strict YAML, line breaks as two characters, a body once misread.
LOOSE_START = (
    "Use this agent for whatever runs on a server: it plans, builds and mends. It is of use when a team needs an "
    "interface between programs, a place for data, or a way to know who is calling.\\n\\nExamples:\\n"
)
LOOSE_EXAMPLE = (
    '- <example>\\nuser: "It is slow"\\nassistant: "I will have it look: one query at a time."\\n</example>\\n'
)
LOOSE_DESCRIPTION = LOOSE_START + LOOSE_EXAMPLE * 14
LOOSE_HEAD = f"name: backend-engineer\ndescription: {LOOSE_DESCRIPTION}\nmodel: sonnet\ncolor: blue"
LOOSE_AGENT = f"---\n{LOOSE_HEAD}\n---\n\n## ðŸ”„ Load\n"


@pytest.fixture
def repository(project: Path) -> Path:
    subprocess.run(["git", "init", "-q", "."], cwd=project, check=True)
    (project / "src/deep").mkdir(parents=True)
    return project


@pytest.mark.parametrize("start", [".", "src/deep"])
def test_agent_description_and_context_arrive_whole(
    client: ClaudeClient, tool: Tool, repository: Path, start: str
) -> None:
    assert tool("install", "backend").exit == 0

    context, request = client.context(repository / start), client.request(repository / start)

    agent = read_document((repository / ".claude/agents/backend-engineer.md").read_bytes(), "agent").metadata
    body = (repository / "CLAUDE.md").read_text().split("-->\n")[1].split("<!--")[0].strip()
    assert context.agents["backend-engineer"][0] == "Project"
    assert agent_description(request, "backend-engineer") == agent["description"]
    assert body in request
    assert "claudepack:begin" not in request


def test_it_costs_little(client: ClaudeClient, tool: Tool, repository: Path) -> None:
    tool("install", "backend")

    context = client.context(repository)

    assert context.agents["backend-engineer"][1] <= 500
    assert 0 < sum(context.memory.values()) <= 350


@pytest.mark.parametrize("start", [".", "src/deep"])
def test_an_agents_md_stays_loaded_beside_the_context(
    client: ClaudeClient, tool: Tool, repository: Path, start: str
) -> None:
    write_tree(repository, {"AGENTS.md": "# Agents\n\nThe sentinel is MARMALADE.\n"})
    assert tool("install", "backend").exit == 0

    request = client.request(repository / start)

    assert not (repository / "CLAUDE.md").exists()
    assert "MARMALADE" in request
    assert (repository / ".claude/rules/claudepack-backend.md").read_text().strip() in request


def test_after_uninstall_all_of_it_is_gone(client: ClaudeClient, tool: Tool, repository: Path) -> None:
    tool("install", "backend")
    tool("uninstall", "backend")

    context = client.context(repository)

    assert context.agents == {}
    assert context.memory == {}


def test_an_agent_as_its_owner_has_it_is_listed_and_whole(
    client: ClaudeClient, tool: Tool, repository: Path, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "seed", {"agents/backend-engineer.md": LOOSE_AGENT}, name="seed", agent=False)
    assert tool("install", pack).exit == 0

    assert (repository / ".claude/agents/backend-engineer.md").read_text() == LOOSE_AGENT
    assert "backend-engineer" in client.context(repository).agents
    told = agent_description(client.request(repository), "backend-engineer")
    assert told.strip() == LOOSE_DESCRIPTION.replace("\\n", "\n").strip()


def test_user_scope_serves_every_repository(client: ClaudeClient, tool: Tool, repository: Path) -> None:
    assert tool("install", "backend", "--user").exit == 0

    assert client.context(repository, home=Path.home()).agents["backend-engineer"][0] == "User"
