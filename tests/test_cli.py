"""The words of the command line, and what a run may load."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from claudepack import __version__
from claudepack.commands.verbs import TWO_WORDS, VERBS, load_command
from conftest import Tool
from trees import AGENT, read_tree, write_pack, write_tree

HEAVY = {
    "rich",
    "jinja2",
    "yaml",
    "tomlkit",
    "packaging",
    "dataclasses",
    "pathlib",
    "frontmatter",
    "hatchling",
    "shutil",
    "filelock",
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(tool: Tool, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = tool(verb, "--help")
    assert run.exit == 0
    assert [line for line in (run.out + tool("--help").out).splitlines() if len(line) >= 80] == []
    assert f"claudepack {verb}" in run.out.split("examples:")[1]


def test_the_version_is_told_alone(tool: Tool) -> None:
    assert tool("--version").out == f"claudepack {__version__}\n"


def test_no_words_show_the_verbs_and_are_a_mistake(tool: Tool) -> None:
    run = tool()
    assert run.exit == 2
    assert all(verb in run.out for verb in VERBS)


def test_options_may_stand_before_the_verb(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("-C", project, "--json", "install", "backend", cwd=tmp_path).json["exit"] == 0
    assert (project / ".claude").is_dir()


def test_a_project_that_is_called_as_a_verb_is_none(tool: Tool, project: Path, tmp_path: Path) -> None:
    project.rename(tmp_path / "sync")
    assert tool("-C", "sync", "install", "backend", "--json", cwd=tmp_path).json["command"] == "install"
    assert (tmp_path / "sync/.claude").is_dir()


def test_so_they_may_before_a_verb_of_two_words(tool: Tool, project: Path, tmp_path: Path) -> None:
    fleet = write_tree(project / "fleet", {"fleet.toml": '[[repository]]\nurl = "https://github.com/team/shop"\n'})
    matrix = ("matrix", "--emit", "repos.txt")

    assert tool("--json", "-C", fleet, "fleet", *matrix, cwd=tmp_path).json["matrix"] == "team/shop"
    assert tool("fleet", *matrix, "--project", "fleet").out == "team/shop\n"
    assert tool("fleet", *matrix, "-f", "fleet/fleet.toml").out == "team/shop\n"
    assert tool("-C", fleet, "-q", "fleet", "sync", "--repo", ".", "--author", "A <a@b>", cwd=tmp_path).exit == 1
    assert (fleet / "fleet.jsonl").is_file()
    run = tool("-C", "nowhere", "fleet", *matrix)
    assert (run.exit, run.err.splitlines()[0]) == (2, "error: nowhere: no such directory")


def test_the_verbs_of_two_words_are_those_that_have_them() -> None:
    assert tuple(verb for verb in VERBS if hasattr(load_command(verb), "WORDS")) == TWO_WORDS


def test_your_own_folder_is_no_project(tool: Tool, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tool("install", "backend", "--user", "-C", project, "--json")
    assert (run.exit, run.json["error"]["code"]) == (2, "usage")

    monkeypatch.setenv("CLAUDEPACK_PROJECT", str(project))
    assert tool("status", "-g").exit == 2
    assert (list(Path.home().iterdir()), list(project.iterdir())) == ([], [])


@pytest.mark.parametrize("verb", ["build", "check", "import", "sync"])
def test_an_empty_path_is_not_the_current_folder(tool: Tool, project: Path, verb: str) -> None:
    write_pack(project, {}, name="mine")

    run = tool(verb, "")

    assert (run.exit, run.err.splitlines()[0]) == (2, "error: '' is no path")
    assert read_tree(project) == read_tree(write_pack(project.with_name("same"), {}, name="mine"))


def test_a_script_may_say_yes_though_nothing_is_asked(tool: Tool, project: Path) -> None:
    assert tool("-y", "install", "backend").exit == 0
    assert tool("uninstall", "backend", "--yes").exit == 0
    assert read_tree(project) == {}


@pytest.mark.parametrize("alias", ["add", "remove"])
def test_aliases_are_verbs(tool: Tool, alias: str) -> None:
    tool("add", "backend")
    assert tool(alias, "backend").exit == 0


def test_the_environment_speaks_for_options(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDEPACK_JSON", "1")
    assert tool("status").json["command"] == "status"
    assert tool("sync").json["error"]["code"] == "no-manifest"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--json"], "no verb is given"),
        (["--json", "bogus"], "there is no verb 'bogus'"),
        (["bogus", "--json"], "there is no verb 'bogus'"),
        (["--json", "--bogus"], "there is no verb '--bogus'"),
    ],
)
def test_what_is_no_verb_is_told_as_json_where_that_is_asked_for(tool: Tool, words: list[str], message: str) -> None:
    run = tool(*words)
    assert (run.exit, run.err) == (2, "")
    assert run.json["exit"] == 2
    assert run.json["error"]["message"] == message


SHELLS = {
    "--version >&-": (0, "", ""),
    "status >&-": (0, "", ""),
    "status --json >&-": (0, "", ""),
    "bogus 2>&-": (2, "", ""),
    ">&-": (2, "", ""),
    "--version >/dev/full": (2, "", "error: standard output: No space left"),
    "help >/dev/full": (2, "", "error: standard output: No space left"),
    "status >/dev/full": (2, "", "error: No space left"),
    "status --json >/dev/full": (2, "", "error: No space left"),
    "show backend --json >/dev/full": (2, "", "error: No space left"),
    "bogus --json >/dev/full": (2, "", "error: there is no verb"),
}


@pytest.mark.parametrize(("line", "told"), SHELLS.items(), ids=SHELLS.keys())
def test_what_cannot_be_printed_is_no_accident(project: Path, line: str, told: tuple[int, str, str]) -> None:
    script = f"exec '{sys.executable}' -m claudepack {line}"
    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == told[:2], done.stderr
    assert done.stderr.startswith(told[2])
    assert done.stderr.count("\n") <= 2
    assert "Traceback" not in done.stderr


ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("name", ["n\xf6", "\u65e5", "x\udcff"])
@pytest.mark.parametrize("environment", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_what_an_encoding_does_not_know_is_escaped(
    tool: Tool, tmp_path: Path, name: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / name
    root.mkdir()
    for key, value in environment.items():
        monkeypatch.setenv(key, value)

    for verb in (["install", "backend"], ["status"], ["show", "backend"]):
        run = tool("-C", root, *verb)
        assert (run.exit, run.err) == (0, "")
    assert tool("-C", root, "status", "--json").json["exit"] == 0
    missing = tool("-C", root / "no", "status", "--json").json["error"]["message"]
    assert os.fsencode(missing) == os.fsencode(f"{root}/no: no such directory")


def test_a_path_that_the_system_s_encoding_does_not_know_is_told(
    tool: Tool, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pack(project / "n\xf6")
    assert tool("install", "./n\xf6").exit == 0
    for key, value in ENCODINGS["C"].items():
        monkeypatch.setenv(key, value)

    run = tool("sync")

    assert (run.exit, run.out) == (2, "")
    assert run.err.startswith("error: '\\xf6' cannot be part of a path where the encoding is ascii\n  set LC_ALL=")


def test_too_little_memory_is_told(tool: Tool, project: Path, tmp_path: Path) -> None:
    assert tool("install", write_pack(tmp_path / "mine", {"agents/a.md": AGENT.format(name="a")})).exit == 0
    os.truncate(project / ".claude/agents/a.md", 400 << 20)
    script = f"ulimit -v 300000; exec '{sys.executable}' -m claudepack diff"

    done = subprocess.run(["sh", "-c", script], cwd=project, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there is too little memory\n  let this program have more (ulimit -v), ")
    assert done.stderr.count("\n") == 2


@pytest.mark.parametrize("words", [["status"], ["-C", ".", "status"], ["show", "backend"], ["new", "x"]])
def test_a_directory_that_is_gone_is_told(project: Path, words: list[str]) -> None:
    code = "import os, sys; os.rmdir(os.getcwd()); from claudepack.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the current directory is gone\n  ")


@pytest.mark.parametrize("pack", ["backend", "../mine"])
@pytest.mark.parametrize("verb", ["verify", "sync", "install"])
def test_a_run_that_changes_nothing_loads_nothing_heavy(tool: Tool, project: Path, verb: str, pack: str) -> None:
    write_pack(project.parent / "mine", {"prompts/p/a.md": "a", "CLAUDE.md": "Read it.\n"})
    assert tool("install", pack).exit == 0
    code = f"import sys; from claudepack.cli import main; main(['{verb}']); print(*sys.modules)"
    words = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"]

    done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=True)

    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("verb", ["install", "update"])
def test_agents_and_prompts_load_nothing_that_only_other_components_need(
    tool: Tool, project: Path, tmp_path: Path, verb: str
) -> None:
    pack = write_pack(tmp_path / "mine", {"prompts/p/a.md": "a\n"})
    if verb == "update":
        assert tool("install", pack).exit == 0
        write_pack(tmp_path / "mine", {"prompts/p/a.md": "b\n"})
    words = [verb, str(pack)] if verb == "install" else [verb]
    code = f"import sys; from claudepack.cli import main; main({words!r}); print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)

    assert (project / ".claude/prompts/p/a.md").read_text() == ("b\n" if verb == "update" else "a\n")
    assert not {"jsonschema", "jinja2", "rich", "ftfy", "cyclonedx", "subprocess"} & set(done.stdout.split())
