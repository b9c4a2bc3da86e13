"""Where contexts go: where the project says, where they are, else where they switch no AGENTS.md off."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from claudepack.commands.bases import Bases
from claudepack.commands.options import Mode, Opened
from claudepack.commands.surroundings import choose_place, look_outside
from claudepack.errors import ClaudepackError
from claudepack.project.disk import DiskFile
from claudepack.project.location import find_project
from claudepack.project.lock import EMPTY, Lock, LockedContext, LockedPack
from claudepack.project.manifest import parse_manifest
from claudepack.project.state import Seen
from trees import write_tree

CONTEXT = LockedContext("inline", "CLAUDE.md", "0" * 64, created=True, before="")
INSTALLED = Lock(
    {"mine": LockedPack("claudepack-mine", "1", "", {}, "", (), {}, {}, (), (), CONTEXT, {})},
    (),
)


@pytest.mark.parametrize(
    ("files", "lock", "context", "place"),
    [
        ({}, EMPTY, "", ("", "CLAUDE.md")),
        ({"CLAUDE.md": "mine\n"}, EMPTY, "", ("", "CLAUDE.md")),
        ({".claude/CLAUDE.md": "mine\n"}, EMPTY, "", ("", ".claude/CLAUDE.md")),
        ({"CLAUDE.md": "mine\n", ".claude/CLAUDE.md": "mine\n"}, EMPTY, "", ("", "CLAUDE.md")),
        ({"AGENTS.md": "mine\n"}, EMPTY, "", ("rules", "CLAUDE.md")),
        ({"AGENTS.md": "mine\n", "CLAUDE.md": " \n\n"}, EMPTY, "", ("rules", "CLAUDE.md")),
        ({"AGENTS.md": "mine\n", "CLAUDE.md": "mine\n"}, EMPTY, "", ("", "CLAUDE.md")),
        ({"AGENTS.md": "mine\n"}, EMPTY, "inline", ("inline", "CLAUDE.md")),
        ({"AGENTS.md": "mine\n"}, INSTALLED, "", ("", "CLAUDE.md")),
        ({"../AGENTS.md": "mine\n"}, EMPTY, "", ("rules", "CLAUDE.md")),
        ({"../../AGENTS.md": "mine\n"}, EMPTY, "", ("", "CLAUDE.md")),
    ],
    ids=[
        "nothing there",
        "a CLAUDE.md",
        "an inner one",
        "both",
        "an AGENTS.md",
        "with a blank CLAUDE.md",
        "with a CLAUDE.md",
        "but the manifest says",
        "but one is installed",
        "above, in the repository",
        "above the repository",
    ],
)
def test_a_context_harms_nobody(
    tmp_path: Path, files: Mapping[str, str], lock: Lock, context: str, place: tuple[str, str]
) -> None:
    write_tree(tmp_path, {"top/.git/HEAD": "", "top/project/claudepack.toml": ""})
    root = write_tree(tmp_path / "top/project", files)
    manifest = parse_manifest(f'[project]\ncontext = "{context}"\n' if context else "")

    assert choose_place(find_project(str(root), user=False), manifest, lock) == place


def test_no_look_leads_through_a_link_out_of_the_project_also_where_somebody_looked_before(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "project", {".claude/prompts/x.md": "text\n"})
    path = ".claude/prompts/x.md"
    found, seen = find_project(str(root), user=False), Seen()
    seen.files[path] = DiskFile("0")
    opened = Opened(found, parse_manifest(""), EMPTY, has_manifest=False, lock_bytes=None, seen=seen)
    assert look_outside(opened, Bases(opened, Mode())).look(path, ()) == DiskFile("0")
    (root / ".claude").rename(tmp_path / "elsewhere")
    (root / ".claude").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ClaudepackError, match="outside the project"):
        look_outside(opened, Bases(opened, Mode())).look(path, ())
