"""`check` says that an agent will not load exactly where the real client does not list it."""

from pathlib import Path

import pytest

from agent_files import FILES, NOT_LISTED, name_file
from claude_client import ClaudeClient
from claudepack.lint.engine import check_subject
from claudepack.lint.facts import find_facts
from claudepack.lint.mending import mend_subject
from claudepack.lint.reading import read_subjects
from claudepack.lint.selection import Selection
from claudepack.lint.subject import Text
from trees import write_tree

pytestmark = pytest.mark.client

# The rules that say so; other errors are about what is lost, or harmful, in an agent that is there.
NOT_LOADED = {
    "FM001",
    "FM002",
    "FM004",
    "FM005",
    "FM011",
    "FM012",
    "FM013",
    "NM002",
    "NM003",
    "EN002",
    "SZ005",
}


def write_agents(root: Path, files: dict[str, str | bytes]) -> dict[str, str]:
    """Each in a folder of its own, so that no name has to be fit for a file; the names by path."""
    paths: dict[str, str] = {}
    for number, (name, content) in enumerate(files.items()):
        data = content if isinstance(content, bytes) else content.replace("{name}", name).encode()
        path = f".claude/agents/{number:03}/{name_file(name)}"
        write_tree(root, {path: data})
        paths[path] = name
    return paths


def test_what_check_says_does_not_load_is_what_the_client_does_not_list(client: ClaudeClient, tmp_path: Path) -> None:
    assert len(FILES) >= 60
    paths = write_agents(tmp_path, FILES)
    write_tree(tmp_path, {".mcp.json": '{"mcpServers": {}}'})
    listed = set(client.loaded(tmp_path)["agents"])

    assert set(FILES) - listed == NOT_LISTED, "what is recorded is what the client does"
    [subject] = read_subjects(tmp_path)
    errors = [finding for finding in check_subject(subject) if finding.code in NOT_LOADED]
    refused = {finding.path for finding in errors}
    loads = {file.shown: find_facts(Text(file)).loads for file in subject.files.values()}

    wrong = [
        f"{name!r}: {'listed' if name in listed else 'not listed'}, {'refused' if path in refused else 'passed'}"
        for path, name in paths.items()
        if (name in listed) == (path in refused)
    ]
    assert not wrong, "\n".join(wrong)
    assert {path for path, value in loads.items() if not value} == refused
    assert {finding.severity for finding in errors} == {"error"}


def test_what_is_mended_is_listed(client: ClaudeClient, tmp_path: Path) -> None:
    write_tree(tmp_path, {".mcp.json": '{"mcpServers": {}}'})
    paths = write_agents(tmp_path, FILES)
    [subject] = read_subjects(tmp_path)
    before = {file.shown: find_facts(Text(file)).loads for file in subject.files.values()}

    mended = mend_subject(subject, check_subject(subject), Selection())
    for item in mended:
        assert item.file.real
        item.file.real.write_bytes(item.new)
    listed = set(client.loaded(tmp_path)["agents"])

    [again] = read_subjects(tmp_path)
    after = {file.shown: find_facts(Text(file)).loads for file in again.files.values()}
    loaded = {paths[item.file.shown] for item in mended if after[item.file.shown]}
    assert {paths[item.file.shown] for item in mended} & listed == loaded
    assert len(loaded) > 20
    assert sum(after[item.file.shown] and not before[item.file.shown] for item in mended) > 5


def test_what_is_too_large_is_what_the_client_skips(client: ClaudeClient, tmp_path: Path) -> None:
    head = "---\nname: {name}\ndescription: Is long.\n---\n"
    write_tree(tmp_path, {".mcp.json": '{"mcpServers": {}}'})
    for kind, path, bound in (
        ("agents", ".claude/agents/{name}.md", 1 << 20),
        ("slash_commands", ".claude/commands/{name}.md", 1 << 20),
        ("skills", ".claude/skills/{name}/SKILL.md", 1_000_000),
    ):
        for name, size in ((f"{kind}-fits", bound), (f"{kind}-over", bound + 1)):
            write_tree(tmp_path, {path.format(name=name): head.format(name=name).ljust(size, "x")})
    write_tree(tmp_path / ".claude/rules", {"fits.md": "x" * (4 << 20), "over.md": "x" * ((4 << 20) + 1)})

    loaded = client.loaded(tmp_path)
    memory = client.context(tmp_path).text
    [subject] = read_subjects(tmp_path)
    told = {item.path for item in check_subject(subject, Selection(("SZ005",)))}

    for kind in ("agents", "slash_commands", "skills"):
        assert [f"{kind}-{size}" in loaded[kind] for size in ("fits", "over")] == [True, False]
    assert [f"rules/{size}.md" in memory for size in ("fits", "over")] == [True, False]
    assert told == {file.shown for file in subject.files.values() if "over" in file.shown}


def test_settings_that_are_too_large_are_not_read(client: ClaudeClient, tmp_path: Path) -> None:
    fits, over = write_tree(tmp_path, {}) / "fits", tmp_path / "over"
    for folder, size in ((fits, 2 << 20), (over, (2 << 20) + 1)):
        write_tree(folder, {".claude/settings.json": "{}".ljust(size)})

    assert "exceeds maxBytes" not in client.doctor(fits)
    assert "exceeds maxBytes" in client.doctor(over)
    assert [item.code for item in check_subject(read_subjects(fits)[0])] == []
    assert [item.code for item in check_subject(read_subjects(over)[0])] == ["SZ005"]
