"""What a pack holds, costs and would do is shown before it is installed."""

from pathlib import Path

from conftest import Tool
from indexes import serve_index
from repositories import commit_all
from trees import AGENT, read_tree, write_pack, write_tree, write_wheel


def test_a_pack_on_an_index_is_shown_and_nothing_is_installed(tool: Tool, project: Path, tmp_path: Path) -> None:
    files = {"hooks/run.sh": "#!/bin/sh\n", "CLAUDE.md": "Always be kind.\n" * 20}
    write_wheel(tmp_path / "w", "corp", "1.0")
    write_wheel(tmp_path / "w", "corp", "1.1", files=files, requires=["claudepack-base>=2", "requests"])
    with serve_index(tmp_path / "w") as url:
        run = tool("show", "corp", "--index-url", url)
        told = tool("show", "corp<1.1", "--index-url", url, "--json").json

    assert run.exit == 0, run.err
    assert run.out.startswith(f"corp 1.1\nfrom {url}: 3 files,")
    assert "adds about 9" in run.out
    assert "requires claudepack-base>=2\n" in run.out
    assert "runs executables: hooks/run.sh" in run.out
    assert "versions: 1.1, 1.0" in run.out
    assert (told["packs"][0]["version"], told["versions"], told["executes"]) == ("1.0", ["1.1", "1.0"], {})
    assert told["session_tokens"] < told["session_tokens"] + told["use_tokens"] < 40
    assert read_tree(project) == {}


def test_a_pack_in_a_repository_and_one_in_an_archive_are_shown(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", version="1.2.0")
    commit = commit_all(pack)
    wheel = write_wheel(tmp_path / "w", "other", "3.0")

    assert f"at {commit[:12]}" in tool("show", f"git+file://{pack}").out
    assert tool("show", wheel).out.startswith("other 3.0\n")
    assert read_tree(project) == {}


def test_what_is_installed_is_shown_as_it_was_installed(tool: Tool, project: Path, tmp_path: Path) -> None:
    (project / "claudepack.toml").write_text('[packs]\ncorp = "==1.0"\n[index]\ndefault = "../w"\n')
    write_wheel(tmp_path / "w", "corp", "1.0")
    tool("sync")
    write_wheel(tmp_path / "w", "corp", "1.1")
    assert tool("show", "corp", "--offline").out.startswith("corp 1.0\n")
    assert tool("show", "corp>1").out.startswith("corp 1.1\n")


def test_every_kind_is_shown_and_every_file_as_a_tree(tool: Tool, tmp_path: Path) -> None:
    skill = {"skills/tidy/SKILL.md": AGENT.format(name="tidy"), "skills/tidy/run.py": "x = 1\n"}
    pack = write_pack(tmp_path / "mine", {**skill, "commands/ship.md": "Ship.\n", "mcp.json": '{"mcpServers": {}}'})

    kinds = {row["kind"] for row in tool("show", pack, "--json").json["components"]}
    run = tool("show", pack, "--tree")

    assert kinds == {"agent", "skill", "command", "MCP servers"}
    assert run.out.splitlines() == [
        "mine 1.0.0",
        "agents/",
        "└── mine.md   agent (59 bytes)",
        "commands/",
        "└── ship.md   command (6 bytes)",
        "mcp.json      MCP servers (18 bytes)",
        "skills/tidy/",
        "├── SKILL.md  skill (59 bytes)",
        "└── run.py    skill (6 bytes)",
    ]


def test_a_tree_has_every_file_however_many_there_are(tool: Tool, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", {f"prompts/p/{number}.md": "x\n" for number in range(60)})

    run = tool("show", pack, "--tree")

    assert all(f" {number}.md " in run.out for number in range(60))


def test_what_is_not_to_be_had_is_told(tool: Tool, project: Path) -> None:
    run = tool("show", "backnd")
    assert run.exit == 2
    assert "did you mean backend?" in run.err
    assert read_tree(project) == {}


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(tool: Tool, tmp_path: Path) -> None:
    files = {
        "agents/own.md": AGENT.format(name="own"),
        "agents/its own.md": "---\nname: x\nname: y\n---\n",
        "skills/s/SKILL.md": "Do.\n",
        "commands/go.md": "Go.\n",
    }

    run = tool("show", write_tree(tmp_path / "there", files))

    assert (run.exit, "agents/own.md" in run.out, "commands/go.md" in run.out) == (0, True, True)
    assert "to install the rest, --exclude 'agents/its own.md'\n" in run.out
    assert "skills/s/SKILL.md:1: there is no frontmatter: to install the rest, --exclude skills/s\n" in run.out
