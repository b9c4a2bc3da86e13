"""The user's cache: packs as they were when they were installed, so that any later change can be merged.

A pack is one file, `packs/NAME/DIGEST.zip`, and believed only if it still has that digest: whatever happens
to the cache, it gives the right bytes or none. Everything in it can be had again elsewhere.
"""

import contextlib
import json
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from claudepack.errors import ClaudepackError
from claudepack.hashing import CHUNK
from claudepack.pack.identity import NAME_PATTERN, Identity
from claudepack.pack.tree import Pack, is_pack_path, make_pack, read_file

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_EXECUTABLE, _PLAIN = 0o755, 0o644
# What reading an archive raises that is not what it was.
_DAMAGE = (
    *(ClaudepackError, OSError, EOFError, LookupError, RuntimeError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)


def locate_cache() -> Path:
    """The directory of the user's cache; it may not be there."""
    from platformdirs import user_cache_path

    return user_cache_path("claudepack", appauthor=False)


def keep_pack(pack: Pack) -> None:
    """Keep a pack, unless it is kept already.

    Raises:
        OSError: The cache cannot be written.
    """
    target = _locate(pack.name, pack.digest)
    if find_kept(pack.name, pack.digest):
        os.utime(target)  # what is pruned first is what was not used for longest
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    fresh = Path(name)
    try:
        with os.fdopen(number, "wb") as stream:
            _write(pack, stream)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def list_kept(name: str) -> list[str]:
    """The digests of the packs that are kept under a name, the one that was used last first."""
    if not NAME_PATTERN.fullmatch(name):
        return []
    times: dict[str, float] = {}
    for path in _locate(name, "").parent.glob("*.zip"):
        with contextlib.suppress(FileNotFoundError):  # another run has just removed it
            times[path.stem] = path.stat().st_mtime
    return sorted(times, key=lambda digest: -times[digest])


def find_kept(name: str, digest: str) -> Pack | None:
    """The pack with a digest, None if it is not kept; one that has another digest by now is removed."""
    if not (NAME_PATTERN.fullmatch(name) and _DIGEST.fullmatch(digest)):
        return None  # a lock comes from anywhere, and these name a file
    target = _locate(name, digest)
    try:
        pack = _read(target)
    except FileNotFoundError:
        return None
    except _DAMAGE:
        pack = None  # whatever it is, it is not the pack
    if pack is not None and (pack.name, pack.digest) == (name, digest):
        return pack
    with contextlib.suppress(OSError):  # it cannot be removed, and is not believed the next time either
        target.unlink()
    return None


def _locate(name: str, digest: str) -> Path:
    return locate_cache() / "packs" / name / f"{digest}.zip"


def _write(pack: Pack, stream: BinaryIO) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = json.dumps(pack.identity._asdict()).encode()
        for file in (*pack.files.values(), *pack.meta.values()):
            member = zipfile.ZipInfo(file.path, _EPOCH)
            member.external_attr = (stat.S_IFREG | (_EXECUTABLE if file.executable else _PLAIN)) << 16
            member.file_size = file.size  # a member above 2 GiB is announced
            with file.open() as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, CHUNK)


def _read(path: Path) -> Pack:
    archive = zipfile.ZipFile(path)
    said = json.loads(archive.comment)
    identity = Identity(**{**said, "requires": tuple(said["requires"])})
    files = [
        read_file(
            info.filename,
            cast("partial[BinaryIO]", partial(archive.open, info.filename)),
            executable=bool((info.external_attr >> 16) & stat.S_IXUSR),
        )
        for info in archive.infolist()
        if is_pack_path(info.filename)
    ]
    return make_pack(identity, files, f"the cache's {identity.name} {identity.version}")
