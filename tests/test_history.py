"""No edit is ever lost: whatever packs, their users and a kill do, each byte that a user wrote is there afterwards.

A state machine drives the command line on real files; `histories.py` says what has to hold after each run, and
`json_histories.py` what happens to settings. The long run: `pytest tests/test_history.py --full`.
"""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from histories import LOCK, MANIFEST, History, is_broken
from json_histories import BOTH, FRAGMENTS, PLACES, edit, list_versions, write_first
from trees import AGENT

PACKS = ("dir", "env")
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=False)
CI = settings(SLOW, max_examples=60, stateful_step_count=15)
FULL = settings(SLOW, max_examples=3000, stateful_step_count=30)

CHOICES = st.sampled_from([[], [], [], ["--adopt"], ["--replace"], ["--conflict=markers"]])
CONSENTS = "executables,mcp,permissions"
SIDES = st.sampled_from(["ours", "theirs", "merged"])
LINES = 6
LINE_SETS = st.sets(st.integers(0, LINES - 1), min_size=1, max_size=2)
_LINE = re.compile(rb"line (\d), revision (\d)")


def _make_text(head: bytes = b"") -> bytes:
    return head + b"".join(b"line %d, revision 0\n" % number for number in range(LINES))


KINDS = (_make_text(), b"\0\1line 0, revision 0\n", b"#!/bin/sh\n: line 0, revision 0\n")
CONTEXTS = (_make_text(), _make_text(b"Write {{ language }}.\n\n"), _make_text(b"```\ncode\n```\n"))


def _revise(data: bytes, lines: set[int]) -> bytes:
    """Another revision of some lines."""

    def replace(found: re.Match[bytes]) -> bytes:
        return b"line %b, revision %d" % (found[1], (int(found[2]) + (int(found[1]) in lines)) % 3)

    return _LINE.sub(replace, data)


def _first_version(name: str) -> dict[str, bytes]:
    return {
        f"agents/{name}.md": _make_text(AGENT.format(name=name).encode()),
        f"prompts/{name}/p.md": _make_text(),
        "pack.toml": b'[variables.language]\ndefault = "Go"\n',
        "CLAUDE.md.j2": CONTEXTS[0],
        "settings.json": list_versions(name, "settings.json")[0],
        **({"mcp.json": list_versions(name, "mcp.json")[0]} if name == "env" else {}),
    }


@st.composite
def _next_versions(draw: st.DrawFn, name: str, old: Mapping[str, bytes]) -> dict[str, bytes]:
    """What a pack delivers next: lines are changed, files come, go, and are renamed."""
    files = dict(old)
    agents = [f"agents/{name}.md", f"agents/{name}-renamed.md"]
    paths = [f"prompts/{name}/p.md", f"prompts/{name}/q.md", f"prompts/{name}/deep/r.md", "prompts/s/s"]
    for change in draw(
        st.lists(
            st.sampled_from(["revise", "revise", "endings", "come", "go", "rename", "context", "json"]),
            min_size=1,
            max_size=3,
        )
    ):
        path = draw(st.sampled_from(sorted(files)))
        if change == "revise":
            lines = draw(LINE_SETS)
            files |= {path: _revise(data, lines) for path, data in files.items()}
        elif change == "endings":
            lf = files[path].replace(b"\r\n", b"\n")
            files[path] = draw(st.sampled_from([lf, lf.replace(b"\n", b"\r\n"), lf.removesuffix(b"\n")]))
        elif change == "come":
            files.setdefault(draw(st.sampled_from(paths)), draw(st.sampled_from(KINDS)))
        elif change == "go" and path in paths:
            del files[path]
        elif change == "rename":
            files = {agents[agents[0] == path] if path in agents else path: data for path, data in files.items()}
        elif change == "context":
            files["CLAUDE.md.j2"] = draw(st.sampled_from([*CONTEXTS, b"", b"", b""]))
        elif change == "json":
            fragment = draw(st.sampled_from(sorted(FRAGMENTS)))
            files[fragment] = draw(st.sampled_from([*list_versions(name, fragment), b""]))
    return {path: data for path, data in files.items() if data}


class Projects(RuleBasedStateMachine):
    """A project, two packs, and everything that happens to them."""

    home: Path

    def __init__(self) -> None:
        super().__init__()
        self.versions = dict.fromkeys(PACKS, 0)
        self.packs: dict[str, dict[str, bytes]] = {}
        self.wrote_manifest = False

    @initialize(
        data=st.data(),
        in_git=st.booleans(),
        claude_md=st.sampled_from(
            [None, b"", b"# Mine\n", b"# Mine\r\n\r\ntext\r\n", b"no newline", b"\xef\xbb\xbf# BOM\n"]
        ),
        agents_md=st.integers(0, 4).map(lambda number: number == 0),
    )
    def begin(self, data: st.DataObject, in_git: bool, claude_md: bytes | None, agents_md: bool) -> None:  # noqa: FBT001 - drawn
        root = self.home / "history"
        shutil.rmtree(root, ignore_errors=True)
        self.history = History(root, in_git)
        os.environ.update(HOME=str(root / "home"), VIRTUAL_ENV=str(root / "env"))
        self.untouched: dict[str, bytes] = {}
        for path in PLACES:
            if data.draw(st.integers(0, 2)) == 0:
                self._begin_json(data, path)
                self.untouched[path] = self.history.live()[path]
        self.claude_md = claude_md
        if claude_md is not None:
            self.history.write("CLAUDE.md", claude_md)
        if agents_md:
            self.history.write("AGENTS.md", b"# Agents\n")
        for name in PACKS:
            self._publish(name, _first_version(name))
            if data.draw(st.booleans()):
                self.install(name, [])

    def _publish(self, name: str, files: dict[str, bytes]) -> None:
        self.versions[name] += 1
        self.packs[name] = files
        self.history.publish(name, self.versions[name], files, installed=name == "env")

    # Packs

    @rule(data=st.data(), name=st.sampled_from(PACKS))
    def publish(self, data: st.DataObject, name: str) -> None:
        self._publish(name, data.draw(_next_versions(name, self.packs[name])))

    @rule(data=st.data(), edits=st.integers(1, 2), lines=LINE_SETS, choices=CHOICES, end=st.booleans())
    @precondition(lambda self: self._packs)
    def change_both(
        self,
        data: st.DataObject,
        edits: int,
        lines: set[int],
        choices: list[str],
        end: bool,  # noqa: FBT001 - drawn
    ) -> None:
        """What a merge is for: the user and the pack change files that both have."""
        name = data.draw(st.sampled_from(self._packs))
        for _ in range(edits):
            self.edit(data, self._managed)
        self._publish(name, {path: _revise(text, lines) for path, text in self.packs[name].items()})
        if data.draw(st.booleans()):
            self.publish(data, name)
        self.history.do("update", *choices)
        if self.history.pending and end:
            self.resolve(data, data.draw(SIDES))

    # The tool

    @rule(name=st.sampled_from(PACKS), choices=CHOICES)
    def install(self, name: str, choices: list[str]) -> None:
        self.history.do("install", self._word(name), "--allow", CONSENTS, *choices)

    @rule(verb=st.sampled_from(["sync", "update"]), choices=CHOICES)
    @precondition(lambda self: self._packs)
    def sync(self, verb: str, choices: list[str]) -> None:
        self.history.do(verb, *choices)

    @rule(data=st.data())
    @precondition(lambda self: self._packs)
    def uninstall(self, data: st.DataObject) -> None:
        self.history.do("uninstall", data.draw(st.sampled_from(self._packs)))

    @rule(data=st.data(), undo=st.booleans())
    @precondition(lambda self: self._packs)
    def exclude(self, data: st.DataObject, undo: bool) -> None:  # noqa: FBT001 - drawn
        name = data.draw(st.sampled_from(self._packs))
        files = [*self.history.lock["packs"][name]["files"], "CLAUDE.md", *FRAGMENTS]
        path = data.draw(st.sampled_from(files))
        self.history.do("exclude", name, path, *(["--undo"] if undo else []))

    @rule(language=st.sampled_from(["Go", "C", "Ada"]), data=st.data())
    @precondition(lambda self: self._packs)
    def set_variable(self, data: st.DataObject, language: str) -> None:
        self.wrote_manifest = True
        self.history.do("install", data.draw(st.sampled_from(self._packs)), "--set", f"language={language}")

    @rule(mode=st.sampled_from(["inline", "rules", "import"]))
    @precondition(lambda self: self._packs and (self.history.project / MANIFEST).exists())
    def set_mode(self, mode: str) -> None:
        self.wrote_manifest = True
        manifest = self.history.project / MANIFEST
        before = manifest.read_text()
        text = re.sub(r"\n?\[project\]\ncontext = .*\n", "", before)
        manifest.write_text(f'{text}\n[project]\ncontext = "{mode}"\n')
        if self.history.do("sync").exit == 2:
            manifest.write_text(before)

    @rule(data=st.data(), model=st.sampled_from(["opus", "haiku", ""]))
    @precondition(lambda self: self._packs and (self.history.project / MANIFEST).exists())
    def override(self, data: st.DataObject, model: str) -> None:
        """Another model for an agent, or the pack's own again."""
        name = data.draw(st.sampled_from(self._packs))
        agent = next(path for path in self.packs[name] if path.startswith("agents/"))
        before = (self.history.project / MANIFEST).read_text()
        found = re.search(rf"^{name} = (.*)\n", before, re.MULTILINE)
        if found is None:
            return
        self.wrote_manifest = True
        entry = tomllib.loads(found[0])[name]
        table = dict(entry) if isinstance(entry, dict) else {"version": entry}
        table["override"] = {agent: {"model": model}} if model else {}
        text = f"{name} = {_write_inline(table)}\n"
        (self.history.project / MANIFEST).write_text(before.replace(found[0], text))
        if self.history.do("sync").exit == 2:
            (self.history.project / MANIFEST).write_text(before)

    @rule(data=st.data())
    @precondition(lambda self: self._packs and (self.history.project / MANIFEST).exists())
    def drop_from_the_manifest(self, data: st.DataObject) -> None:
        self.wrote_manifest = True
        name = data.draw(st.sampled_from(self._packs))
        manifest = self.history.project / MANIFEST
        before = manifest.read_text()
        manifest.write_text(re.sub(rf"^{name} = .*\n", "", before, flags=re.MULTILINE))
        if self.history.do("sync").exit == 2:
            manifest.write_text(before)

    @rule(data=st.data(), side=SIDES)
    @precondition(lambda self: self.history.pending)
    def resolve(self, data: st.DataObject, side: str) -> None:
        path = data.draw(st.sampled_from(sorted(self.history.pending)))
        if side == "merged":
            for key in [path, *(f"{path}.{name}" for name in PACKS)]:
                self._tidy_markers(f".claudepack/conflicts/{key}.merged")
            self._tidy_markers(path)
        self.history.do("resolve", path, f"--{side}")

    @rule(data=st.data(), kill_at=st.integers(1, 80), edits=st.booleans(), portable=st.booleans())
    @precondition(lambda self: self._packs)
    def crash(self, data: st.DataObject, kill_at: int, edits: bool, portable: bool) -> None:  # noqa: FBT001 - drawn
        name = data.draw(st.sampled_from(PACKS))
        jobs = [["update"], ["sync"], ["uninstall", name], ["install", self._word(name), "--allow", CONSENTS]]
        managed = self.history.managed
        self.history.crash(kill_at, data.draw(st.sampled_from(jobs)), portable=portable)
        if edits:
            self.edit_any(data)
        self.history.recover(managed)

    # The user

    @rule(data=st.data())
    def edit_any(self, data: st.DataObject) -> None:
        self.edit(data, [path for path in sorted(self.history.live()) if path not in (MANIFEST, LOCK)])

    def edit(self, data: st.DataObject, paths: list[str]) -> None:
        """A line more, or another for one: of one of these files, or of CLAUDE.md."""
        paths = sorted({*paths, *({"CLAUDE.md", *PLACES} & self.history.live().keys())})
        if not paths:
            return
        path = data.draw(st.sampled_from(paths))
        if path in PLACES:
            self.edit_json(data, path)
            return
        old = self.history.live()[path]
        lines = old.splitlines(keepends=True)
        at = data.draw(st.integers(0, len(lines)))
        newline = b"\r\n" if b"\r\n" in old else b"\n"
        marker = self.history.mark()
        if path.endswith("CLAUDE.md"):
            self._edit_claude_md(path, lines, at, marker + newline)
            return
        if path.startswith((".claude/context/", ".claude/rules/")):
            self.claude_md = b"edited"  # the block that imports it stays with it
        new = marker + data.draw(st.sampled_from([newline, newline, b" \xe2\x80\xa8 " + newline, b""]))
        replaced = data.draw(st.booleans())
        self.history.write(path, b"".join([*lines[:at], new, *lines[at + replaced :]]))

    def _edit_claude_md(self, path: str, lines: list[bytes], at: int, new: bytes) -> None:
        """A line more; no marker goes."""
        if at and not lines[at - 1].endswith(b"\n"):
            lines[at - 1] += b"\n"
        self.claude_md = b"edited"
        self.history.write(path, b"".join([*lines[:at], new, *lines[at:]]))

    @rule(data=st.data(), path=st.sampled_from(PLACES))
    def edit_json(self, data: st.DataObject, path: str) -> None:
        """Something else in settings, or in the list of servers; or the first thing."""
        self.untouched.pop(path, None)
        old = self.history.live().get(path)
        if old is None:
            self._begin_json(data, path)
            return
        marker = self.history.mark()
        new = edit(old, marker, data)
        if marker not in new:
            self.history.markers.remove(marker)
        self.history.write(path, new)

    def _begin_json(self, data: st.DataObject, path: str) -> None:
        new = write_first(path, self.history.mark(), PACKS, data)
        self.history.texts |= {BOTH.encode()} if BOTH.encode() in new else set()
        self.history.write(path, new)

    @rule(path=st.sampled_from(PLACES))
    @precondition(lambda self: self._packs)
    def break_json_and_mend_it(self, path: str) -> None:
        """A comment: the client would drop the file, and nobody but its user can say what is meant."""
        old = self.history.live().get(path)
        if old is not None:
            self.history.write(path, b"// later\n" + old)
            self.sync("sync", [])
            self.history.write(path, old)

    @rule(data=st.data())
    @precondition(lambda self: self._managed)
    def delete(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from([*self._managed, *(path for path in PLACES if path in self.history.live())]))
        self.untouched.pop(path, None)
        self.history.delete(path)

    @rule(data=st.data())
    @precondition(lambda self: self._managed)
    def change_line_endings(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(self._managed))
        old = self.history.live()[path]
        lf = old.replace(b"\r\n", b"\n")
        self.history.write(path, lf if lf != old else lf.replace(b"\n", b"\r\n"))

    @rule(path=st.sampled_from(["agents/own.md", "agents/dir-renamed.md", "prompts/dir/q.md", "prompts/s/s"]))
    def write_own_file(self, path: str) -> None:
        target = f".claude/{path}"
        if not (self.history.project / target).exists():
            self.history.write(target, b"text\n" + self.history.mark() + b"\n")

    @rule(name=st.sampled_from(PACKS))
    @precondition(lambda self: "CLAUDE.md" in self.history.live())
    def remove_block(self, name: str) -> None:
        data_now = self.history.live()["CLAUDE.md"]
        block = rb"^<!-- claudepack:begin %b -->\r?\n.*?^<!-- claudepack:end %b -->\r?\n" % (
            name.encode(),
            name.encode(),
        )
        without = re.sub(block, b"", data_now, count=1, flags=re.DOTALL | re.MULTILINE)
        if without != data_now:
            self.claude_md = b"edited"
            self.history.write("CLAUDE.md", without)

    @rule()
    @precondition(lambda self: self._packs and "CLAUDE.md" in self.history.live())
    def break_claude_md_and_mend_it(self) -> None:
        """A fence that nobody closed: no marker can be told from text while it is there."""
        self.claude_md = b"edited"
        self.history.write("CLAUDE.md", self.history.live()["CLAUDE.md"] + b"\n```\n")
        self.sync("sync", [])
        self.history.write("CLAUDE.md", self.history.live()["CLAUDE.md"].removesuffix(b"\n```\n"))

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
        if not hasattr(self, "history") or not self.history.is_sound:
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
        replaced = [path for path in PLACES if (self.history.project / ".claudepack/replaced" / path).exists()]
        untouched = {path: data for path, data in self.untouched.items() if path not in replaced}
        self.history.check_end(claude_md, untouched, may_have_manifest=self.wrote_manifest)

    # Words

    @property
    def _packs(self) -> list[str]:
        return sorted(self.history.lock["packs"])

    @property
    def _managed(self) -> list[str]:
        return sorted(self.history.managed & self.history.live().keys())

    @property
    def _beside(self) -> list[str]:
        return sorted(
            path
            for path in self.history.tree()
            if path.startswith(".claudepack/conflicts/") and path.endswith(".merged")
        )

    def _word(self, name: str) -> str:
        return str(self.history.root / "packs" / name) if name == "dir" else name

    def _tidy_markers(self, path: str) -> None:
        """What a user does who takes both sides: they take the lines of git out."""
        target = self.history.project / path
        if target.is_file():
            old = target.read_bytes()
            new = re.sub(rb"^(<<<<<<<|=======|>>>>>>>).*\n", b"", old, flags=re.MULTILINE)
            if new != old:
                self.history.write(path, new)


def _write_inline(value: object) -> str:
    """A value as TOML that stands in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_write_inline(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)


def test_through_any_history_no_byte_of_the_user_is_lost(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    full: bool,  # noqa: FBT001 - a fixture
) -> None:
    for name in ("HOME", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(Projects, "home", tmp_path, raising=False)
    run_state_machine_as_test(Projects, settings=FULL if full else CI)
