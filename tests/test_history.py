"""No edit is ever lost: whatever packs, their users and a kill do, each byte that a user wrote is there afterwards.

A state machine drives the command line on real files; `histories.py` says what has to hold after each run. The long
run: `pytest tests/test_history.py --full`.
"""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from histories import LOCK, MANIFEST, History, is_broken
from trees import AGENT

PACKS = ("dir", "env")
CI = settings(max_examples=40, stateful_step_count=25)
FULL = settings(max_examples=4000, stateful_step_count=50)
COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}

REVISIONS = st.lists(st.integers(0, 2), min_size=5, max_size=7)
NEWLINES = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n"])
FINAL = st.sampled_from([b"\n", b"\n", b""])


def _make_text(head: bytes, revisions: list[int], newline: bytes, final: bytes) -> bytes:
    lines = [b"line %d, revision %d" % line for line in enumerate(revisions)]
    return (head.replace(b"\n", newline) + newline.join(lines)) + (newline if final else b"")


def _texts(head: bytes = b"") -> st.SearchStrategy[bytes]:
    return st.builds(_make_text, st.just(head), REVISIONS, NEWLINES, FINAL)


BINARY = st.integers(0, 3).map(lambda number: b"\0\1%d\n" % number)
SCRIPT = st.integers(0, 1).map(lambda number: b"#!/bin/sh\n: %d\n" % number)
OTHER = st.one_of(_texts(), _texts(), BINARY, SCRIPT)
CONTEXT = st.one_of(_texts(), _texts(b"Write {{ language }}.\n\n"), _texts(b"```\ncode\n```\n"))


@st.composite
def _versions(draw: st.DrawFn, name: str) -> dict[str, bytes]:
    """What a pack delivers: an agent under one of two names, prompts that come, go and are renamed, a context."""
    agent = draw(st.sampled_from([f"agents/{name}.md", f"agents/{name}.md", f"agents/{name}-renamed.md"]))
    files = {agent: draw(_texts(AGENT.format(name=name).encode()))}
    paths = st.sampled_from([f"prompts/{name}/p.md", f"prompts/{name}/q.md", f"prompts/{name}/deep/r.md", "prompts/s/s"])
    files |= draw(st.dictionaries(paths, OTHER, max_size=3))
    if draw(st.booleans()):
        files["pack.toml"] = b'[variables.language]\ndefault = "Go"\n'
        files["CLAUDE.md.j2"] = draw(CONTEXT)
    return files


class Projects(RuleBasedStateMachine):
    """A project, two packs, and everything that happens to them."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home
        self.versions = {"dir": 0, "env": 0}
        self.wrote_manifest = False

    @initialize(
        data=st.data(),
        in_git=st.booleans(),
        claude_md=st.sampled_from([None, b"", b"# Mine\n", b"# Mine\r\n\r\ntext\r\n", b"no newline", b"\xef\xbb\xbf# BOM\n"]),
        agents_md=st.integers(0, 4).map(lambda number: number == 0),
    )
    def begin(self, data: st.DataObject, in_git: bool, claude_md: bytes | None, agents_md: bool) -> None:  # noqa: FBT001 - drawn
        root = self.home / "history"
        shutil.rmtree(root, ignore_errors=True)
        self.history = History(root, in_git)
        os.environ.update(HOME=str(root / "home"), VIRTUAL_ENV=str(root / "env"))
        self.claude_md = claude_md
        if claude_md is not None:
            self.history.write("CLAUDE.md", claude_md)
        if agents_md:
            self.history.write("AGENTS.md", b"# Agents\n")
        for name in PACKS:
            self.publish(data, name)

    # Packs

    @rule(data=st.data(), name=st.sampled_from(PACKS))
    def publish(self, data: st.DataObject, name: str) -> None:
        self.versions[name] += 1
        self.history.publish(name, self.versions[name], data.draw(_versions(name)), installed=name == "env")

    # The tool

    @rule(data=st.data(), name=st.sampled_from(PACKS))
    def install(self, data: st.DataObject, name: str) -> None:
        self.history.do("install", self._word(name), "--allow", "executables", *self._draw_choices(data))

    @rule(data=st.data())
    @precondition(lambda self: self._packs)
    def sync(self, data: st.DataObject) -> None:
        self.history.do("sync", *self._draw_choices(data))

    @rule(data=st.data())
    @precondition(lambda self: self._packs)
    def update(self, data: st.DataObject) -> None:
        self.history.do("update", *self._draw_choices(data))

    @rule(data=st.data())
    @precondition(lambda self: self._packs)
    def uninstall(self, data: st.DataObject) -> None:
        self.history.do("uninstall", data.draw(st.sampled_from(self._packs)))

    @rule(data=st.data(), undo=st.booleans())
    @precondition(lambda self: self._packs)
    def exclude(self, data: st.DataObject, undo: bool) -> None:  # noqa: FBT001 - drawn
        name = data.draw(st.sampled_from(self._packs))
        files = [*self.history.lock["packs"][name]["files"], "CLAUDE.md"]
        path = data.draw(st.sampled_from(files))
        self.history.do("exclude", name, path, *(["--undo"] if undo else []))

    @rule(language=st.sampled_from(["Go", "C", "Ada"]), data=st.data())
    @precondition(lambda self: self._packs)
    def set_variable(self, data: st.DataObject, language: str) -> None:
        self.wrote_manifest = True
        self.history.do("install", data.draw(st.sampled_from(self._packs)), "--set", f"language={language}")

    @rule(mode=st.sampled_from(["inline", "rules", "import"]))
    @precondition(lambda self: self._packs)
    def set_mode(self, mode: str) -> None:
        self.wrote_manifest = True
        manifest = self.history.project / MANIFEST
        before = manifest.read_text()
        text = re.sub(r"\n\[project\]\ncontext = .*\n", "", before)
        manifest.write_text(f'{text}\n[project]\ncontext = "{mode}"\n')
        if self.history.do("sync").exit == 2:
            manifest.write_text(before)

    @rule(data=st.data())
    @precondition(lambda self: self._packs)
    def drop_from_the_manifest(self, data: st.DataObject) -> None:
        self.wrote_manifest = True
        name = data.draw(st.sampled_from(self._packs))
        manifest = self.history.project / MANIFEST
        before = manifest.read_text()
        manifest.write_text(re.sub(rf"^{name} = .*\n", "", before, flags=re.MULTILINE))
        if self.history.do("sync").exit == 2:
            manifest.write_text(before)

    @rule(data=st.data(), side=st.sampled_from(["ours", "theirs", "merged"]))
    @precondition(lambda self: self.history.pending)
    def resolve(self, data: st.DataObject, side: str) -> None:
        path = data.draw(st.sampled_from(sorted(self.history.pending)))
        if side == "merged":
            for key in [path, *(f"{path}.{name}" for name in PACKS)]:
                self._tidy_markers(f".claudepack/conflicts/{key}.merged")
            self._tidy_markers(path)
        self.history.do("resolve", path, f"--{side}")

    @rule(data=st.data(), kill_at=st.integers(1, 60), edits=st.booleans())
    @precondition(lambda self: self._packs)
    def crash(self, data: st.DataObject, kill_at: int, edits: bool) -> None:  # noqa: FBT001 - drawn
        name = data.draw(st.sampled_from(PACKS))
        jobs = [["update"], ["sync"], ["uninstall", name], ["install", self._word(name), "--allow", "executables"]]
        self.history.crash(kill_at, *data.draw(st.sampled_from(jobs)))
        if edits:
            self.edit(data)
        self.history.recover()

    # The user

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        paths = [path for path in self.history.live() if path not in (MANIFEST, LOCK)]
        if not paths:
            return
        path = data.draw(st.sampled_from(sorted(paths)))
        old = self.history.live()[path]
        lines = old.splitlines(keepends=True)
        at = data.draw(st.integers(0, len(lines)))
        newline = b"\r\n" if b"\r\n" in old else b"\n"
        marker = self.history.mark()
        if path.endswith("CLAUDE.md"):
            self._edit_claude_md(path, lines, at, marker + newline)
            return
        new = marker + data.draw(st.sampled_from([newline, newline, b" \xe2\x80\xa8 " + newline, b""]))
        replaced = data.draw(st.booleans())
        self.history.write(path, b"".join([*lines[:at], new, *lines[at + replaced :]]))

    def _edit_claude_md(self, path: str, lines: list[bytes], at: int, new: bytes) -> None:
        """A line more; no marker goes."""
        if at and not lines[at - 1].endswith(b"\n"):
            lines[at - 1] += b"\n"
        self.claude_md = b"edited"
        self.history.write(path, b"".join([*lines[:at], new, *lines[at:]]))

    @rule(data=st.data())
    @precondition(lambda self: self._managed)
    def delete(self, data: st.DataObject) -> None:
        self.history.delete(data.draw(st.sampled_from(self._managed)))

    @rule(data=st.data())
    @precondition(lambda self: self._managed)
    def change_line_endings(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._managed))
        old = self.history.live()[path]
        lf = old.replace(b"\r\n", b"\n")
        self.history.write(path, lf if lf != old else lf.replace(b"\n", b"\r\n"))

    @rule(data=st.data(), path=st.sampled_from(["agents/own.md", "agents/dir-renamed.md", "prompts/dir/q.md", "prompts/s/s"]))
    def write_own_file(self, data: st.DataObject, path: str) -> None:
        target = f".claude/{path}"
        if not (self.history.project / target).exists():
            self.history.write(target, b"text\n" + self.history.mark() + b"\n")

    @rule(data=st.data(), name=st.sampled_from(PACKS))
    @precondition(lambda self: "CLAUDE.md" in self.history.live())
    def remove_block(self, data: st.DataObject, name: str) -> None:
        data_now = self.history.live()["CLAUDE.md"]
        block = rb"^<!-- claudepack:begin %b -->\r?\n.*?^<!-- claudepack:end %b -->\r?\n" % (name.encode(), name.encode())
        without = re.sub(block, b"", data_now, count=1, flags=re.DOTALL | re.MULTILINE)
        if without != data_now:
            self.claude_md = b"edited"
            self.history.write("CLAUDE.md", without)

    @rule()
    @precondition(lambda self: "CLAUDE.md" in self.history.live())
    def break_or_mend_claude_md(self) -> None:
        data = self.history.live()["CLAUDE.md"]
        self.claude_md = b"edited"
        self.history.write("CLAUDE.md", data + b"\n```\n")

    @rule(data=st.data())
    @precondition(lambda self: self._beside)
    def work_on_a_merge(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._beside))
        text = (self.history.project / path).read_bytes()
        self.history.write(path, self.history.mark() + b"\n" + text)

    @rule()
    @precondition(lambda self: self.history.in_git)
    def commit(self) -> None:
        self.history.git("add", "-A")
        self.history.git("commit", "-q", "--allow-empty", "-m", "m")

    @rule()
    def lose_the_cache(self) -> None:
        shutil.rmtree(self.history.root / "home/.cache", ignore_errors=True)

    def teardown(self) -> None:
        if not hasattr(self, "history"):
            return
        for path in [*self.history.pending, "CLAUDE.md", ".claude/CLAUDE.md"]:
            self._tidy_markers(path)
        for path, data in self.history.live().items():
            if path.endswith("CLAUDE.md") and is_broken(data.decode()):
                self.history.write(path, data + b"\n```\n")
        if packs := self._packs:
            assert self.history.do("uninstall", *packs).exit == 0
        left = self.history.live().get("CLAUDE.md")
        claude_md = left if self.claude_md == b"edited" else self.claude_md
        self.history.check_end(claude_md, may_have_manifest=self.wrote_manifest)

    # Words

    @property
    def _packs(self) -> list[str]:
        return sorted(self.history.lock["packs"])

    @property
    def _managed(self) -> list[str]:
        return sorted(self.history.managed & self.history.live().keys())

    @property
    def _beside(self) -> list[str]:
        return sorted(path for path in self.history.tree() if path.startswith(".claudepack/conflicts/") and path.endswith(".merged"))

    def _word(self, name: str) -> str:
        return str(self.history.root / "packs" / name) if name == "dir" else name

    @staticmethod
    def _draw_choices(data: st.DataObject) -> list[str]:
        choices = [[], [], [], ["--adopt"], ["--replace"], ["--conflict=markers"]]
        return data.draw(st.sampled_from(choices))

    def _tidy_markers(self, path: str) -> None:
        """What a user does who takes both sides: they take the lines of git out."""
        target = self.history.project / path
        if target.is_file():
            old = target.read_bytes()
            new = re.sub(rb"^(<<<<<<<|=======|>>>>>>>).*\n", b"", old, flags=re.MULTILINE)
            if new != old:
                self.history.write(path, new)


def test_through_any_history_no_byte_of_the_user_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full: bool  # noqa: FBT001 - a fixture
) -> None:
    for name in ("HOME", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, str(tmp_path))
    size: Any = FULL if full else CI
    run_state_machine_as_test(lambda: Projects(tmp_path), settings=settings(size, **COMMON))
