"""A wheel is read without being believed: what is hostile is refused, with its reason."""

import base64
import contextlib
import hashlib
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError, IntegrityError
from claudepack.pack.wheel import read_wheel

INFO = "claudepack_mine-1.0.0.dist-info"
METADATA = "Metadata-Version: 2.4\nName: claudepack-mine\nVersion: 1.0.0\n"
POINTS = "[claudepack.packs]\nmine = claudepack_mine\n"
AGENT = b"---\nname: mine\ndescription: d\n---\n"


def _write(path: Path, members: dict[str, bytes], *, links: tuple[str, ...] = (), record: bool = True) -> Path:
    whole = {f"{INFO}/METADATA": METADATA.encode(), f"{INFO}/entry_points.txt": POINTS.encode(), **members}
    rows = [f"{name},sha256={_hash(data)},{len(data)}\n" for name, data in whole.items()]
    if record:
        whole[f"{INFO}/RECORD"] = "".join([*rows, f"{INFO}/RECORD,,\n"]).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in whole.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, data)
    return path


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return tmp_path / "claudepack_mine-1.0.0-py3-none-any.whl"


def test_a_good_one_is_read(wheel: Path) -> None:
    pack = read_wheel(_write(wheel, {"claudepack_mine/agents/mine.md": AGENT, "claudepack_mine/README.md": b"no"}))

    assert (pack.name, pack.version, list(pack.files)) == ("mine", "1.0.0", ["agents/mine.md"])
    assert pack.files["agents/mine.md"].read() == AGENT


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"claudepack_mine/../evil.md": b""}, "'..'"),
        ({"/etc/cron.d/evil": b""}, "absolute"),
        ({"claudepack_mine/agents/a\u202eb.md": b""}, r"U\+202E"),
        ({"claudepack_mine/agents/aux.md": b""}, "Windows"),
        ({"claudepack_mine/agents/big.md": b"0" * (3 << 20)}, "times smaller"),
        ({"other-1.0.dist-info/METADATA": b""}, "2 .dist-info"),
        ({"claudepack_mine/agents/A.md": AGENT, "claudepack_mine/agents/a.md": AGENT}, "fold case"),
        ({f"{INFO}/METADATA": b"Name: other\nVersion: 1\n"}, "claudepack-mine"),
        ({f"{INFO}/entry_points.txt": b"[x]\ny = z\n"}, "no pack"),
        ({f"{INFO}/entry_points.txt": b"[claudepack.packs]\nmine = ..\n"}, "one module"),
    ],
)
def test_what_is_hostile_or_wrong_is_refused(wheel: Path, members: dict[str, bytes], why: str) -> None:
    with pytest.raises(ClaudepackError, match=why) as caught:
        read_wheel(_write(wheel, members))
    assert caught.value.hint


def test_a_link_is_refused(wheel: Path) -> None:
    name = "claudepack_mine/agents/mine.md"
    with pytest.raises(ClaudepackError, match="no plain file"):
        read_wheel(_write(wheel, {name: b"/etc/passwd"}, links=(name,)))


def test_without_a_record_it_is_no_wheel(wheel: Path) -> None:
    with pytest.raises(ClaudepackError, match="no RECORD"):
        read_wheel(_write(wheel, {}, record=False))


def test_a_member_that_the_record_does_not_name_breaks_integrity(wheel: Path) -> None:
    _write(wheel, {"claudepack_mine/agents/mine.md": AGENT})
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("claudepack_mine/agents/extra.md", AGENT)
    with pytest.raises(IntegrityError, match=r"extra\.md"):
        read_wheel(wheel)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 garbage", b"<html>"])
def test_what_is_no_zip_is_refused(wheel: Path, data: bytes) -> None:
    wheel.write_bytes(data)
    with pytest.raises(ClaudepackError, match="not a wheel"):
        read_wheel(wheel)


def test_a_member_that_is_there_twice_is_refused(wheel: Path) -> None:
    name = "claudepack_mine/agents/mine.md"
    _write(wheel, {name: AGENT})
    with zipfile.ZipFile(wheel, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(name, AGENT)
    with pytest.raises(ClaudepackError, match="is there twice"):
        read_wheel(wheel)


def test_a_folder_of_its_own_is_no_member(wheel: Path) -> None:
    _write(wheel, {"claudepack_mine/agents/mine.md": AGENT})
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.mkdir("claudepack_mine/agents")
    assert list(read_wheel(wheel).files) == ["agents/mine.md"]


def test_what_is_not_there_is_named(wheel: Path) -> None:
    with pytest.raises(ClaudepackError, match=rf"^{wheel.name}: no such file"):
        read_wheel(wheel)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "x.whl"
    return _write(path, {"claudepack_mine/agents/mine.md": AGENT * 40, "claudepack_mine/pack.toml": b""}).read_bytes()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / "claudepack_mine-1.0.0-py3-none-any.whl"


@given(at=st.floats(0, 1, exclude_max=True), lost=st.integers(0, 3), put=st.binary(max_size=3))
@example(at=0.5, lost=1, put=b"")  # its parts lie before the file
def test_one_that_was_damaged_on_its_way_is_refused_or_says_the_same(
    sound: bytes, damaged: Path, at: float, lost: int, put: bytes
) -> None:
    place = int(at * len(sound))
    damaged.write_bytes(sound[:place] + put + sound[place + lost :])
    with contextlib.suppress(ClaudepackError):
        pack = read_wheel(damaged)
        assert {path: file.read() for path, file in pack.files.items()} in ({"agents/mine.md": AGENT * 40}, {})


def test_a_million_members_are_refused_before_they_are_listed(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = b"PK\x01\x02" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    count = 1_000_000
    with wheel.open("wb") as stream:
        for _ in range(100):
            stream.write(entry * (count // 100))
        size = stream.tell()
        stream.write(b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, size, 0))
        stream.write(b"PK\x06\x07" + struct.pack("<LQL", 0, size, 1))
        stream.write(b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    monkeypatch.delattr(zipfile, "ZipFile")  # it would list them
    with pytest.raises(ClaudepackError, match="more than 50000 members"):
        read_wheel(wheel)
