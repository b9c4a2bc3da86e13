"""A source distribution is read without being built or believed."""

import contextlib
import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claudepack.errors import ClaudepackError
from claudepack.pack.directory import read_directory
from claudepack.pack.sdist import read_sdist
from conftest import Tool
from trees import PYPROJECT, build_sdist, write_pack

TOP = "claudepack_mine-1.0.0"
OWN = PYPROJECT.format(name="mine", version="1.0.0", module="mine", dependencies="")


def _write(path: Path, members: dict[str, bytes], change: Callable[[tarfile.TarInfo], None] | None = None) -> Path:
    whole = {f"{TOP}/pyproject.toml": OWN.encode(), **members}
    with tarfile.open(path, "w:gz") as archive:
        for name, data in whole.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if change and name in members:
                change(info)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    return tmp_path / f"{TOP}.tar.gz"


def test_it_holds_the_pack_that_its_directory_does(tmp_path: Path) -> None:
    files = {"prompts/p/a.md": "p\n", "hooks/run.sh": "#!/bin/sh\n", "tests/test_x.py": "raise SystemExit(9)\n"}
    root = write_pack(tmp_path / "mine", files)
    (root / "hooks/run.sh").chmod(0o4755)

    pack = read_sdist(build_sdist(root, tmp_path / "out"))

    assert pack.digest == read_directory(root).digest
    assert {path: file.executable for path, file in pack.files.items()} == {
        "agents/mine.md": False,
        "hooks/run.sh": True,
        "prompts/p/a.md": False,
    }
    assert pack.files["prompts/p/a.md"].read() == pack.files["prompts/p/a.md"].read() == b"p\n"


def _as_link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0


def _as_hard_link(info: tarfile.TarInfo) -> None:
    info.type, info.linkname, info.size = tarfile.LNKTYPE, f"{TOP}/pyproject.toml", 0


def _as_device(info: tarfile.TarInfo) -> None:
    info.type, info.size = tarfile.CHRTYPE, 0


def _as_fifo(info: tarfile.TarInfo) -> None:
    info.type, info.size = tarfile.FIFOTYPE, 0


@pytest.mark.parametrize("change", [_as_link, _as_hard_link, _as_device, _as_fifo])
@pytest.mark.parametrize("folder", ["agents", "tests"])
def test_what_is_no_plain_file_is_refused(sdist: Path, change: Callable[[tarfile.TarInfo], None], folder: str) -> None:
    with pytest.raises(ClaudepackError, match="no plain file"):
        read_sdist(_write(sdist, {f"{TOP}/{folder}/x.md": b""}, change))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (f"{TOP}/../evil.md", r"'\.\.'"),
        ("../evil.md", r"'\.\.'"),
        ("/etc/evil", "absolute"),
        ("other/agents/x.md", "not in its folder"),
        (f"{TOP}/agents/aux.md", "Windows"),
        (f"{TOP}/agents/a\u202eb.md", r"U\+202E"),
        (f"{TOP}/pyproject.toml", "twice"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(sdist: Path, name: str, why: str) -> None:
    with tarfile.open(sdist, "w:gz") as archive:
        for path in (f"{TOP}/pyproject.toml", name):
            archive.addfile(tarfile.TarInfo(path), io.BytesIO())
    with pytest.raises(ClaudepackError, match=why):
        read_sdist(sdist)


def test_a_bomb_is_refused_before_it_is_unpacked(sdist: Path) -> None:
    _write(sdist, {f"{TOP}/agents/big.md": b"0" * (64 << 20)})
    assert sdist.stat().st_size < 100_000
    with pytest.raises(ClaudepackError, match="times its size") as caught:
        read_sdist(sdist)
    assert caught.value.code == "too-large"


def test_a_multitude_is_refused(sdist: Path) -> None:
    header = tarfile.TarInfo(f"{TOP}/x").tobuf()
    with gzip.open(sdist, "wb", compresslevel=1) as stream:
        for number in range(50_001):
            stream.write(header if number == 0 else tarfile.TarInfo(f"{TOP}/{number}").tobuf())
    with pytest.raises(ClaudepackError, match=r"more than 50000|times its size"):
        read_sdist(sdist)


# The time in a gzip header is set: it is in the test's name, which is one and the same for every worker of a run.
@pytest.mark.parametrize("data", [b"", b"\x1f\x8b garbage", b"<html>", gzip.compress(b"no tar" * 200, mtime=0)])
def test_what_is_no_archive_is_refused(sdist: Path, data: bytes) -> None:
    sdist.write_bytes(data)
    with pytest.raises(ClaudepackError) as caught:
        read_sdist(sdist)
    assert caught.value.code == "archive"


def test_half_a_file_is_refused(sdist: Path) -> None:
    _write(sdist, {f"{TOP}/agents/mine.md": b"x" * 5000})
    sdist.write_bytes(sdist.read_bytes()[:-200])
    with pytest.raises(ClaudepackError, match="cannot be unpacked"):
        read_sdist(sdist)


def test_without_a_pyproject_it_is_no_pack(sdist: Path) -> None:
    with tarfile.open(sdist, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(f"{TOP}/PKG-INFO"), io.BytesIO())
    with pytest.raises(ClaudepackError, match=r"there is no pyproject\.toml, so this is no pack"):
        read_sdist(sdist)


def test_what_is_not_there_is_named(sdist: Path) -> None:
    with pytest.raises(ClaudepackError, match="no such file"):
        read_sdist(sdist)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    long = f"{TOP}/agents/{'é' * 60}.md"  # it needs a header of its own
    path = _write(tmp_path_factory.mktemp("sound") / "x.tar.gz", {f"{TOP}/agents/mine.md": b"x" * 600, long: b"y"})
    return gzip.decompress(path.read_bytes())


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged") / f"{TOP}.tar.gz"


@given(at=st.floats(0, 1, exclude_max=True), lost=st.integers(0, 3), put=st.binary(max_size=3))
def test_one_that_was_made_wrong_is_read_or_refused(
    sound: bytes, damaged: Path, at: float, lost: int, put: bytes
) -> None:
    place = int(at * len(sound.rstrip(b"\0")))
    damaged.write_bytes(gzip.compress(sound[:place] + put + sound[place + lost :], 1))
    with contextlib.suppress(ClaudepackError):
        pack = read_sdist(damaged)
        assert {len(file.read()) == file.size for file in pack.files.values()} <= {True}


def test_one_is_installed_and_runs_nothing(tool: Tool, project: Path, tmp_path: Path) -> None:
    root = write_pack(tmp_path / "mine", {"setup.py": "raise SystemExit(9)\n"})
    built = build_sdist(root, tmp_path / "out")

    assert tool("install", built).exit == 0
    assert (project / ".claude/agents/mine.md").read_bytes() == (root / "agents/mine.md").read_bytes()
    assert f'mine = {{path = "../out/{built.name}"}}' in (project / "claudepack.toml").read_text()
    assert tool("verify").exit == 0
