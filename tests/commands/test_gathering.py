"""The packs of a run are looked at before anything is made of them, and whoever is at fault is told what to do."""

import argparse
import os
import shutil
from pathlib import Path

import pytest

from claudepack.commands.bases import Bases
from claudepack.commands.finding import Search
from claudepack.commands.gathering import gather_packs
from claudepack.commands.options import Mode, open_project
from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.project.manifest import parse_manifest
from claudepack.source.cache import find_kept, keep_pack
from claudepack.source.places import Found
from packs_in_memory import make_test_pack
from trees import AGENT


def _gather(project: Path, found: Found) -> None:
    opened = open_project(argparse.Namespace(project=str(project), user=False))
    search = Search(opened, parse_manifest('[packs]\nmine = ">=1"\n'), Mode(), {"mine": found})
    gather_packs(search, Bases(opened, Mode()))


@pytest.mark.parametrize(
    ("manifest", "way_out"),
    [("[packs]\n", "--exclude agents/a.md;"), ('[packs]\nmine = ">=1"\n', "claudepack exclude mine agents/a.md;")],
)
def test_a_pack_that_is_broken_may_be_installed_in_part(project: Path, manifest: str, way_out: str) -> None:
    (project / "claudepack.toml").write_text(manifest)
    with pytest.raises(ClaudepackError, match=r"agents/a\.md") as caught:
        _gather(project, Found(make_test_pack({"agents/a.md": "no frontmatter\n"}), {}, "a test"))

    assert f"leave out what is broken: {way_out}" in caught.value.hint


def test_nothing_of_a_pack_is_broken_whose_cache_is_emptied_or_damaged_meanwhile(project: Path) -> None:
    pack = make_test_pack({"agents/a.md": AGENT.format(name="a")})
    keep_pack(pack)
    kept = find_kept("mine", pack.digest)
    assert kept is not None
    [path] = (Path.home() / ".cache/claudepack/packs/mine").iterdir()
    with path.open("r+b") as stream:
        shutil.rmtree(Path.home() / ".cache/claudepack")
        _gather(project, Found(kept, {}, "the cache"))
        stream.seek(-2, os.SEEK_END)
        stream.write(b"?")

    with pytest.raises(IntegrityError) as caught:
        _gather(project, Found(kept, {}, "the cache"))

    assert caught.value.hint.startswith("run this again")
