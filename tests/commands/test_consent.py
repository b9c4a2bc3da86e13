"""What would be executed is installed only where it was allowed, and the manifest says so."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_pack

NEEDS = {
    "hooks": {"agents/h.md": "---\nname: h\ndescription: d\nhooks:\n  Stop: []\n---\n"},
    "mcp": {"agents/m.md": "---\nname: m\ndescription: d\nmcpServers:\n  - x\n---\n"},
    "permissions": {"agents/p.md": "---\nname: p\ndescription: d\npermissionMode: bypassPermissions\n---\n"},
    "executables": {"hooks/run.sh": "#!/bin/sh\ntrue\n"},
}


@pytest.mark.parametrize(("kind", "files"), NEEDS.items())
def test_each_kind_is_asked_for_by_name(
    tool: Tool, project: Path, tmp_path: Path, kind: str, files: dict[str, str | bytes]
) -> None:
    pack = write_pack(tmp_path / "mine", files)

    refused = tool("install", pack)
    assert refused.exit == 2
    assert f"--allow {kind}" in refused.err
    assert read_tree(project) == {}

    assert tool("install", pack, "--allow", kind).exit == 0
    assert f'allow = ["{kind}"]' in (project / "claudepack.toml").read_text()
    assert (project / ".claude" / next(iter(files))).is_file()


def test_what_is_left_out_needs_no_consent(tool: Tool, project: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "mine", NEEDS["executables"])
    (project / "claudepack.toml").write_text('[packs]\nmine = { path = "../mine", exclude = ["hooks"] }\n')

    assert tool("sync").exit == 0
    assert not (project / ".claude/hooks").exists()


def test_the_exec_bit_lands_without_the_others(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine", NEEDS["executables"])
    (pack / "hooks/run.sh").chmod(0o4755)

    assert tool("install", pack, "--allow", "executables").exit == 0

    mode = (project / ".claude/hooks/run.sh").stat().st_mode & 0o7777
    assert mode & 0o100
    assert not mode & 0o7000
