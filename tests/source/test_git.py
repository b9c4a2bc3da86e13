"""A pack from a git repository: one commit of it, the same bytes for ever, and nothing of it is run."""

import json
import shutil
from pathlib import Path

import pytest

from conftest import Tool
from repositories import commit_all, git, serve_over_http, serve_repositories
from trees import read_tree, write_pack, write_tree

PROMPT = ".claude/prompts/p/a.md"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the pack in `packs/mine` and things that must not matter."""
    root = tmp_path / "repository"
    write_pack(root / "packs/mine", {"prompts/p/a.md": "one\n", "hooks/run.sh": "#!/bin/sh\n"})
    (root / "packs/mine/hooks/run.sh").chmod(0o755)
    write_tree(root, {".gitattributes": "*.md filter=evil export-ignore text eol=crlf\n", "src/main.c": "x\n"})
    (root / "src/link").symlink_to("/etc/passwd")
    commit_all(root, tag="v1.0")
    return root


def _word(repository: Path, ref: str = "", subdirectory: str = "packs/mine") -> str:
    return f"git+file://{repository}{ref}" + (f"#subdirectory={subdirectory}" if subdirectory else "")


@pytest.mark.parametrize(("ref", "key"), [("@v1.0", 'tag = "v1.0"'), ("@main", 'branch = "main"'), ("", "")])
def test_it_is_installed_and_pinned_by_its_commit(
    tool: Tool, project: Path, repository: Path, ref: str, key: str
) -> None:
    run = tool("install", _word(repository, ref), "--allow", "executables")

    assert run.exit == 0, run.err
    commit = git(repository, "rev-parse", "HEAD")
    assert f"from file://{repository} at {commit[:12]}" in run.out
    assert (project / ".claude/prompts/p/a.md").read_bytes() == b"one\n"
    assert (project / ".claude/hooks/run.sh").stat().st_mode & 0o100
    manifest, lock = (project / "claudepack.toml").read_text(), (project / "claudepack.lock").read_text()
    assert key in manifest
    assert 'subdirectory = "packs/mine"' in manifest
    assert f'"commit": "{commit}"' in lock
    assert tool("verify").exit == 0


def test_a_whole_commit_is_fetched_from_a_daemon_and_then_needs_no_network(
    tool: Tool, project: Path, tmp_path: Path, repository: Path
) -> None:
    first = git(repository, "rev-parse", "HEAD")
    write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
    commit_all(repository)
    with serve_repositories(tmp_path) as url:
        word = f"git+{url}/repository@{first}#subdirectory=packs/mine"
        assert tool("install", word, "--allow", "executables").exit == 0
    (project / ".claude/prompts/p/a.md").unlink()

    assert tool("sync", "--offline").exit == 0
    assert (project / ".claude/prompts/p/a.md").read_bytes() == b"one\n"
    assert f'rev = "{first}"' in (project / "claudepack.toml").read_text()


@pytest.mark.parametrize("ref", ["v1.0", "main", "commit"])
def test_a_server_of_the_older_protocol_gives_a_commit_that_no_branch_is_at(
    tool: Tool, project: Path, tmp_path: Path, repository: Path, ref: str
) -> None:
    first = git(repository, "rev-parse", "HEAD")
    with serve_over_http(tmp_path, "", "", is_open=True, is_old=True) as url:
        word = f"git+{url}/repository@{first if ref == 'commit' else ref}#subdirectory=packs/mine"
        locked = tool("install", word, "--allow", "executables", cache=tmp_path / "other") if ref == "main" else None
        write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
        commit_all(repository)
        (project / PROMPT).unlink(missing_ok=True)

        run = tool("sync", "--frozen") if locked else tool("install", word, "--allow", "executables")

    assert run.exit == 0, run.err
    assert (project / PROMPT).read_bytes() == b"one\n"


def test_an_update_follows_a_branch_and_without_a_network_keeps_the_commit(
    tool: Tool, project: Path, repository: Path
) -> None:
    tool("install", _word(repository, "@main"), "--allow", "executables")
    before = read_tree(project)
    write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
    commit = commit_all(repository)

    assert tool("update", "--offline").exit == 0
    assert read_tree(project) == before
    assert tool("update").exit == 0
    assert (project / ".claude/prompts/p/a.md").read_bytes() == b"two\n"
    assert commit in (project / "claudepack.lock").read_text()


def test_a_branch_that_moved_is_still_the_commit_of_the_lock(
    tool: Tool, project: Path, tmp_path: Path, repository: Path
) -> None:
    tool("install", _word(repository, "@main"), "--allow", "executables")
    before = read_tree(project)
    write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
    commit_all(repository)
    (project / ".claude/prompts/p/a.md").unlink()
    (tmp_path / "empty").mkdir()

    run = tool("sync", cache=tmp_path / "empty")

    assert run.exit == 0, run.err
    assert read_tree(project) == before


def test_a_tag_that_moved_is_refused_and_a_frozen_lock_is_trusted(
    tool: Tool, project: Path, tmp_path: Path, repository: Path
) -> None:
    tool("install", _word(repository, "@v1.0"), "--allow", "executables")
    whole = read_tree(project)
    write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
    commit_all(repository, tag="v1.0")
    (project / ".claude/prompts/p/a.md").unlink()
    before = read_tree(project)

    run = tool("sync", cache=tmp_path / "empty")

    assert run.exit == 4
    assert "somebody moved it" in run.err
    assert read_tree(project) == before
    assert tool("sync", "--frozen", cache=tmp_path / "empty").exit == 0
    assert read_tree(project) == whole


def test_a_commit_that_is_gone_is_refused(tool: Tool, project: Path, tmp_path: Path, repository: Path) -> None:
    tool("install", _word(repository, "@main"), "--allow", "executables")
    write_tree(repository, {"packs/mine/prompts/p/a.md": "two\n"})
    git(repository, "commit", "--quiet", "--all", "--amend", "--message", "another")
    git(repository, "tag", "--delete", "v1.0")
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, "gc", "--quiet", "--prune=now")
    (project / ".claude/prompts/p/a.md").unlink()
    before = read_tree(project)

    run = tool("sync", cache=tmp_path / "empty")

    assert run.exit == 2
    assert "not to be had" in run.err
    assert read_tree(project) == before


@pytest.mark.parametrize(
    ("ref", "subdirectory", "said"),
    [
        ("@v9", "packs/mine", "no tag or branch 'v9'"),
        ("@v1.0", "packs/nowhere", "no such file or directory"),
        ("@v1.0", "", "pyproject.toml"),
        ("@" + "0" * 40, "packs/mine", "not to be had"),
    ],
)
def test_what_is_not_there_is_refused(
    tool: Tool, project: Path, repository: Path, ref: str, subdirectory: str, said: str
) -> None:
    run = tool("install", _word(repository, ref, subdirectory))
    assert run.exit == 2
    assert said in run.err
    assert read_tree(project) == {}


def test_a_link_among_the_files_of_the_pack_is_refused(tool: Tool, project: Path, repository: Path) -> None:
    (repository / "packs/mine/agents/link.md").symlink_to("/etc/passwd")
    commit_all(repository)
    run = tool("install", _word(repository))
    assert run.exit == 2
    assert "agents/link.md" in run.err
    assert read_tree(project) == {}


def test_neither_hooks_nor_filters_nor_the_caller_s_repository_are_used(
    tool: Tool, project: Path, tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = tmp_path / "evil"
    write_tree(tmp_path / "template", {"hooks/post-checkout": f"#!/bin/sh\ntouch {evil}\n"})
    (tmp_path / "template/hooks/post-checkout").chmod(0o755)
    config = f'[filter "evil"]\n smudge = touch {evil}\n[init]\n templateDir = {tmp_path / "template"}\n'
    (Path.home() / ".gitconfig").write_text(config)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))

    run = tool("install", _word(repository), "--allow", "executables")

    assert run.exit == 0, run.err
    assert (project / ".claude/prompts/p/a.md").read_bytes() == b"one\n"
    assert not evil.exists()


def test_a_credential_gets_neither_into_files_nor_into_messages(tool: Tool, project: Path) -> None:
    url = "http://user:secret@127.0.0.1:9/repository"

    refused = tool("install", f"git+{url}")
    (project / "claudepack.toml").write_text(f'[packs]\nmine = {{ git = "{url}" }}\n')
    synced = tool("sync")

    assert (refused.exit, synced.exit) == (2, 2)
    assert "127.0.0.1:9" in refused.err
    assert "secret" not in refused.err + refused.out + synced.err + synced.out


@pytest.mark.parametrize("way", ["netrc", "URL", "manifest"])
def test_a_private_repository_is_fetched_and_gives_its_credentials_to_nobody(
    tool: Tool, project: Path, tmp_path: Path, repository: Path, way: str
) -> None:
    assert repository.is_dir()
    with serve_over_http(tmp_path, "reader", "secret") as url:
        known = url.replace("//", "//reader:secret@")
        denied = [
            tool("install", f"git+{address}/repository") for address in (url, url.replace("//", "//reader:mistaken@"))
        ]
        if way == "netrc":
            (Path.home() / ".netrc").write_text("machine 127.0.0.1 login reader password secret\n")
            (Path.home() / ".netrc").chmod(0o600)
        if way == "manifest":
            keys = f'git = "{known}/repository", tag = "v1.0", subdirectory = "packs/mine", allow = ["executables"]'
            (project / "claudepack.toml").write_text(f"[packs]\nmine = {{ {keys} }}\n")
            run = tool("sync")
        else:
            word = f"git+{known if way == 'URL' else url}/repository@v1.0#subdirectory=packs/mine"
            run = tool("install", word, "--allow", "executables")

    assert [(refusal.exit, "access denied" in refusal.err) for refusal in denied] == [(2, True)] * 2
    assert run.exit == 0, run.err
    written = [run.out, run.err, (project / "claudepack.lock").read_text(), *(refusal.err for refusal in denied)]
    if way != "manifest":
        written.append((project / "claudepack.toml").read_text())
    assert "secret" not in "".join(written)
    assert "mistaken" not in "".join(written)
    assert (project / ".claude/prompts/p/a.md").read_bytes() == b"one\n"


def test_what_the_user_wrote_of_a_credential_stays_in_the_manifest_alone(
    tool: Tool, project: Path, repository: Path
) -> None:
    keys = f'git = "file://token@{repository}", subdirectory = "packs/mine", allow = ["executables"]'
    (project / "claudepack.toml").write_text(f"[packs]\nmine = {{ {keys} }}\n")
    (Path.home() / ".gitconfig").write_text(f'[url "file://{repository}"]\n insteadOf = file://token@{repository}\n')

    run = tool("sync")

    assert run.exit == 0, run.err
    assert "token" in (project / "claudepack.toml").read_text()
    assert "token" not in (project / "claudepack.lock").read_text() + run.out
    assert tool("verify").exit == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [("commit", "../../../x"), ("commit", "--output=x"), ("subdirectory", "../.."), ("url", "ext::sh -c id")],
)
def test_a_lock_that_was_tampered_with_is_refused(
    tool: Tool, project: Path, tmp_path: Path, repository: Path, key: str, value: str
) -> None:
    tool("install", _word(repository, "@main"), "--allow", "executables")
    lock = project / "claudepack.lock"
    document = json.loads(lock.read_text())
    document["packs"]["mine"]["source"][key] = value
    lock.write_text(json.dumps(document))
    (project / ".claude/prompts/p/a.md").unlink()
    before = read_tree(project)

    run = tool("sync", "--frozen", cache=tmp_path / "empty")

    assert run.exit == 2
    assert "by hand" in run.err
    assert read_tree(project) == before


def test_a_corrupt_entry_of_the_cache_is_replaced(tool: Tool, project: Path, repository: Path) -> None:
    tool("install", _word(repository, "@main"), "--allow", "executables")
    [kept] = (Path.home() / ".cache/claudepack/archives").glob("*/*/*.tar.gz")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + b"x")
    shutil.rmtree(Path.home() / ".cache/claudepack/packs")
    (project / ".claude/prompts/p/a.md").unlink()

    offline = tool("sync", "--offline")
    online = tool("sync")

    assert (offline.exit, online.exit) == (2, 0)
    assert "not in the cache" in offline.err
    assert kept.read_bytes() == whole
