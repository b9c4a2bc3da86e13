"""One repository: what is pushed, what never is, and that nothing of it runs."""

import json
import os
import pickle
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from claudepack.fleet.job import sync_repository
from claudepack.fleet.spec import RepositorySpec
from claudepack.source.cache import locate_cache
from fleets import copy_bare, edit_bare, find_own, list_branches, list_files, make_bare, merge_own, show
from indexes import PASSWORD, serve_index, write_netrc
from repositories import commit_all, git, serve_over_http
from trees import AGENT, write_installed, write_tree, write_wheel

MANIFEST = '[packs]\nmine = ">=1"\n'
TEXT = "".join(f"Line {number}.\n" for number in range(9))
AGENT_PATH, PROMPT = ".claude/agents/mine.md", ".claude/prompts/p/a.md"


@pytest.fixture(autouse=True)
def _pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pack `mine` 1.0.0 in an environment that is active."""
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env/.venv"))
    _release(tmp_path, "1.0.0", {"prompts/p/a.md": TEXT})


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_bare(tmp_path / "shop.git")


def _release(tmp_path: Path, version: str, files: Mapping[str, str]) -> None:
    write_installed(tmp_path / "env", {"agents/mine.md": AGENT.format(name="mine"), **files}, version=version)


def _spec(bare: Path, run: str = "1", **given: object) -> RepositorySpec:
    own_run = f"{os.environ['VIRTUAL_ENV']} {run}"  # packs are found once a run, and this process has many
    spec = RepositorySpec(bare.as_uri(), manifest=MANIFEST, author="Fleet <f@example.org>", seconds=60, run=own_run)
    return replace(spec, **given)  # type: ignore[arg-type]  # the test says what it is


def _installed(tmp_path: Path, bare: Path) -> None:
    """Bring the pack into a repository, and a new version into the environment."""
    assert sync_repository(_spec(bare)).state == "pushed"
    merge_own(bare)
    _release(tmp_path, "1.1.0", {"prompts/p/a.md": TEXT.replace("Line 8", "Line eight")})


def test_a_repository_without_a_manifest_gets_the_packs_of_the_fleet_on_a_branch_of_its_own(bare: Path) -> None:
    before = list_branches(bare)

    report = sync_repository(_spec(bare))

    assert (report.exit, report.state, report.error) == (0, "pushed", None)
    assert list_branches(bare) == {**before, report.branch: report.commit}
    assert list_files(bare, report.branch) == [
        AGENT_PATH,
        PROMPT,
        "CLAUDE.md",
        "claudepack.lock",
        "claudepack.toml",
        "src/main.c",
    ]
    assert show(bare, report.branch, "claudepack.toml") == MANIFEST.strip()
    assert git(bare, "log", "-1", "--format=%an <%ae>", report.branch) == "Fleet <f@example.org>"
    assert git(bare, "log", "-1", "--format=%s", report.branch) == "Update Claude Code packs: mine 1.0.0"
    git(bare, "fsck", "--strict")


def test_it_can_be_done_in_other_processes(tmp_path: Path) -> None:
    bares = [make_bare(tmp_path / f"{name}.git") for name in "ab"]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        reports = list(executor.map(sync_repository, map(_spec, bares)))

    assert [report.state for report in reports] == ["pushed", "pushed"]
    assert [find_own(bare) for bare in bares] == [report.branch for report in reports]


def _pass_on(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def test_a_report_and_a_spec_cross_to_another_process_and_the_question_has_one_name(bare: Path) -> None:
    spec = _spec(bare)

    assert _pass_on(spec) == spec
    assert replace(spec, run="2", seconds=9).key == spec.key
    assert replace(spec, path="x").key != spec.key
    report = sync_repository(spec)
    assert report.state == "pushed"
    assert _pass_on(report) == report


@pytest.mark.parametrize("is_kept", [True, False], ids=["from the cache", "anew"])
def test_the_second_time_nothing_is_pushed(bare: Path, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool) -> None:
    first = sync_repository(_spec(bare))
    before = list_branches(bare)
    if not is_kept:
        monkeypatch.setenv("XDG_CACHE_HOME", str(bare.parent / "other"))

    second = sync_repository(_spec(bare, run="2"))

    assert (second.exit, second.state, second.branch, second.commit) == (0, "proposed", first.branch, first.commit)
    assert list_branches(bare) == before


def test_what_is_kept_needs_no_clone_while_nothing_has_changed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_repository(_spec(bare))
    traces = [bare.parent / name for name in ("same", "changed")]
    for trace in traces:
        monkeypatch.setenv("GIT_TRACE", str(trace))
        sync_repository(_spec(bare, run=trace.name))
        monkeypatch.delenv("GIT_TRACE")
        edit_bare(bare, {"README.md": f"Before {trace.name}.\n"})

    same, changed = (trace.read_text() for trace in traces)
    assert "ls-remote" in same
    assert "fetch" not in same
    assert "fetch" in changed


def test_once_it_is_merged_there_is_nothing_to_do(bare: Path) -> None:
    sync_repository(_spec(bare))
    merge_own(bare)

    report = sync_repository(_spec(bare, run="2"))

    assert (report.exit, report.state, report.branch) == (0, "unchanged", "")
    assert list(list_branches(bare)) == ["main"]


def test_an_update_keeps_edits_and_replaces_the_branch_that_it_supersedes(tmp_path: Path, bare: Path) -> None:
    _installed(tmp_path, bare)
    edit_bare(bare, {PROMPT: TEXT.replace("Line 0", "Line nought")})
    first = sync_repository(_spec(bare, run="2", action="update"))
    assert first.packs == (("mine", "1.1.0", "1.0.0"),)
    merged = TEXT.replace("Line 0", "Line nought").replace("Line 8", "Line eight")
    assert show(bare, first.branch, PROMPT) == merged.strip()
    _release(tmp_path, "1.2.0", {"prompts/p/a.md": TEXT})

    second = sync_repository(_spec(bare, run="3", action="update"))

    assert second.state == "pushed"
    assert list(list_branches(bare)) == [second.branch, "main"]
    assert show(bare, second.branch, PROMPT) == TEXT.replace("Line 0", "Line nought").strip()


def test_with_an_empty_cache_the_base_of_an_edit_comes_from_the_history_of_the_repository(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _installed(tmp_path, bare)
    for number in range(3):
        edit_bare(bare, {PROMPT: TEXT.replace("Line 0", f"Line nought {number}")})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

    report = sync_repository(_spec(bare, run="2", action="update"))

    assert (report.exit, report.state) == (0, "pushed")
    merged = TEXT.replace("Line 0", "Line nought 2").replace("Line 8", "Line eight")
    assert show(bare, report.branch, PROMPT) == merged.strip()
    git(bare, "fsck", "--strict")


def test_packs_of_a_private_index_are_asked_for_once_and_pinned_without_its_credentials(tmp_path: Path) -> None:
    write_netrc()
    write_wheel(tmp_path / "wheels", "remote", "1.0")
    bares = copy_bare(make_bare(tmp_path / "shop.git"), tmp_path / "remotes", 3)
    with serve_index(tmp_path / "wheels", private=True) as url:
        manifest = f'[packs]\nremote = ">=1"\n\n[index]\ndefault = "{url}"\n'
        first = sync_repository(_spec(bares[0], manifest=manifest))
        write_wheel(tmp_path / "wheels", "remote", "1.1")
        same = sync_repository(_spec(bares[1], manifest=manifest))
        later = sync_repository(_spec(bares[2], manifest=manifest, run="2"))

    assert [report.error for report in (first, same, later)] == [None] * 3
    assert [report.packs[0].version for report in (first, same, later)] == ["1.0", "1.0", "1.1"]
    lock = show(bares[0], first.branch, "claudepack.lock")
    assert url in lock
    assert PASSWORD not in lock


def test_an_error_names_the_repository_and_no_directory_of_this_machine(tmp_path: Path, bare: Path) -> None:
    broken = make_bare(tmp_path / "broken.git", {".claude": "a file\n"})

    reports = [sync_repository(_spec(bare, manifest="")), sync_repository(_spec(broken))]

    told = [report.error["message"] for report in reports if report.error]
    assert told[0] == f"{bare.as_uri()}: there is no claudepack.toml"
    assert reports[0].error
    assert "[packs] of the fleet file" in reports[0].error["hint"]
    assert "not a directory" in told[1]
    assert str(locate_cache()) not in "".join(told)


@pytest.mark.parametrize(
    ("path", "leads_to", "told"),
    [
        (".claude", "../elsewhere", ".claude is a link to ../elsewhere, which is outside the project"),
        (".claude", "nowhere", ".claude is a link to nowhere, which is no directory"),
        (".claude/agents", "../../out", ".claude/agents is a link to ../../out, which is outside the project"),
        ("CLAUDE.md", "../up.md", "CLAUDE.md is a link to ../up.md, which is outside the project"),
    ],
)
def test_a_link_is_told_as_it_stands_in_the_repository(tmp_path: Path, path: str, leads_to: str, told: str) -> None:
    work = write_tree(tmp_path / "work", {"README.md": "x\n"})
    (work / path).parent.mkdir(exist_ok=True)
    (work / path).symlink_to(leads_to)
    commit_all(work)
    git(tmp_path, "clone", "--quiet", "--bare", "work", "x.git")

    report = sync_repository(_spec(tmp_path / "x.git"))

    assert report.error
    assert report.error["message"] == told


@pytest.mark.parametrize("text", ["{", "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n", '{"format": 1}'])
def test_a_lock_that_nobody_can_read_is_mended_in_a_clone(tmp_path: Path, text: str) -> None:
    broken = make_bare(tmp_path / "x.git", {"claudepack.toml": MANIFEST, "claudepack.lock": text})

    report = sync_repository(_spec(broken))

    assert report.error
    assert (report.error["code"], report.state) == ("lock", "failed")
    assert report.error["hint"] == (
        "in a clone of it: take an earlier claudepack.lock (git log -- claudepack.lock) or delete it, then claudepack "
        "sync, commit and push"
    )


def test_a_sync_stays_with_the_locked_version(tmp_path: Path, bare: Path) -> None:
    _installed(tmp_path, bare)

    assert sync_repository(_spec(bare, run="2")).state == "unchanged"


def test_conflicts_are_not_pushed_and_told_with_their_files(tmp_path: Path, bare: Path) -> None:
    _installed(tmp_path, bare)
    edit_bare(bare, {PROMPT: TEXT.replace("Line 8", "Line VIII")})

    for run in "23":  # the second is the first one's answer, from the cache
        report = sync_repository(_spec(bare, run=run, action="update"))
        assert (report.exit, report.state, report.conflicts) == (3, "conflict", (PROMPT,))

    assert list(list_branches(bare)) == ["main"]


def test_copies_made_by_hand_are_refused_until_they_are_adopted(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git", {PROMPT: "By hand.\n"})

    refused = sync_repository(_spec(bare))
    adopted = sync_repository(_spec(bare, action="adopt"))

    assert (refused.exit, refused.state, refused.conflicts) == (2, "failed", (PROMPT,))
    assert refused.error
    assert refused.error["code"] == "collision"
    assert adopted.state == "pushed"
    assert show(bare, adopted.branch, PROMPT) == "By hand."
    assert AGENT_PATH in list_files(bare, adopted.branch)


def test_what_is_wanted_names_the_branch_and_not_what_it_is_brought_to(tmp_path: Path, bare: Path) -> None:
    first = sync_repository(_spec(bare))
    edit_bare(bare, {"src/main.c": "int main(void) { return 1; }\n"})

    second = sync_repository(_spec(bare, run="2"))

    assert second.state == "pushed"
    assert second.branch == first.branch
    assert git(bare, "rev-parse", f"{second.branch}^") == git(bare, "rev-parse", "main")
    other = make_bare(tmp_path / "other.git", {"main.py": "pass\n", "CLAUDE.md": "# Other\n"})
    assert sync_repository(_spec(other)).branch == first.branch


@pytest.mark.parametrize("words", [("commit", "--allow-empty", "-m", "more"), ("commit", "--amend", "-m", "mine now")])
def test_somebody_elses_work_on_our_branch_stays(tmp_path: Path, bare: Path, words: tuple[str, ...]) -> None:
    branch = sync_repository(_spec(bare)).branch
    git(tmp_path, "clone", "--quiet", "--branch", branch, str(bare), "work")
    git(tmp_path / "work", *words)
    git(tmp_path / "work", "push", "--quiet", "--force", "origin", branch)
    edit_bare(bare, {"src/main.c": "x\n"})
    before = list_branches(bare)

    report = sync_repository(_spec(bare, run="2"))

    assert (report.exit, report.state) == (0, "held")
    assert list_branches(bare) == before


def test_a_direct_push_goes_on_top_of_what_somebody_pushed_meanwhile(bare: Path) -> None:
    other = edit_bare(bare, {"other.txt": "Somebody's.\n"})
    git(bare, "update-ref", "refs/other", other)
    git(bare, "update-ref", "refs/heads/main", "main~1")
    hook = _push_amid(bare, "main")

    report = sync_repository(_spec(bare, delivery="direct"))

    assert (report.state, report.branch) == ("pushed", "main")
    assert not hook.exists()
    assert git(bare, "rev-parse", "main^") == other
    assert list_branches(bare) == {"main": report.commit}
    assert sync_repository(_spec(bare, run="2", delivery="direct")).state == "unchanged"


def test_no_push_goes_over_what_somebody_pushed_to_our_branch_meanwhile(bare: Path) -> None:
    branch = sync_repository(_spec(bare)).branch
    ours = list_branches(bare)[branch]
    other = edit_bare(bare, {"other.txt": "Somebody's.\n"}, branch=branch)
    git(bare, "update-ref", "refs/other", other)
    git(bare, "update-ref", f"refs/heads/{branch}", ours)
    edit_bare(bare, {"src/main.c": "int x;\n"})  # so that our branch is to be made anew
    hook = _push_amid(bare, branch)

    report = sync_repository(_spec(bare, run="2"))

    assert not hook.exists()
    assert (report.exit, report.state) == (0, "held")
    assert list_branches(bare)[branch] == other


def _push_amid(bare: Path, branch: str) -> Path:
    """Let somebody be faster at the next push: after it has looked, and before it is done."""
    hook = bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nunset GIT_QUARANTINE_PATH\nrm hooks/pre-receive\ngit update-ref refs/heads/{branch} refs/other\n"
    )
    hook.chmod(0o755)
    return hook


def test_without_a_push_it_is_said_what_would_be(bare: Path) -> None:
    before = list_branches(bare)

    report = sync_repository(_spec(bare, delivery="none"))

    assert report.state == "ready"
    assert report.branch.startswith("claudepack/")
    assert {change.action for change in report.changes} == {"create"}
    assert list_branches(bare) == before


def test_projects_of_one_repository_have_branches_of_their_own(tmp_path: Path) -> None:
    files = {f"services/{name}/main.go": "package main\n" for name in "ab"}
    bare = make_bare(tmp_path / "mono.git", {**files, "services/AGENTS.md": "# All\n"})

    reports = [sync_repository(_spec(bare, path=f"services/{name}")) for name in "ab"]

    assert len({report.branch for report in reports}) == 2
    assert set(list_branches(bare)) == {"main", *(report.branch for report in reports)}
    assert f"services/a/{AGENT_PATH}" in list_files(bare, reports[0].branch)
    missing = sync_repository(_spec(bare, path="services/c"))
    assert missing.error
    assert "services/c" in missing.error["message"]


def test_a_fleet_says_which_version_a_repository_has_and_leaves_the_rest_of_its_manifest(tmp_path: Path) -> None:
    text = '# ours\n[packs]\nmine = { version = "<1", exclude = ["prompts"] } # why\n\n[variables]\na = "b"\n'
    bare = make_bare(tmp_path / "shop.git", {"claudepack.toml": text})

    report = sync_repository(_spec(bare, overrides='[packs]\nmine = ">=1"\n[variables]\nlanguage = "Go"\n'))

    assert report.error is None
    assert show(bare, report.branch, "claudepack.toml").splitlines() == [
        "# ours",
        "[packs]",
        'mine = { version = ">=1", exclude = ["prompts"] } # why',
        "",
        "[variables]",
        'a = "b"',
        'language = "Go"',
    ]


def test_a_branch_of_the_repository_can_be_asked_for(bare: Path) -> None:
    git(bare, "branch", "release", "main")
    edit_bare(bare, {"only-here.txt": "x\n"}, branch="release")

    report = sync_repository(_spec(bare, branch="release"))

    assert "only-here.txt" in list_files(bare, report.branch)
    absent = sync_repository(_spec(bare, branch="nope"))
    assert absent.error
    assert "nope" in absent.error["message"]


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_every_object_format_will_do_and_an_empty_repository_is_told(tmp_path: Path, form: str) -> None:
    git(tmp_path, "init", "--quiet", "--bare", f"--object-format={form}", "x.git")
    empty = sync_repository(_spec(tmp_path / "x.git"))
    assert empty.error
    assert "empty" in empty.error["message"]
    git(tmp_path, "init", "--quiet", f"--object-format={form}", "work")
    write_tree(tmp_path / "work", {"CLAUDE.md": "# x\n"})
    commit_all(tmp_path / "work")
    git(tmp_path / "work", "push", "--quiet", str(tmp_path / "x.git"), "HEAD:main")

    assert sync_repository(_spec(tmp_path / "x.git")).state == "pushed"


def test_a_repository_whose_own_choice_of_a_branch_is_not_there_is_not_empty(bare: Path) -> None:
    git(bare, "branch", "release", "main")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/gone")

    report = sync_repository(_spec(bare))

    assert report.error == {
        "code": "not-found",
        "message": f"{bare.as_uri()}: its HEAD names no branch that is there, which are main, release",
        "hint": 'name one in the fleet file (branch = "main"), or mend its HEAD where it lies',
    }
    assert sync_repository(_spec(bare, branch="main")).state == "pushed"


@pytest.mark.parametrize(
    ("hook", "says", "told"),
    [
        ("pre-receive", "GH006: Protected branch update failed", "pre-receive hook declined: GH006: Protected branch"),
        ("pre-receive", "", "pre-receive hook declined"),
        ("update", "permission denied for robots", "hook declined: permission denied for robots"),
    ],
)
def test_a_push_that_the_server_refuses_has_its_words_and_its_own_way_out(
    bare: Path, hook: str, says: str, told: str
) -> None:
    (bare / "hooks" / hook).write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
    (bare / "hooks" / hook).chmod(0o755)

    report = sync_repository(_spec(bare))

    assert report.error
    assert report.error["code"] == "refused"
    assert report.error["message"].startswith(f"{bare.as_uri()}: the push is refused: {told}")
    assert "  " not in report.error["message"]
    assert report.error["hint"] == "see which rules and hooks the server has for that branch, or who may push to it"


def test_links_are_followed_in_the_repository_and_not_out_of_it(tmp_path: Path) -> None:
    work = tmp_path / "work"
    write_tree(work, {"docs/claude.md": "# Docs\n", "tools/agents/own.md": AGENT.format(name="own")})
    (work / "CLAUDE.md").symlink_to("docs/claude.md")
    (work / ".claude").symlink_to("tools")
    commit_all(work)
    git(tmp_path, "clone", "--quiet", "--bare", "work", "in.git")
    inside = sync_repository(_spec(tmp_path / "in.git"))
    assert inside.error is None
    assert {"docs/claude.md", "tools/agents/mine.md"} <= set(list_files(tmp_path / "in.git", inside.branch))
    assert git(tmp_path / "in.git", "diff", "--name-only", "main", inside.branch, "--", "CLAUDE.md", ".claude") == ""

    (work / ".claude").unlink()
    (work / ".claude").symlink_to("/")
    commit_all(work)
    git(tmp_path, "clone", "--quiet", "--bare", "work", "out.git")
    outside = sync_repository(_spec(tmp_path / "out.git"))
    assert (outside.exit, outside.state) == (2, "failed")


def test_what_a_repository_ignores_is_not_committed(tmp_path: Path) -> None:
    bare = make_bare(tmp_path / "shop.git", {".gitignore": ".claude/prompts/\n", "CLAUDE.md": "# x\n"})

    report = sync_repository(_spec(bare))

    assert AGENT_PATH in list_files(bare, report.branch)
    assert PROMPT not in list_files(bare, report.branch)


def test_a_pack_that_lies_in_the_repository_is_installed_from_there(tmp_path: Path) -> None:
    work = write_tree(tmp_path / "work", {"claudepack.toml": '[packs]\nown = { path = "packs/own" }\n'})
    write_tree(work, {"packs/own/agents/own.md": AGENT.format(name="own"), "packs/own/pyproject.toml": _PYPROJECT})
    commit_all(work)
    git(tmp_path, "clone", "--quiet", "--bare", "work", "shop.git")

    first, second = (sync_repository(_spec(tmp_path / "shop.git", run=run, action="update")) for run in "12")

    assert (first.error, first.state, second.state) == (None, "pushed", "proposed")
    assert ".claude/agents/own.md" in list_files(tmp_path / "shop.git", first.branch)


_PYPROJECT = """\
[project]
name = "claudepack-own"
version = "1"
[project.entry-points."claudepack.packs"]
own = "claudepack_own"
"""


def test_nothing_of_a_repository_or_of_gits_configuration_runs(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    evil.chmod(0o755)
    hooks = tmp_path / "hooks"
    names = ("pre-push", "post-checkout", "pre-commit", "commit-msg", "post-commit")
    write_tree(hooks, dict.fromkeys(names, evil.read_bytes()))
    for name in names:
        (hooks / name).chmod(0o755)
    write_tree(tmp_path / "template", {"hooks/reference-transaction": evil.read_bytes()})
    (tmp_path / "template/hooks/reference-transaction").chmod(0o755)
    settings = {
        "filter.evil.smudge": evil,
        "filter.evil.clean": evil,
        "filter.evil.process": evil,
        "filter.lfs.process": evil,
        "core.hooksPath": hooks,
        "core.fsmonitor": evil,
        "init.templateDir": tmp_path / "template",
    }
    bare = make_bare(
        tmp_path / "shop.git",
        {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n*.md filter=lfs\n",
            ".claude/.gitattributes": "* filter=evil\n",
            ".lfsconfig": f"[lfs]\n\turl = file://{evil}\n",
            ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = ext::{evil}\n',
            "CLAUDE.md": "# Shop\n",
        },
    )
    for key, value in settings.items():
        git(tmp_path, "config", "--global", key, str(value))

    report = sync_repository(_spec(bare))

    assert report.state == "pushed"
    assert not ran.exists()
    assert git(bare, "show", f"{report.branch}:{AGENT_PATH}") == AGENT.format(name="mine").strip()


@pytest.mark.parametrize("is_filtered", [True, False])
def test_over_http_with_credentials_which_nobody_sees(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch, *, is_filtered: bool
) -> None:
    secret = "s3cr3t-pass"  # noqa: S105 - of a server of this test
    git(bare, "config", "http.receivepack", "true")
    git(bare, "config", "uploadpack.allowFilter", str(is_filtered).lower())
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    with serve_over_http(tmp_path, "robot", secret) as address:
        url = f"{address.replace('://', f'://robot:{secret}@')}/shop.git"
        report = sync_repository(_spec(bare, url=url))
        again = sync_repository(_spec(bare, url=url, run="2"))
        refused = sync_repository(_spec(bare, url=f"{address}/shop.git", run="2"))

    assert (report.error, report.state, report.url) == (None, "pushed", f"{address}/shop.git")
    assert again.state == "proposed"
    assert refused.error
    assert refused.error["code"] == "auth"
    assert secret not in repr([report, again, refused])
    kept = [path.read_bytes() for path in locate_cache().rglob("*") if path.is_file()]
    assert kept
    assert not any(secret.encode() in data for data in kept)
    assert secret not in (tmp_path / "trace").read_text()  # the arguments of all that ran


def test_a_network_that_fails_is_tried_again_and_a_refusal_is_not(tmp_path: Path, bare: Path) -> None:
    git(bare, "config", "http.receivepack", "true")
    with serve_over_http(tmp_path, "u", "p", failures=1) as address:
        url = address.replace("://", "://u:p@")
        report = sync_repository(_spec(bare, url=f"{url}/shop.git"))
        absent = sync_repository(_spec(bare, url=f"{url}/nope.git", tries=50))

    assert report.state == "pushed"
    assert report.seconds > 0.5
    assert absent.seconds < 20  # fifty times would be hours


def test_a_repository_that_does_not_answer_is_given_up(silent_port: int) -> None:
    report = sync_repository(_spec(Path("/x"), url=f"git://127.0.0.1:{silent_port}/x.git", seconds=0.5))

    assert report.error
    assert report.error["code"] == "timeout"
    assert report.seconds < 20


def test_a_damaged_cache_is_no_answer(bare: Path) -> None:
    sync_repository(_spec(bare))
    [kept] = (locate_cache() / "fleet").glob("*.json")
    for text in ("", "[]", "{}", json.dumps({**json.loads(kept.read_text()), "report": {}})):
        kept.write_text(text)
        assert sync_repository(_spec(bare, run=text[:3])).state == "proposed"


def test_a_commit_message_comes_from_a_template_which_can_do_nothing_else(bare: Path) -> None:
    for template, told in (
        ("{{ nope }}", "'nope' is undefined"),
        ("{% for", "the commit message"),
        (_ESCAPE, "unsafe"),
    ):
        report = sync_repository(_spec(bare, message=template))
        assert report.error
        assert report.error["code"] == "template"
        assert told in report.error["message"]

    report = sync_repository(_spec(bare, message="{{ action }}: {{ packs[0].name }}", sign_off=True))

    subject, _, body = git(bare, "log", "-1", "--format=%B", report.branch).partition("\n")
    assert subject == "sync: mine"
    assert git(bare, "log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)", report.branch) == (
        "Fleet <f@example.org>"
    )
    assert f"Claudepack-Fleet: {report.branch.removeprefix('claudepack/')} main ." in body


_ESCAPE = "{{ ''.__class__.__mro__[1].__subclasses__() }}"


def test_what_is_thrown_away_is_not_brought_to_the_disk(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int) -> None:
        raise AssertionError(f"{number} was to be brought to the disk")

    monkeypatch.setattr(os, "fsync", refuse)

    assert sync_repository(_spec(bare)).state == "pushed"


def test_it_leaves_nothing_behind(bare: Path) -> None:
    before = sorted(bare.parent.iterdir())

    sync_repository(_spec(bare))

    assert not any((locate_cache() / "stage").iterdir())
    assert sorted(bare.parent.iterdir()) == before
    assert find_own(bare)
