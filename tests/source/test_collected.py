"""The version of what has none is that of the commit that changed it last."""

import json
import re
from pathlib import Path

import pytest

from claudepack.source.collected import find_commit_version, read_collected
from repositories import commit_all
from trees import AGENT, write_tree


def test_it_names_the_commit_that_changed_the_place_and_not_a_later_one(tmp_path: Path) -> None:
    write_tree(tmp_path, {"team/own.md": AGENT.format(name="own"), "other": "1"})
    first = commit_all(tmp_path)
    write_tree(tmp_path, {"other": "2"})
    second = commit_all(tmp_path)

    assert find_commit_version(tmp_path / "team") == f"0+g{first[:12]}"
    assert find_commit_version(tmp_path / "team/own.md") == f"0+g{first[:12]}"
    assert find_commit_version(tmp_path) == f"0+g{second[:12]}"
    assert read_collected(tmp_path / "team", "there")[0].version == f"0+g{first[:12]}"


@pytest.mark.parametrize("where", [".", "absent.md"])
def test_what_lies_in_no_repository_or_is_not_committed_has_none(tmp_path: Path, where: str) -> None:
    write_tree(tmp_path, {"own.md": AGENT.format(name="own")})
    assert find_commit_version(tmp_path / where) == "0"

    commit_all(tmp_path)
    write_tree(tmp_path, {"new/own.md": AGENT.format(name="own")})
    assert find_commit_version(tmp_path / "new") == "0"
    assert re.fullmatch(r"0\+g[0-9a-f]{12}", find_commit_version(tmp_path))


def test_what_a_hook_has_set_for_its_own_repository_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(tmp_path / "in", {"own.md": ""})
    commit = commit_all(tmp_path / "in")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))

    assert find_commit_version(tmp_path / "in") == f"0+g{commit[:12]}"


def test_a_plugin_of_a_marketplace_has_the_version_of_its_own_folder(tmp_path: Path) -> None:
    plugins = [{"name": "box", "source": "./box"}, {"name": "bag", "source": "./bag"}]
    manifest = json.dumps({"name": "shop", "owner": {"name": "x"}, "plugins": plugins})
    write_tree(tmp_path, {".claude-plugin/marketplace.json": manifest, "box/agents/own.md": AGENT.format(name="own")})
    write_tree(tmp_path, {"bag/agents/other.md": AGENT.format(name="other")})
    first = commit_all(tmp_path)
    write_tree(tmp_path, {"bag/agents/other.md": AGENT.format(name="another")})
    second = commit_all(tmp_path)

    versions = [read_collected(tmp_path, "there", name)[0].version for name in ("box", "bag")]

    assert versions == [f"0+g{first[:12]}", f"0+g{second[:12]}"]
