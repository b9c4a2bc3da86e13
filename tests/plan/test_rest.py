"""A pack that is what was installed is left alone: what counts is its version, its bytes and its exec bits."""

from collections.abc import Mapping

import pytest

from claudepack.pack.components import find_components
from claudepack.pack.parts import take_part
from claudepack.pack.tree import Pack
from claudepack.plan.rest import is_locked
from claudepack.plan.wanted import want_pack
from claudepack.project.lock import LockedPack
from claudepack.project.manifest import parse_manifest
from packs_in_memory import make_test_pack

FILES = {"hooks/plain": "z", "prompts/p/a.md": "a", "hooks/run.sh": "x", "hooks/old.sh": "y"}
MANIFEST = parse_manifest('[packs]\nmine = {version = ">=1", exclude = ["hooks/old.sh"]}')


def _make(files: Mapping[str, str] = FILES, *, version: str = "1.0.0", bits: str = "hooks/run.sh hooks/old.sh") -> Pack:
    return make_test_pack(files, version=version, executable=tuple(bits.split()))


def _lock(pack: Pack) -> LockedPack:
    entry = MANIFEST.packs["mine"]
    part = take_part(pack, find_components(pack), entry.only, entry.exclude)
    want = want_pack(part, entry, MANIFEST, ".claude/", {"kind": "bundled"})
    return want.entry._replace(files={path: file.sha256 for path, file in want.files.items()})


@pytest.mark.parametrize(
    ("pack", "rests"),
    [
        (_make(), True),
        (_make(version="1.0.1"), False),
        (_make({**FILES, "prompts/p/a.md": "b"}), False),
        (_make({**FILES, "prompts/p/b.md": "b"}), False),
        (_make({"hooks/run.sh": "x", "hooks/old.sh": "y"}), False),
        (_make(bits="hooks/old.sh"), False),
        (_make(bits="hooks/run.sh hooks/old.sh hooks/plain"), False),
        (_make(bits="hooks/run.sh hooks/old.sh prompts/p/a.md"), True),  # a text has no bit anywhere
        (_make(bits="hooks/run.sh"), True),  # what is left out has no bit here
    ],
)
def test_a_pack_rests_while_it_is_what_was_installed(pack: Pack, *, rests: bool) -> None:
    assert is_locked(pack, _lock(_make()), ".claude/") == rests
