"""A project with all that happens to one, for tests that go through whole histories: the packs and their versions,
the user and what they write, the tool, and what has to hold after each of its runs.
"""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claudepack import cli
from crashes import run_killed
from json_histories import PLACES, is_json, list_foreign
from trees import read_tree, write_pack

MANIFEST, LOCK = "claudepack.toml", "claudepack.lock"
BESIDE = tuple(f".claudepack/{folder}/" for folder in ("conflicts", "rescued", "replaced"))
MARKER = re.compile(rb"user-edit-\d+")
_CONFLICT = re.compile(rb"^(<<<<<<<|>>>>>>>) ", re.MULTILINE)
_BLOCK = r"^<!-- claudepack:begin {0} -->\r?\n(.*?)^<!-- claudepack:end {0} -->\r?$"
_OURS = (MANIFEST, LOCK, ".claudepack/.gitignore")
METADATA = "Metadata-Version: 2.4\nName: claudepack-{name}\nVersion: {version}\n"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Answer:
    """What a run said."""

    words: tuple[str, ...]
    exit: int
    said: Mapping[str, Any]

    @property
    def conflicts(self) -> list[str]:
        return list(self.said["conflicts"])

    @property
    def actions(self) -> dict[str, str]:
        return {change["path"]: change["action"] for change in self.said["changes"]}

    def names(self, path: str) -> bool:
        """Whether the report tells of a path: in its changes, in its conflicts with what lies beside, in a notice."""
        beside = next((path.removeprefix(folder) for folder in BESIDE[:1] if path.startswith(folder)), "")
        named = {*self.actions, *self.conflicts}
        told = [*self.said["notices"], (self.said["error"] or {}).get("message", "")]
        return path in named or any(path in text for text in told) or any(beside.startswith(at) for at in named)


@dataclass
class History:
    """One project, its packs, and what is known of both.

    Attributes:
        root: A directory for all of it.
        in_git: Whether the project lies in a git repository, in a sub-directory of it.
        markers: What the user has written and not taken away.
        texts: What else of a JSON file is the user's, and may be a pack's as well.
        own: The files that are the user's alone, as they wrote them.
        left: The files that a run named as the user's from now on.
        folders: The directories that the user made, or left empty, or that hold what was left to them.
        is_sound: Whether all held so far.
    """

    root: Path
    in_git: bool
    markers: set[bytes] = field(default_factory=set)
    texts: set[bytes] = field(default_factory=set)
    own: Files = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    count: int = 0
    is_sound: bool = True

    def __post_init__(self) -> None:
        self.project = self.root / "repository/project" if self.in_git else self.root / "project"
        self.project.mkdir(parents=True)
        self.site_packages = self.root / "env/lib/python3.11/site-packages"
        self.site_packages.mkdir(parents=True)
        if self.in_git:
            self.git("init", "-q")

    # The packs

    def publish(self, name: str, version: int, files: Mapping[str, bytes], *, installed: bool) -> None:
        """Let there be a version of a pack, instead of the one before: in a directory, or in the environment."""
        shutil.rmtree(self.root / "packs" / name, ignore_errors=True)
        write_pack(self.root / "packs" / name, files, name=name, version=f"1.{version}.0", agent=False)
        for path in files:
            (self.root / "packs" / name / path).chmod(0o755 if b"#!" in files[path] else 0o644)
        if installed:
            for old in self.site_packages.iterdir():
                shutil.rmtree(old)
            info = self.site_packages / f"claudepack_{name}-1.{version}.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(METADATA.format(name=name, version=f"1.{version}.0"))
            (info / "entry_points.txt").write_text(f"[claudepack.packs]\n{name} = claudepack_{name}\n")
            shutil.move(self.root / "packs" / name, self.site_packages / f"claudepack_{name}")

    # The user

    def mark(self) -> bytes:
        """A text that nobody has written before."""
        self.count += 1
        marker = b"user-edit-%06d" % self.count
        self.markers.add(marker)
        return marker

    def write(self, path: str, data: bytes) -> None:
        """Let the user write a file."""
        target = self.project / path
        self._forget(path, data)
        self.folders |= {folder for folder in _parents(path) if not (self.project / folder).exists()}
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if path not in self.managed and not path.startswith(".claudepack/") and path not in _OURS:
            self.own[path] = data

    def delete(self, path: str) -> None:
        """Let the user delete a file."""
        self._forget(path, b"")
        (self.project / path).unlink()
        self.own.pop(path, None)
        self.folders |= set(_parents(path)) - set(self.lock["directories"])

    def _forget(self, path: str, data: bytes) -> None:
        old = (self.project / path).read_bytes() if (self.project / path).is_file() else b""
        self.markers -= {*MARKER.findall(old)} - {*MARKER.findall(data)}

    def git(self, *words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=u", "-c", "user.email=u@example.org", *words],
            cwd=self.project.parent,
            check=True,
            capture_output=True,
        )

    # What is there

    @property
    def lock(self) -> dict[str, Any]:
        path = self.project / LOCK
        return dict(json.loads(path.read_bytes())) if path.exists() else {"packs": {}, "directories": []}

    @property
    def managed(self) -> set[str]:
        """The files that are in the lock; CLAUDE.md is the user's, whatever stands in it."""
        packs = self.lock["packs"].items()
        return {path for _, pack in packs for path in pack["files"]} | {
            path for name, pack in packs if pack["context"] for path in _own_files(name, pack["context"])
        }

    @property
    def pending(self) -> dict[str, list[str]]:
        """The open conflicts: path, and the packs."""
        found: dict[str, list[str]] = {}
        for name, pack in self.lock["packs"].items():
            for path in pack["pending"]:
                found.setdefault(path, []).append(name)
        return found

    def tree(self) -> Files:
        """All that is in the project, live or beside; not what a run keeps for itself."""
        return {
            path: data for path, data in read_tree(self.project).items() if not path.startswith(".claudepack/state/")
        }

    def live(self) -> Files:
        """The files that the client may read."""
        tree = self.tree().items()
        return {path: data for path, data in tree if not path.startswith(".claudepack/") and not path.endswith("/")}

    # The tool

    def run(self, *words: str) -> Answer:
        """Run the tool in this process."""
        out = io.StringIO()
        with contextlib.chdir(self.project), contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = cli.main([*words, "--json"])
        answer = Answer(words, code, json.loads(out.getvalue()))
        assert answer.said["exit"] == code
        return answer

    def do(self, *words: str) -> Answer:
        """Run the tool, and hold it to all that has to be true afterwards."""
        before, old = self.tree(), self.lock
        self.is_sound = False
        answer = self.run(*words)
        self._check_exit(answer, before)
        self._check_changes(answer, before, old)
        self._settle(answer, before)
        self.is_sound = True
        return answer

    def crash(self, kill_at: int, words: Sequence[str], *, portable: bool) -> None:
        """Run the tool and kill it before a step, if it takes as many."""
        run_killed(words, self.project, kill_at, portable=portable, below=self.root)

    def recover(self, managed: set[str]) -> Answer:
        """The next run after one that was killed; what that did with the files that were managed, nobody was told."""
        before = self.tree()
        self.is_sound = False
        answer = self.run("sync")
        self._check_exit(answer, None)
        self._settle(answer, before)
        left = {path for path in managed - self.managed if (self.project / path).is_file()}
        self.left |= left
        self.folders |= {folder for path in left for folder in _parents(path)}
        self._leave_entries()
        self.is_sound = True
        return answer

    def _leave_entries(self) -> None:
        """A JSON file that was saved amid an uninstall stays as it was saved: what no pack has in it is the user's."""
        live = self.live()
        for path in PLACES:
            parts = [pack["fragments"].get(path, {"entries": []}) for pack in self.lock["packs"].values()]
            rows = [entry.get("item", entry.get("value")) for part in parts for entry in part["entries"]]
            known = {json.dumps(value, sort_keys=True) for value in rows}
            found = list_foreign(live[path], self.markers | self.texts) if path in live else []
            self.texts |= {text.encode() for text in found if text not in known}

    # What has to hold

    def _check_exit(self, answer: Answer, before: Files | None) -> None:
        assert answer.exit in (0, 2, 3, 4), answer
        assert (answer.exit in (2, 4)) == (answer.said["error"] is not None), answer
        if answer.exit in (2, 4):
            assert before is None or self.tree() == before, answer
        elif answer.words[0] == "resolve":
            assert set(answer.conflicts) == set(self.pending), answer
        else:
            assert (answer.exit == 3) == bool(answer.conflicts), answer
            assert set(answer.conflicts) == set(self.pending), answer

    def _check_changes(self, answer: Answer, before: Files, old: Mapping[str, Any]) -> None:
        """Whatever became different is named, and what went was a base or lies somewhere now."""
        after = self.tree()
        bases = {sha for pack in old["packs"].values() for sha in pack["files"].values()}
        for path, data in before.items():
            if after.get(path) == data or path.endswith("/") or path.startswith(".claudepack/") or path in _OURS:
                continue
            renamed = path not in after and {"rename", "conflict"} & {*answer.actions.values()}
            moved = path not in after and path in {".claude/CLAUDE.md", "CLAUDE.md", *_contexts(old)}
            assert renamed or moved or answer.names(path), (path, answer)
            if answer.actions.get(path) in ("replace", "delete") and path in _locked(old):
                kept = any(at.startswith(f".claudepack/replaced/{path}") and after[at] == data for at in after)
                assert kept or _hashes(data) & bases, (path, answer)
        for path in after.keys() - before.keys():
            named = path.endswith("/") or path.startswith(".claudepack/") or path in _OURS or answer.names(path)
            assert named, (path, answer)

    def _settle(self, answer: Answer, before: Files) -> None:
        after = self.tree()
        self._find_markers(answer, before, after)
        left = {path for path, action in answer.actions.items() if action == "orphan"}
        left |= {"CLAUDE.md"} if any(path.startswith(".claude/context/") for path in left) else set()
        self.left |= left  # an edited context stays with the block that imports it
        self.folders |= {folder for path in left for folder in _parents(path)}
        self.own = {path: data for path, data in self.own.items() if path not in self.managed}
        holding = {folder for path in self.own for folder in _parents(path)}
        self.folders |= holding - set(self.lock["directories"])  # when a pack went, they stayed with what is in them
        for path, data in self.own.items():
            assert path.endswith("CLAUDE.md") or path in PLACES or after.get(path) == data, (path, answer)
        for path in PLACES:
            assert path not in after or is_json(after[path]) or not is_json(before.get(path, b"{}")), (path, answer)
        if not any("markers" in word for word in answer.words):
            had = sum(bool(_CONFLICT.search(data)) for path, data in before.items() if not path.startswith(BESIDE))
            has = sum(bool(_CONFLICT.search(data)) for path, data in after.items() if not path.startswith(BESIDE))
            assert has <= had, answer
        assert not self._litter(), answer
        if answer.exit in (0, 3):
            self._verify()
            self._run_again(after)

    def _find_markers(self, answer: Answer, before: Files, after: Files) -> None:
        """Every byte that the user wrote is where it was, or where the report says."""
        for marker in self.markers:
            was, is_now = _holders(marker, before), _holders(marker, after)
            assert is_now, (f"{marker!r} is lost; it was in {was}", answer)
            assert was & is_now or any(answer.names(path) for path in is_now), (marker, was, is_now, answer)

    def _litter(self) -> list[str]:
        states = [self.project / ".claudepack/state", self.root / "repository/.git/claudepack"]
        return [str(path) for state in states for path in state.rglob("*") if path.is_file() and path.name != "lock"]

    def _verify(self) -> None:
        answer = self.run("verify")
        if not (self.project / MANIFEST).exists():
            assert answer.exit == 2, answer
            return
        assert (answer.exit == 1) == bool(drift := list(self._find_drift())), (drift, answer)

    def _find_drift(self) -> Iterator[str]:
        """What a verify has to find, told from the lock and the disk alone."""
        packs = self.lock["packs"]
        files = {path for pack in packs.values() for path in pack["files"]}
        folders = {"/".join(path.split("/")[:3]) for path in files if re.match(r"\.claude/(prompts|skills)/.+/", path)}
        yield from (path for path in self.live() if path not in files and "/".join(path.split("/")[:3]) in folders)
        for name, pack in packs.items():
            yield from pack["pending"]
            own = _own_files(name, pack["context"]) if pack["context"] else []
            yield from (
                path for path in [*pack["files"], *pack["fragments"], *own] if not (self.project / path).is_file()
            )
            if pack["context"] and pack["context"]["mode"] != "rules":
                yield from self._find_block_drift(name, pack["context"]["file"])

    def _find_block_drift(self, name: str, file: str) -> Iterator[str]:
        data = self.live().get(file, b"").decode()
        bodies = {
            body.replace("\r\n", "\n") for body in re.findall(_BLOCK.format(name), data, re.DOTALL | re.MULTILINE)
        }
        if len(bodies) != 1 or is_broken(data):
            yield file

    def _run_again(self, after: Files) -> None:
        lock = self.project / LOCK
        time = lock.stat().st_mtime_ns if lock.exists() else 0
        again = self.run("sync")
        assert again.exit in (0, 3) if (self.project / MANIFEST).exists() else again.exit == 2, again
        assert self.tree() == after, (again, sorted(set(self.tree().items()) ^ set(after.items())))
        assert time == (lock.stat().st_mtime_ns if lock.exists() else 0), again

    def check_end(self, claude_md: bytes | None, untouched: Mapping[str, bytes], *, may_have_manifest: bool) -> None:
        """After all is uninstalled: what is left is the user's, and what they did not touch has their bytes."""
        tree = self.tree()
        assert may_have_manifest or MANIFEST not in tree
        assert LOCK not in tree
        for path in tree:
            if path.endswith("/"):
                assert path.removesuffix("/") in self.folders, path
            elif not path.startswith(".claudepack/"):
                assert path == MANIFEST or path in self.own or path in self.left, path
        assert any(path.startswith(BESIDE) for path in tree) or not any(path.startswith(".claudepack") for path in tree)
        assert tree.get("CLAUDE.md") == claude_md
        assert {path: tree.get(path) for path in untouched} == untouched
        for path in PLACES:
            assert path not in tree or list_foreign(tree[path], self.markers | self.texts) == [], (path, tree[path])


def is_broken(text: str) -> bool:
    """Whether a CLAUDE.md cannot be worked in: a fence that nobody closed, or the markers of a conflict."""
    return len(re.findall(r"^```", text, re.MULTILINE)) % 2 == 1 or bool(_CONFLICT.search(text.encode()))


def _holders(marker: bytes, files: Files) -> set[str]:
    return {path for path, data in files.items() if marker in data}


def _locked(lock: Mapping[str, Any]) -> set[str]:
    return {path for pack in lock["packs"].values() for path in pack["files"]}


def _contexts(lock: Mapping[str, Any]) -> set[str]:
    packs = lock["packs"].items()
    return {path for name, pack in packs if pack["context"] for path in _own_files(name, pack["context"])}


def _own_files(name: str, context: Mapping[str, Any]) -> list[str]:
    own = {"rules": context["file"], "import": f".claude/context/{name}.md"}
    return [own[context["mode"]]] if context["mode"] in own else []


def _parents(path: str) -> list[str]:
    return [os.fspath(parent) for parent in Path(path).parents if parent != Path()]


def _hashes(data: bytes) -> set[str]:
    """Of a text as it is, with LF, and with CRLF: a checkout may change these."""
    lf = data.replace(b"\r\n", b"\n")
    return {hashlib.sha256(text).hexdigest() for text in (data, lf, lf.replace(b"\n", b"\r\n"))}
