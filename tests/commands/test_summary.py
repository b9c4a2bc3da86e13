"""What a run says of itself: programs are told all that people are."""

from pathlib import Path

from conftest import Tool
from trees import write_pack, write_tree


def test_the_json_object_names_where_what_made_room_lies(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_tree(project, {".claude/agents/mine.md": "mine\n"})

    run = tool("install", write_pack(tmp_path / "mine"), "--replace", "--json")

    [notice] = run.json["notices"]
    assert notice == ".claude/agents/mine.md: yours lies in .claudepack/replaced/.claude/agents/mine.md"


def test_many_programs_are_told_by_their_folder_and_what_is_more_than_a_path_in_full(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "mine", {f"hooks/{number}.sh": "#!/bin/sh\n" for number in range(9)})
    for script in (pack / "hooks").iterdir():
        script.chmod(0o755)

    run = tool("install", pack, "--allow", "executables")

    assert [line for line in run.out.splitlines() if " runs " in line] == [
        "mine runs executables: 9 programs in hooks/"
    ]
    assert (project / ".claude/hooks/8.sh").is_file()
