"""A disk that is a dict: what a plan sees of it, and what carrying the plan out makes of it."""

import hashlib
from collections.abc import Collection, Mapping

from claudepack.apply.operations import Changes, Write
from claudepack.commands.merging import merge3
from claudepack.plan.outside import Outside
from claudepack.project.disk import DiskFile

Files = Mapping[str, bytes]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def look_at(files: Files, executable: Collection[str] = (), bases: Collection[bytes] = ()) -> Outside:
    """What a plan may ask, answered from a dict of bytes; a folder is there while something is in it."""
    known = {sha256(data): data for data in bases}

    def look(path: str, expected: Collection[str | None]) -> DiskFile | None:
        if path not in files:
            return DiskFile("") if any(file.startswith(path + "/") for file in files) else None
        data = files[path]
        lf = data.replace(b"\r\n", b"\n")
        endings = {"as_lf": lf, "as_crlf": lf.replace(b"\n", b"\r\n")} if sha256(data) not in expected else {}
        others = {name: sha256(text) for name, text in endings.items() if text != data}
        return DiskFile(sha256(data), path in executable, **others)

    def list_folder(path: str) -> list[str]:
        below = (file.removeprefix(path + "/") for file in files if file.startswith(path + "/"))
        return sorted({rest.partition("/")[0] for rest in below})

    return Outside(look, files.get, list_folder, lambda _pack, _path, wanted: known.get(wanted), merge3)


def carry_out(changes: Changes, files: Files) -> dict[str, bytes]:
    """The files after a plan; each operation has to find what it was promised."""
    after = dict(files)
    for operation in changes.operations:
        there = after.get(operation.path)
        assert (None if there is None else sha256(there)) == operation.pre, operation.path
        if isinstance(operation, Write):
            after[operation.path] = operation.open().read()
            assert sha256(after[operation.path]) == operation.post, operation.path
        else:
            del after[operation.path]
    for folder in changes.remove_directories:
        assert not any(path.startswith(folder + "/") for path in after), folder
    return after
