"""What a run says of itself: programs are told all that people are."""

from pathlib import Path

from conftest import Tool
from trees import write_pack, write_tree


def test_the_json_object_names_where_what_made_room_lies(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {".claude/agents/mine.md": "mine\n"})

    run = tool("install", write_pack(tmp_path / "mine"), "--replace", "--json")

    [notice] = run.json["notices"]
    assert notice == ".claude/agents/mine.md: yours lies in .claudepack/replaced/.claude/agents/mine.md"
