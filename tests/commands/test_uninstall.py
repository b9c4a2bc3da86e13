"""Taking a pack out where something is in the way: what is left, and how it goes."""

from pathlib import Path

import pytest

from conftest import Tool
from trees import read_tree, write_installed, write_pack


def test_a_block_that_cannot_be_told_apart_stays_until_it_is_mended(tool: Tool, project: Path, tmp_path: Path) -> None:
    tool("install", write_pack(tmp_path / "mine", {"CLAUDE.md": "Context.\n"}))
    claude_md = project / "CLAUDE.md"
    text = claude_md.read_text()
    claude_md.write_text(text + "<!-- claudepack:begin mine -->\n")

    run = tool("uninstall", "mine")

    assert (run.exit, "mend what is named above" in run.out) == (3, True)
    refused = tool("sync")
    assert (refused.exit, "claudepack uninstall mine" in refused.err) == (2, True)
    claude_md.write_text(text)
    assert tool("uninstall", "mine").exit == 0
    assert read_tree(project) == {}


def test_a_pack_of_any_version_is_taken_out_as_any_other(tool: Tool, project: Path) -> None:
    write_installed(project, {"prompts/p/a.md": "one\n"}, version="1.0.0")
    manifest = project / "claudepack.toml"
    manifest.write_text('[packs]\nmine = ""\n')
    assert tool("sync").exit == 0
    manifest.write_text("[packs]\n")

    run = tool("sync")

    assert (run.exit, (project / ".claude").exists()) == (0, False), run.err


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("", "2 deleted; claudepack.toml and claudepack.lock taken out, too"),
        ('\n[variables]\nlanguage = "Go"\n', "2 deleted; claudepack.lock taken out, too; claudepack.toml stays"),
    ],
)
def test_what_became_of_manifest_and_lock_is_told(
    tool: Tool, project: Path, tmp_path: Path, kept: str, said: str
) -> None:
    tool("install", write_pack(tmp_path / "mine", {"prompts/p/a.md": "one\n"}))
    manifest = project / "claudepack.toml"
    manifest.write_text(manifest.read_text() + kept)

    assert f"would be: {said}\n" in tool("uninstall", "mine", "--dry-run").out
    assert f"\n{said}\n" in tool("uninstall", "mine").out
    assert (manifest.exists(), (project / "claudepack.lock").exists()) == (bool(kept), False)
