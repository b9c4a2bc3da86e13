"""Bad input: the exit code, a message that says what to do, and nothing changed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

Prepare = Callable[[Path, Path], list[str]]


def _pack(project: Path, files: dict[str, str | bytes], *, agent: bool = True) -> list[str]:
    write_pack(project.parent / "mine", files, agent=agent)
    return ["install", "../mine"]


def _link(project: Path, path: str, target: Path) -> list[str]:
    (project / path).parent.mkdir(parents=True, exist_ok=True)
    (project / path).symlink_to(target)
    return _pack(project, {})


def _linked_pack(project: Path) -> list[str]:
    words = _pack(project, {})
    (project.parent / "mine/agents/link.md").symlink_to("/etc/passwd")
    return words


def _twins(project: Path) -> list[str]:
    write_pack(project.parent / "one", {"agents/same.md": AGENT.format(name="same")}, name="one")
    write_pack(project.parent / "two", {"agents/other.md": AGENT.format(name="same")}, name="two")
    return ["install", "../one", "../two"]


def _install(project: Path) -> None:
    command = [sys.executable, "-m", "claudepack", "install", "backend"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


def _installed(project: Path, path: str, content: str, verb: str) -> list[str]:
    _install(project)
    (project / path).write_text(content)
    return [verb]


def _claims(project: Path, path: str) -> list[str]:
    _install(project)
    lock = project / "claudepack.lock"
    lock.write_text(lock.read_text().replace(".claude/agents/backend-engineer.md", path))
    return ["sync"]


def _needs(project: Path, requirement: str) -> list[str]:
    write_pack(project.parent / "mine", dependencies=f'dependencies = ["{requirement}"]')
    return ["install", "../mine"]


CASES: dict[str, tuple[Callable[[Path], list[str]], list[str]]] = {
    "an unknown pack": (lambda _: ["install", "backnd"], ["backnd", "backend"]),
    "a name that is no name": (lambda _: ["install", "Back End!"], ["Back End!", "backend==1.2"]),
    "a version that is not there": (lambda _: ["install", "backend>=99"], ["1.1.0"]),
    "a URL": (lambda _: ["install", "https://u:p@example.org/x.whl"], ["https://example.org/x.whl", "git+URL"]),
    "no such directory": (lambda _: ["install", "./nowhere"], ["no such file or directory"]),
    "a directory that is no pack": (
        lambda p: (write_tree(p.parent / "x", {"a": ""}), ["install", "../x"])[1],
        ["pyproject.toml"],
    ),
    "two packs with one agent name": (_twins, ["'same'", "one", "two"]),
    "an agent that the project has already": (
        lambda p: (write_tree(p, {".claude/agents/x.md": AGENT.format(name="mine")}), _pack(p, {}))[1],
        ["'mine'", ".claude/agents/x.md"],
    ),
    "somebody else's file in the way": (
        lambda p: (write_tree(p, {".claude/agents/mine.md": "theirs\n"}), _pack(p, {}))[1],
        [".claude/agents/mine.md"],
    ),
    "a link in a pack": (_linked_pack, ["agents/link.md", "link"]),
    "a case collision": (lambda p: _pack(p, {"prompts/a/X.md": "1", "prompts/a/x.md": "2"}), ["fold case"]),
    "two spellings": (
        lambda p: _pack(p, {"prompts/a/\u00e9.md": "1", "prompts/a/e\u0301.md": "2"}),
        ["'prompts/a/e\\u0301.md' and 'prompts/a/\\xe9.md' are one file"],
    ),
    "a reserved name": (lambda p: _pack(p, {"prompts/a/con.md": "1"}), ["con.md", "Windows"]),
    "frontmatter without a name": (
        lambda p: _pack(p, {"agents/x.md": "---\ndescription: d\n---\n"}),
        ["agents/x.md", "name"],
    ),
    "frontmatter that cannot be read": (lambda p: _pack(p, {"agents/x.md": "---\nname: x\n"}), ["agents/x.md:1"]),
    "two agents of one name in a pack": (
        lambda p: _pack(p, {"agents/x.md": AGENT.format(name="mine")}),
        ["agents/x.md", "agents/mine.md"],
    ),
    "a missing variable": (
        lambda p: _pack(p, {"CLAUDE.md.j2": "{{ who }}\n", "pack.toml": '[variables.who]\nhelp = "whose"\n'}),
        ["who", "[variables]"],
    ),
    "a template that would never end": (
        lambda p: _pack(p, {"CLAUDE.md.j2": "{% for a in range(9999999) %}{% endfor %}"}),
        ["CLAUDE.md.j2:1"],
    ),
    "hidden text": (lambda p: _pack(p, {"prompts/a/b.md": "x\u202ey\n"}), ["prompts/a/b.md:1", "U+202E"]),
    "what would be executed": (lambda p: _pack(p, {"hooks/run.sh": "#!/bin/sh\n"}), ["hooks/run.sh", "--allow"]),
    "settings that are a list": (lambda p: _pack(p, {"settings.json": "[]"}), ["settings.json"]),
    "settings of the project that JSON does not have": (
        lambda p: (
            write_tree(p, {".claude/settings.json": "{\n // mine\n}\n"}),
            [*_pack(p, {"settings.json": '{"permissions": {"allow": ["Read"]}}'}), "--allow", "permissions"],
        )[1],
        [".claude/settings.json:2", "a comment"],
    ),
    "a newer pack format": (lambda p: _pack(p, {"pack.toml": "format = 2\n"}), ["upgrade claudepack"]),
    "a pack that needs another": (
        lambda p: (
            write_pack(p.parent / "mine", dependencies='dependencies = ["claudepack-other>=2"]'),
            ["install", "../mine"],
        )[1],
        ["claudepack-other>=2"],
    ),
    "a manifest that is no TOML": (lambda p: (write_tree(p, {"claudepack.toml": "a = \n"}), ["sync"])[1], ["line 1"]),
    "an unknown key in the manifest": (
        lambda p: (write_tree(p, {"claudepack.toml": '[packs]\nbackend = { versoin = "1" }\n'}), ["sync"])[1],
        ["versoin", "version"],
    ),
    "an unknown table in the manifest": (
        lambda p: (write_tree(p, {"claudepack.toml": "[pakcs]\n"}), ["sync"])[1],
        ["pakcs", "packs"],
    ),
    "no manifest": (lambda _: ["sync"], ["install"]),
    "a lock that is not JSON": (lambda p: _installed(p, "claudepack.lock", "{", "sync"), ["git show HEAD"]),
    "a lock in conflict": (
        lambda p: _installed(p, "claudepack.lock", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n", "sync"),
        ["conflict markers", "sync"],
    ),
    "a lock of a newer format": (
        lambda p: _installed(p, "claudepack.lock", '{"format": 9}', "verify"),
        ["upgrade claudepack"],
    ),
    "a lock that claims a source file": (
        lambda p: _claims(p, "src/main.py"),
        ["src/main.py"],
    ),
    ".claude is a file": (lambda p: (write_tree(p, {".claude": ""}), _pack(p, {}))[1], [".claude is not a directory"]),
    ".claude is a link out": (lambda p: _link(p, ".claude", p.parent), [".claude", "outside the project"]),
    ".claude/agents is a link out": (
        lambda p: _link(p, ".claude/agents", p.parent),
        [".claude/agents", "outside the project"],
    ),
    "CLAUDE.md is a link out": (lambda p: _link(p, "CLAUDE.md", Path("/etc/hosts")), ["CLAUDE.md", "outside"]),
    "CLAUDE.md is a link to nothing": (lambda p: _link(p, "CLAUDE.md", p / "no"), ["CLAUDE.md", "nothing"]),
    "CLAUDE.md is a directory": (
        lambda p: (write_tree(p, {"CLAUDE.md/x": ""}), _pack(p, {"CLAUDE.md": "c"}))[1],
        ["CLAUDE.md is a directory"],
    ),
    "an unknown verb": (lambda _: ["instal", "backend"], ["install"]),
    "an unknown option": (lambda _: ["install", "--nope"], ["--nope"]),
    "a pack that is not installed": (lambda _: ["uninstall", "backend"], ["not installed"]),
    "nothing to uninstall": (lambda _: ["uninstall"], ["uninstall what?", "--prune"]),
    "a variable without a value": (
        lambda p: [*_pack(p, {}), "--set", "language"],
        ["--set language", "--set language=Go"],
    ),
    "a kind of consent that there is not": (lambda p: [*_pack(p, {}), "--allow", "hook"], ["--allow hook", "hooks"]),
    "what goes with a pack, and no pack": (lambda _: ["install", "--allow", "hooks"], ["go with a pack"]),
    "both a trusted lock and one that is looked at": (
        lambda _: ["sync", "--frozen", "--locked"],
        ["--frozen", "--locked"],
    ),
    "an entry that leads to another pack": (
        lambda p: (_pack(p, {}), write_tree(p, {"claudepack.toml": '[packs]\nyours = {path = "../mine"}\n'}), ["sync"])[
            2
        ],
        ["yours leads to the pack 'mine'", "call it mine"],
    ),
}


@pytest.mark.parametrize(("prepare", "said"), CASES.values(), ids=CASES.keys())
def test_it_is_refused_and_nothing_changes(
    tool: Tool, project: Path, prepare: Callable[[Path], list[str]], said: list[str]
) -> None:
    words = prepare(project)
    before = read_tree(project.parent)

    run = tool(*words)
    as_json = tool(*words, "--json")

    assert (run.exit, run.out) == (2, "")
    assert all(text in run.err for text in said), run.err
    assert "Traceback" not in run.err
    assert as_json.json["exit"] == 2
    assert as_json.json["error"]["code"]
    assert read_tree(project.parent) == before


@pytest.mark.parametrize("verb", ["status", "sync"])
@pytest.mark.parametrize(
    "path", ["claudepack.toml", "claudepack.lock", "CLAUDE.md", ".claude/settings.json", ".claude/agents/x.md"]
)
@pytest.mark.parametrize("kind", ["pipe", "zero"])
def test_what_has_no_end_is_never_waited_for(tool: Tool, project: Path, path: str, verb: str, kind: str) -> None:
    pack = write_pack(project.parent / "mine", {"CLAUDE.md": "c\n", "settings.json": '{"model": "opus"}'})
    assert tool("install", pack, "--allow", "permissions").exit == 0
    (project / path).unlink(missing_ok=True)
    os.mkfifo(project / path) if kind == "pipe" else (project / path).symlink_to("/dev/zero")

    run = tool(verb)  # has to end

    assert "Traceback" not in run.err
    if path.startswith("claudepack."):
        assert (run.exit, path in run.err) == (2, True)


def test_a_path_with_dots_cannot_come_out_of_a_wheel(tool: Tool, project: Path) -> None:
    import zipfile

    wheel = project.parent / "claudepack_mine-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("claudepack_mine/../../evil.md", "x")

    run = tool("install", wheel)

    assert run.exit == 2
    assert ".." in run.err
    assert read_tree(project) == {}


@pytest.mark.parametrize("folder", [".", ".claude", ".claude/agents"])
def test_a_read_only_directory_is_refused(tool: Tool, project: Path, tmp_path: Path, folder: str) -> None:
    pack = write_pack(tmp_path / "mine", {"CLAUDE.md": "c\n", "prompts/p/a.md": "p\n"})
    write_tree(project, {".claude/agents/own.md": AGENT.format(name="own"), "CLAUDE.md": "# Mine\n"})
    before = read_tree(project)
    (project / folder).chmod(0o555)

    run = tool("install", pack, held_to_modes=True)

    (project / folder).chmod(0o755)
    assert run.exit == 2
    assert "Permission denied" in run.err
    assert read_tree(project) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("delay", [0.1, 0.25, 0.4, 0.6])
def test_a_signal_leaves_the_old_state_or_the_new(project: Path, tmp_path: Path, number: int, delay: float) -> None:
    pack = write_pack(tmp_path / "mine", {f"prompts/p/{count}.md": f"{count}\n" * 50 for count in range(1500)})
    process = subprocess.Popen(
        [sys.executable, "-m", "claudepack", "install", str(pack)],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    process.send_signal(number)
    process.wait(timeout=60)

    files = len(read_tree(project))

    assert files in (0, 1503)
    assert files == 1503 or process.returncode in (128 + number, -number)


def test_an_edit_is_not_left_beside_an_agent_of_its_name(tool: Tool, project: Path, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "mine")
    tool("install", pack)
    write_tree(
        project, {".claude/agents/mine.md": AGENT.format(name="mine") + "edited\n", ".claude/agents/new.md": "own\n"}
    )
    before = read_tree(project)
    (pack / "agents/mine.md").rename(pack / "agents/new.md")  # no rename here: its place is taken

    run = tool("sync", "--adopt", "--json")

    assert (run.exit, run.json["error"]["code"]) == (2, "clash")
    assert ".claude/agents/mine.md" in run.json["error"]["message"]
    assert read_tree(project) == before
