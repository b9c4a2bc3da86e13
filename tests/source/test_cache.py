"""Whatever happens to the cache, it gives the right bytes or none."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from claudepack.pack.tree import Pack
from claudepack.source.cache import find_kept, keep_pack, list_kept, locate_cache
from packs_in_memory import make_test_pack
from trees import AGENT, read_tree, write_pack

FILES: dict[str, str | bytes] = {
    "agents/mine.md": AGENT.format(name="mine"),
    "prompts/p/a.dat": b"\0\xff" * 5000,
    "CHANGELOG.md": "# 1.0\n",
}
PACK = make_test_pack(FILES, version="1.2.0", requires=("claudepack-other>=1",), executable=("prompts/p/a.dat",))
OTHER = make_test_pack({"agents/mine.md": AGENT.format(name="mine") + "\nMore.\n"})


def _kept(pack: Pack = PACK) -> Path:
    return locate_cache() / "packs" / pack.name / f"{pack.digest}.zip"


def _contents(pack: Pack) -> dict[str, tuple[bytes, bool]]:
    files = [*pack.files.values(), *pack.meta.values()]
    return {file.path: (file.read(), file.executable) for file in files}


def test_a_pack_that_is_kept_comes_back_whole() -> None:
    keep_pack(PACK)

    found = find_kept("mine", PACK.digest)

    assert found is not None
    assert (found.identity, _contents(found)) == (PACK.identity, _contents(PACK))


def test_nothing_is_kept_before_and_nothing_else_beside() -> None:
    assert find_kept("mine", PACK.digest) is None
    assert list_kept("mine") == []
    keep_pack(PACK)
    keep_pack(PACK)
    assert list(read_tree(locate_cache())) == [f"packs/mine/{PACK.digest}.zip"]


def test_what_was_used_last_is_listed_first() -> None:
    for pack, time in ((PACK, 1), (OTHER, 2)):
        keep_pack(pack)
        os.utime(_kept(pack), (time, time))
    assert list_kept("mine") == [OTHER.digest, PACK.digest]

    keep_pack(PACK)

    assert list_kept("mine") == [PACK.digest, OTHER.digest]


def _archive(comment: bytes, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.comment = comment
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _deflated_with_a_fault() -> bytes:
    data = bytearray(_archive(json.dumps(PACK.identity._asdict()).encode(), {"a.md": b"x" * 99}, zipfile.ZIP_DEFLATED))
    data[34:37] = b"\xff\xff\xff"
    return bytes(data)


def _damage(how: str, path: Path) -> None:
    """Put something else in the place of a kept pack."""
    identity = json.dumps(PACK.identity._asdict()).encode()
    whole = path.read_bytes()
    keep_pack(OTHER)
    contents = {
        "empty": b"",
        "cut off": whole[:-30],
        "cut off early": whole[:100],
        "a bit turned": whole.replace(b"You do", b"You dO"),
        "no archive": b"no archive\n" * 50,
        "another pack": _kept(OTHER).read_bytes(),
        "no identity": _archive(b"", {}),
        "half an identity": _archive(b'{"name": "mine"}', {}),
        "an identity of another shape": _archive(b'["requires"]', {}),
        "an identity of other types": _archive(b'{"requires": 7}', {}),
        "a deflated member with a fault": _deflated_with_a_fault(),
        "a hostile member": _archive(identity, {"../../agents/x.md": b"x"}),
    }
    if how == "a link to nothing":
        path.unlink()
        path.symlink_to("nowhere")
    else:
        path.write_bytes(contents[how])


DAMAGES = (
    *("empty", "cut off", "cut off early", "a bit turned", "no archive", "another pack", "a link to nothing"),
    *("no identity", "half an identity", "an identity of another shape", "an identity of other types"),
    *("a deflated member with a fault", "a hostile member"),
)


@pytest.mark.parametrize("how", DAMAGES)
def test_what_is_damaged_is_not_believed_and_the_next_run_keeps_it_anew(how: str) -> None:
    keep_pack(PACK)
    _damage(how, _kept())
    assert find_kept("mine", PACK.digest) is None

    keep_pack(PACK)
    _damage(how, _kept())
    keep_pack(PACK)

    found = find_kept("mine", PACK.digest)
    assert found is not None
    assert _contents(found) == _contents(PACK)


@pytest.mark.parametrize("name", ["../mine", "", ".", "..", "Mine", "mine/../mine", "/etc", "mine\n", "mine\0"])
def test_a_name_from_a_hostile_lock_names_no_file(name: str) -> None:
    keep_pack(PACK)

    assert find_kept(name, PACK.digest) is None
    assert list_kept(name) == []
    assert list_kept("mine") == [PACK.digest]


@pytest.mark.parametrize("digest", ["", "../../x", "x" * 64, "A" * 64, PACK.digest + "\n", "*", "/etc/passwd"])
def test_a_digest_from_a_hostile_lock_names_no_file(digest: str) -> None:
    keep_pack(PACK)
    (locate_cache() / "x.zip").write_bytes(_kept().read_bytes())

    assert find_kept("mine", digest) is None
    assert (locate_cache() / "x.zip").exists()


def test_a_directory_in_its_place_is_not_believed_either() -> None:
    _kept().mkdir(parents=True)

    assert find_kept("mine", PACK.digest) is None
    with pytest.raises(IsADirectoryError):
        keep_pack(PACK)


def test_a_cache_that_cannot_be_written_says_so_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.devnull)

    with pytest.raises(NotADirectoryError):
        keep_pack(PACK)
    assert find_kept("mine", PACK.digest) is None
    assert list_kept("mine") == []


AT_ONCE = """
from claudepack.pack.directory import read_directory
from claudepack.source.cache import find_kept, keep_pack, list_kept
import pathlib, sys
pack = read_directory(pathlib.Path(sys.argv[1]), "mine")
for _ in range(20):
    keep_pack(pack)
    assert find_kept("mine", pack.digest) is not None
    assert list_kept("mine") == [pack.digest]
"""


def test_many_processes_at_once_find_it_whole(tmp_path: Path) -> None:
    root = write_pack(tmp_path / "mine", {"prompts/p/a.dat": b"\0\xff" * 50_000})
    runs = [subprocess.Popen([sys.executable, "-c", AT_ONCE, str(root)]) for _ in range(4)]

    assert [run.wait(timeout=120) for run in runs] == [0] * 4
    assert len(read_tree(locate_cache())) == 1
