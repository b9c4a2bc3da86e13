"""What the cache gives is the pack that was kept, byte for byte, or nothing."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import BinaryIO

import pytest

from claudepack.errors import IntegrityError
from claudepack.pack.tree import Pack
from claudepack.source.cache import find_kept, keep_pack, list_kept, locate_cache, open_kept
from claudepack.source.cache_room import clean
from packs_in_memory import make_test_pack
from trees import read_tree, write_pack

FILES: dict[str, str | bytes] = {
    "agents/a.md": "---\nname: a\ndescription: d\n---\n",
    "hooks/run.sh": "#!/bin/sh\n",
    "prompts/p/binary": bytes(range(256)) * 40,
    "prompts/p/empty.md": "",
    "pack.toml": "format = 1\n",
    "CHANGELOG.md": "# Changelog\n",
}


@pytest.fixture
def pack() -> Pack:
    return make_test_pack(FILES, requires=("claudepack-base>=1",), executable=("hooks/run.sh",))


@pytest.fixture
def kept(pack: Pack) -> Path:
    """The one file that keeps it."""
    keep_pack(pack)
    [file] = [path for path in locate_cache().rglob("*") if path.is_file()]
    return file


def test_a_pack_comes_out_as_it_went_in(pack: Pack, kept: Path) -> None:
    found = find_kept("mine", pack.digest)

    assert kept.is_file()
    assert found is not None
    assert (found.identity, found.digest, found.settings) == (pack.identity, pack.digest, pack.settings)
    for files, others in ((found.files, pack.files), (found.meta, pack.meta)):
        assert {path: (file.read(), file.executable) for path, file in files.items()} == {
            path: (file.read(), file.executable) for path, file in others.items()
        }


@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_a_file_is_read_in_pieces_to_its_own_end(pack: Pack, kept: Path, size: int) -> None:
    found = find_kept("mine", pack.digest)
    assert found is not None
    assert kept.is_file()

    with found.files["prompts/p/binary"].open() as stream:
        pieces = list(iter(lambda: stream.read(size), b""))

    assert b"".join(pieces) == FILES["prompts/p/binary"]


def test_what_was_used_last_is_listed_first(pack: Pack) -> None:
    newer = make_test_pack({**FILES, "agents/b.md": "b"}, version="2.0")
    keep_pack(pack)
    keep_pack(newer)
    for file in locate_cache().rglob("*.pack"):
        os.utime(file, (0, 0))
    keep_pack(pack)

    assert list_kept("mine") == [pack.digest, newer.digest]
    assert list_kept("other") == list_kept("../mine") == []


def _cut(data: bytes) -> bytes:
    return data[:-20]


def _flip(data: bytes) -> bytes:
    return data.replace(b"name: a", b"name: b")


def _say_otherwise(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\n")
    said = json.loads(head)
    said["identity"]["name"] = "other"
    return json.dumps(said).encode() + b"\n" + rest


def _climb(data: bytes) -> bytes:
    return data.replace(b"prompts/p/empty.md", b"prompts/../empty.md")


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _flip,
        _say_otherwise,
        _climb,
        lambda _: b"",
        lambda _: b"\0\xff",
        lambda _: b"[]\n",
        lambda _: b"{}\n",
        lambda _: b"[" * 100_000,
        lambda data: data.replace(b'"files": [', b'"files": [7, '),
        lambda data: data.replace(b'"agents/a.md", "', b'"agents/a.md", 7, "'),
        lambda data: re.sub(rb'("agents/a.md", "\w+"), (\d+)', rb"\1, -\2", data),
        lambda data: re.sub(rb'("agents/a.md", "\w+"), ', rb"\1, 1" + b"0" * 30, data),
        lambda data: data.replace(b'"requires": [', b'"requires": 7, "x": ['),
    ],
)
def test_what_is_no_longer_the_pack_is_not_believed_and_goes(pack: Pack, kept: Path, spoil: object) -> None:
    assert callable(spoil)
    spoiled = spoil(kept.read_bytes())

    kept.write_bytes(spoiled)
    assert open_kept("mine", pack.digest) is None or spoil is _flip
    assert not kept.exists() or spoil is _flip

    kept.write_bytes(spoiled)
    assert find_kept("mine", pack.digest) is None
    assert not kept.exists()


@pytest.mark.parametrize("spoil", [_cut, _flip, lambda _: b""])
def test_what_is_damaged_is_kept_anew_by_the_next_run(pack: Pack, kept: Path, spoil: object) -> None:
    assert callable(spoil)
    whole = kept.read_bytes()
    kept.write_bytes(spoil(whole))

    keep_pack(pack)

    assert kept.read_bytes() == whole


@pytest.mark.parametrize("size", [40, 1 << 20, (1 << 20) + 1])
def test_of_what_is_damaged_no_wrong_byte_is_read(size: int) -> None:
    pack = make_test_pack({**FILES, "prompts/p/b.dat": b"name: b" + bytes(size - 7)})
    keep_pack(pack)
    [kept] = locate_cache().rglob("*.pack")
    kept.write_bytes(_flip(kept.read_bytes()).replace(b"name: b\0", b"name: c\0"))

    found = open_kept("mine", pack.digest)

    assert found is not None
    assert found.pack.files["hooks/run.sh"].read() == b"#!/bin/sh\n"
    for path in ("agents/a.md", "prompts/p/b.dat"):
        with pytest.raises(IntegrityError, match=r"no longer holds the bytes"):
            found.pack.files[path].open()


def test_what_is_kept_is_known_with_all_that_is_known_of_its_files(pack: Pack) -> None:
    keep_pack(pack)

    found = open_kept("mine", pack.digest)

    assert found is not None
    for files, others in ((found.pack.files, pack.files), (found.pack.meta, pack.meta)):
        assert [file._replace(open=others[path].open) for path, file in files.items()] == [*others.values()]


def _say(kept: Path, **said: object) -> None:
    """Let the first line of what is kept say something else."""
    head, _, rest = kept.read_bytes().partition(b"\n")
    kept.write_bytes(json.dumps({**json.loads(head), **said}).encode() + b"\n" + rest)


@pytest.mark.parametrize("size", [40, (1 << 20) + 1])
def test_a_file_that_another_run_puts_in_its_place_has_the_same_bytes(size: int) -> None:
    files = {**FILES, "prompts/p/b.dat": bytes(size)}
    pack = make_test_pack(files)
    keep_pack(pack)
    [kept] = locate_cache().rglob("*.pack")
    found = find_kept("mine", pack.digest)
    assert found is not None

    kept.unlink()  # as `cache clean` does
    keep_pack(make_test_pack({**files, "CHANGELOG.md": "# Another\n" * 9}, version="1.0.0.post1"), passed=True)

    assert {path: file.read() for path, file in found.files.items()} == {
        path: file.read() for path, file in pack.files.items()
    }
    assert found.meta["pack.toml"].read() == b"format = 1\n"


@pytest.mark.parametrize("size", [40, (1 << 20) + 1])
def test_what_another_run_removes_is_to_be_had_for_as_long_as_somebody_reads_it(size: int) -> None:
    pack = make_test_pack({**FILES, "prompts/p/b.dat": bytes(size)})
    keep_pack(pack)
    found, opened = find_kept("mine", pack.digest), open_kept("mine", pack.digest)
    assert found is not None
    assert opened is not None

    clean()

    assert find_kept("mine", pack.digest) is None
    for late in (found, opened.pack):
        assert {path: file.read() for path, file in late.files.items()} == {
            path: file.read() for path, file in pack.files.items()
        }


def test_any_number_of_readers_hold_one_file_open_and_only_while_they_read(pack: Pack, kept: Path) -> None:
    def count() -> int:
        return sum(number.resolve() == kept for number in Path("/proc/self/fd").iterdir())

    readers = [find_kept("mine", pack.digest), *(open_kept("mine", pack.digest) for _ in range(50))]
    assert all(readers)
    assert count() == 1

    readers.clear()

    assert count() == 0


def test_what_is_kept_may_be_written_anew_from_itself(pack: Pack, kept: Path) -> None:
    found = find_kept("mine", pack.digest)
    assert found is not None

    keep_pack(found, passed=True)

    assert b'"passed": ""' not in kept.read_bytes()
    assert found.files["hooks/run.sh"].read() == b"#!/bin/sh\n"
    assert _passes(pack)


def test_threads_keep_one_pack_at_once_whatever_the_clock_says(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    both_write = Barrier(2, timeout=10)
    path = "prompts/p/binary"

    def open_file() -> BinaryIO:
        both_write.wait()
        return pack.files[path].open()

    shared = pack._replace(files={**pack.files, path: pack.files[path]._replace(open=open_file)})
    monkeypatch.setattr(time, "time_ns", lambda: 7)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(keep_pack, [shared] * 2))

    assert find_kept("mine", pack.digest) is not None
    assert [file.suffix for file in locate_cache().rglob("*") if file.is_file()] == [".pack"]


def test_what_is_to_be_installed_is_known_by_its_bytes_whatever_the_line_says(pack: Pack, kept: Path) -> None:
    rows = json.loads(kept.read_bytes().partition(b"\n")[0])["files"]
    _say(kept, files=[[*row[:4], False, True, False] for row in rows])

    found = find_kept("mine", pack.digest)

    assert found is not None
    assert found.files["hooks/run.sh"].is_script
    assert not found.files["prompts/p/binary"].is_ascii


def test_a_path_that_no_pack_has_is_not_believed(pack: Pack, kept: Path) -> None:
    strange = make_test_pack({**FILES, "settings.local.json": "{}"})
    keep_pack(strange)

    assert find_kept("mine", strange.digest) is None
    assert open_kept("mine", pack.digest) is not None
    assert kept.is_file()


def test_what_cannot_be_read_now_is_not_removed(pack: Pack, kept: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limit[1]))
    try:
        found = find_kept("mine", pack.digest)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)

    assert found is None
    assert kept.is_file()


def _passes(pack: Pack) -> bool:
    found = open_kept(pack.name, pack.digest)
    assert found is not None
    return found.passed


def test_that_a_pack_has_passed_the_gate_is_kept_once_it_is_true(pack: Pack) -> None:
    keep_pack(pack)
    assert not _passes(pack)

    keep_pack(pack, passed=True)
    assert _passes(pack)

    keep_pack(pack)
    assert _passes(pack)


def test_the_gate_of_another_version_is_another_gate(pack: Pack) -> None:
    keep_pack(pack, passed=True)
    [kept] = locate_cache().rglob("*.pack")
    _say(kept, passed="0.0.9")

    assert not _passes(pack)

    keep_pack(pack, passed=True)
    assert _passes(pack)


def test_a_directory_in_its_place_is_not_believed_either(pack: Pack, kept: Path) -> None:
    kept.unlink()
    kept.mkdir()

    assert find_kept("mine", pack.digest) is None
    with pytest.raises(IsADirectoryError):
        keep_pack(pack)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        *(
            ("mine", digest)
            for digest in ("0" * 64, "../x", "", "x" * 64, "A" * 64, "0" * 64 + "\n", "*", "/etc/passwd")
        ),
        *((name, "0" * 64) for name in ("../mine", "", ".", "..", "Mine", "mine/../mine", "/etc", "mine\n", "mine\0")),
    ],
)
def test_what_is_not_kept_is_not_found(kept: Path, name: str, digest: str) -> None:
    assert find_kept(name, digest) is None
    assert kept.is_file()


def test_a_cache_that_cannot_be_there_holds_nothing(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", os.devnull)

    with pytest.raises(NotADirectoryError):
        keep_pack(pack)
    assert find_kept("mine", pack.digest) is None
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
