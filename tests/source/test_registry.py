"""A pack from a package index: found by pip, pinned by URL and hash, fetched once."""

import json
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Tool
from indexes import PASSWORD, USER, make_certificate, serve_index, serve_pages, write_keyring, write_netrc
from trees import read_tree, write_pack, write_wheel


@pytest.fixture(autouse=True)
def _fail_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_RESUME_RETRIES", "0")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    write_wheel(folder, "corp", "1.0")
    write_wheel(folder, "corp", "1.4")
    write_wheel(folder, "corp", "2.0a1")
    return folder


@pytest.fixture
def index(wheels: Path) -> Iterator[str]:
    with serve_index(wheels) as url:
        yield url


def _lock(project: Path) -> Any:  # noqa: ANN401 - a test looks at what it expects
    return json.loads((project / "claudepack.lock").read_text())["packs"]


def test_it_is_installed_from_the_index_that_is_named_and_pinned_by_its_hash(
    tool: Tool, project: Path, index: str
) -> None:
    run = tool("install", "corp", "--index-url", index)

    assert run.exit == 0, run.err
    assert f"corp 1.4 from {index}" in run.out
    assert b"Version 1.4." in (project / ".claude/agents/corp.md").read_bytes()
    manifest = (project / "claudepack.toml").read_text()
    assert f'127-0-0-1 = "{index}"' in manifest
    assert 'corp = {version = ">=1.4,<2", index = "127-0-0-1"}' in manifest
    source = _lock(project)["corp"]["source"]
    assert source["kind"] == "index"
    assert source["index"] == index
    assert source["url"].endswith("/packages/claudepack_corp-1.4-py3-none-any.whl")
    assert len(source["sha256"]) == 64
    assert tool("verify").exit == 0


@pytest.mark.parametrize("word", ["corp==1.0", "corp<1.4"])
def test_a_version_is_taken_as_asked(tool: Tool, project: Path, index: str, word: str) -> None:
    assert tool("install", word, "--index-url", index).exit == 0
    assert b"Version 1.0." in (project / ".claude/agents/corp.md").read_bytes()


def test_an_entry_that_is_there_keeps_its_range_and_gets_the_index(tool: Tool, project: Path, index: str) -> None:
    text = '[packs]\ncorp = "==1.0"  # because\n'
    (project / "claudepack.toml").write_text(text)
    for _ in range(2):
        assert tool("install", "corp", "--index-url", index).exit == 0
        assert _lock(project)["corp"]["version"] == "1.0"
        assert 'version = "==1.0", index = "127-0-0-1"' in (project / "claudepack.toml").read_text()


def test_the_variable_and_a_name_in_the_manifest_do_as_well(
    tool: Tool, project: Path, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "claudepack.toml").write_text(f'[packs]\n\n[index]\nown = "{index}"\n')
    monkeypatch.setenv("CLAUDEPACK_INDEX_URL", "own")
    assert tool("install", "corp").exit == 0
    assert 'index = "own"' in (project / "claudepack.toml").read_text()


def test_a_default_in_the_manifest_serves_packs_that_name_no_index(tool: Tool, project: Path, index: str) -> None:
    (project / "claudepack.toml").write_text(f'[packs]\ncorp = "<2"\n\n[index]\ndefault = "{index}"\n')
    assert tool("sync").exit == 0
    assert _lock(project)["corp"]["source"]["index"] == index


def test_a_folder_of_wheels_serves_in_place_of_an_index(
    tool: Tool, project: Path, wheels: Path, tmp_path: Path
) -> None:
    run = tool("install", "corp", "--find-links", wheels)

    assert run.exit == 0, run.err
    assert 'wheels = "../wheels"' in (project / "claudepack.toml").read_text()
    assert _lock(project)["corp"]["source"]["url"] == "../wheels/claudepack_corp-1.4-py3-none-any.whl"
    assert str(tmp_path) not in (project / "claudepack.lock").read_text()
    whole = read_tree(project)
    (project / ".claude/agents/corp.md").unlink()
    assert tool("sync", cache=tmp_path / "empty").exit == 0
    assert read_tree(project) == whole


def test_a_stranger_s_higher_version_elsewhere_never_wins(
    tool: Tool, project: Path, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = write_wheel(tmp_path / "stranger", "corp", "9.0").parent
    with serve_index(stranger) as other:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", other)
        monkeypatch.setenv("PIP_FIND_LINKS", str(stranger))
        config = Path.home() / ".config/pip/pip.conf"
        config.parent.mkdir(parents=True)
        config.write_text(f"[global]\nextra-index-url = {other}\nfind-links = {stranger}\n")
        assert tool("install", "corp", "--index-url", index).exit == 0
        assert _lock(project)["corp"]["version"] == "1.4"


def test_what_pip_is_configured_with_is_the_index_of_packs_that_name_none(
    tool: Tool, project: Path, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_INDEX_URL", index)

    run = tool("install", "corp")

    assert run.exit == 0, run.err
    assert "corp 1.4 from the index" in run.out
    assert (project / "claudepack.toml").read_text() == '[packs]\ncorp = ">=1.4,<2"\n'
    (project / ".claude/agents/corp.md").unlink()
    assert tool("sync", "--offline").exit == 0


def test_what_is_here_goes_before_the_index(tool: Tool, index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_INDEX_URL", index)
    assert "from the packs that come with claudepack" in tool("install", "backend").out


@pytest.mark.parametrize("way", ["netrc", "keyring", "variable", "manifest"])
def test_a_private_index_gives_a_second_machine_the_same_bytes_and_its_credentials_to_nobody(
    tool: Tool, project: Path, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    write_wheel(wheels, "backend", "3.0")
    second = tmp_path / "second"
    second.mkdir()
    with serve_index(wheels, private=True) as url:
        known = url.replace("//", f"//{USER}:{PASSWORD}@")
        if way == "netrc":
            write_netrc()
        if way == "keyring":
            write_keyring(tmp_path / "bin", monkeypatch)
        if way == "manifest":
            (project / "claudepack.toml").write_text(f'[packs]\n\n[index]\nown = "{known}"\n')
        monkeypatch.setenv("CLAUDEPACK_INDEX_URL", {"variable": known, "manifest": "own"}.get(way, url))

        first = tool("install", "backend")
        assert first.exit == 0, first.err
        newest = tool("outdated")
        for name in ("claudepack.toml", "claudepack.lock"):
            shutil.copy(project / name, second)
        frozen = tool("sync", "--frozen", cwd=second, cache=tmp_path / "empty")

    assert newest.exit == 0, newest.err
    assert frozen.exit == 0, frozen.err
    assert read_tree(second) == read_tree(project)
    written = [(project / "claudepack.lock").read_text(), first.out, first.err, frozen.out, frozen.err]
    if way != "manifest":
        written.append((project / "claudepack.toml").read_text())
    assert PASSWORD not in "".join(written)


def test_denied_access_is_told_apart_from_a_pack_that_is_not_there(tool: Tool, project: Path, wheels: Path) -> None:
    with serve_index(wheels, private=True) as url:
        wrong = url.replace("//", "//reader:wrong-secret@")
        runs = [tool("install", "corp", "--index-url", address) for address in (url, wrong)]
    for run in runs:
        assert run.exit == 2
        assert f"{url} denies access" in run.err
        assert "netrc" in run.err
        assert "wrong-secret" not in run.err
    assert read_tree(project) == {}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("corp==7", ["claudepack-corp ==7", "1.0, 1.4, 2.0a1"]),
        ("corp>=1.5", ["only the pre-release 2.0a1", "corp>=2.0a1"]),
        ("corpp", ["no claudepack-corpp", "did you mean corp?"]),
        ("sourced", ["only source distributions"]),
    ],
)
def test_what_the_index_does_not_have_is_named_with_what_it_has(
    tool: Tool, project: Path, wheels: Path, index: str, word: str, said: list[str]
) -> None:
    (wheels / "claudepack_sourced-1.0.tar.gz").write_bytes(b"")
    run = tool("install", word, "--index-url", index)
    assert run.exit == 2
    assert all(text in run.err for text in said), run.err
    assert read_tree(project) == {}


def test_a_pre_release_is_taken_where_it_is_asked_for(tool: Tool, project: Path, index: str) -> None:
    assert tool("install", "corp>=2.0a1", "--index-url", index).exit == 0
    assert _lock(project)["corp"]["version"] == "2.0a1"


PAGE = "/simple/claudepack-corp/"
LINK = b'<!DOCTYPE html><a href="/x/claudepack_corp-1.0-py3-none-any.whl%s">claudepack_corp-1.0-py3-none-any.whl</a>'


@pytest.mark.parametrize(
    ("pages", "code", "said"),
    [
        ({"": (200, "text/html", b"<html>please log in</html>")}, 2, "simple API"),
        ({"": (200, "text/plain", b"hello")}, 2, "has no claudepack-corp"),
        ({"": (500, "text/plain", b"boom")}, 2, "HTTP 500"),
        (
            {"": (200, "application/octet-stream", b"half"), PAGE: (200, "text/html", LINK % b"")},
            2,
            "half a",
        ),
        (
            {
                "": (200, "application/octet-stream", b"other"),
                PAGE: (200, "text/html", LINK % (b"#sha256=" + b"0" * 64)),
            },
            4,
            "SHA-256",
        ),
    ],
    ids=["garbage", "text", "500", "half", "a wrong hash"],
)
def test_an_index_that_misbehaves_changes_nothing(
    tool: Tool, project: Path, pages: dict[str, tuple[int, str, bytes]], code: int, said: str
) -> None:
    with serve_pages(pages) as url:
        run = tool("install", "corp", "--index-url", url)
    assert run.exit == code
    assert said in run.err
    assert "Traceback" not in run.err
    assert read_tree(project) == {}


def test_an_answer_that_cannot_be_read_is_told_with_where_it_is_from(tool: Tool, project: Path) -> None:
    with serve_pages({"": (200, "application/vnd.pypi.simple.v1+json", b"garbage")}) as url:
        run = tool("install", "corp", "--index-url", url.replace("://", "://u:secret@"))
    assert run.exit == 2
    assert f"the answer of {url} cannot be read" in run.err
    assert "secret" not in run.err
    assert read_tree(project) == {}


def test_no_network_is_told_apart(tool: Tool, project: Path) -> None:
    run = tool("install", "corp", "--index-url", "http://127.0.0.1:9/simple")
    assert run.exit == 2
    assert "http://127.0.0.1:9/simple cannot be reached" in run.err
    assert read_tree(project) == {}


@pytest.mark.skipif(not shutil.which("openssl"), reason="the openssl command makes the certificate")
def test_a_certificate_that_nobody_vouches_for_is_told_apart(tool: Tool, project: Path, tmp_path: Path) -> None:
    with serve_pages({"": (404, "text/plain", b"")}, certificate=make_certificate(tmp_path / "own.pem")) as url:
        run = tool("install", "corp", "--index-url", url)
    assert run.exit == 2
    assert f"{url} has a certificate that nobody here vouches for: certificate verify failed" in run.err
    assert read_tree(project) == {}


def test_a_yanked_version_is_taken_when_pinned_with_a_warning_and_not_otherwise(
    tool: Tool, project: Path, tmp_path: Path
) -> None:
    wheel = write_wheel(tmp_path / "w", "corp", "1.0").read_bytes()
    page = (LINK % b"").replace(b"<a ", b'<a data-yanked="broken" ')
    pages = {"": (200, "application/octet-stream", wheel), PAGE: (200, "text/html", page)}
    with serve_pages(pages) as url:
        free = tool("install", "corp", "--index-url", url)
        assert read_tree(project) == {}
        pinned = tool("install", "corp==1.0", "--index-url", url)
    assert (free.exit, pinned.exit) == (2, 0)
    assert "claudepack-corp 1.0 was yanked" in pinned.out


def test_a_file_that_changed_since_the_lock_is_an_integrity_error(
    tool: Tool, project: Path, wheels: Path, index: str, tmp_path: Path
) -> None:
    tool("install", "corp", "--index-url", index)
    write_wheel(wheels, "corp", "1.4", files={"prompts/x.md": "evil\n"})
    (project / ".claude/agents/corp.md").unlink()
    before = read_tree(project)
    shutil.rmtree(Path.home() / ".cache/pip", ignore_errors=True)

    for words in (["sync"], ["sync", "--frozen"]):
        run = tool(*words, cache=tmp_path / "empty")
        assert run.exit == 4
        assert "was promised" in run.err
        assert read_tree(project) == before


def test_a_file_that_moved_on_its_index_is_fetched_from_where_it_is_now(
    tool: Tool, project: Path, index: str, tmp_path: Path
) -> None:
    tool("install", "corp", "--index-url", index)
    lock = project / "claudepack.lock"
    lock.write_text(lock.read_text().replace("/packages/", "/before/"))
    before = read_tree(project)
    (project / ".claude/agents/corp.md").unlink()
    shutil.rmtree(Path.home() / ".cache/pip", ignore_errors=True)

    run = tool("sync", "--frozen", cache=tmp_path / "empty")

    assert run.exit == 0, run.err
    assert read_tree(project) == before


def test_a_url_in_a_lock_can_neither_run_nor_read_anything(
    tool: Tool, project: Path, index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool("install", "corp", "--index-url", index)
    lock = project / "claudepack.lock"
    url = _lock(project)["corp"]["source"]["url"]
    (project / ".claude/agents/corp.md").unlink()
    monkeypatch.setenv("PRIVATE_KEY", "swordfish")
    for evil in (
        "git+https://127.0.0.1:9/x",
        "https://127.0.0.1:9/x.tar.gz",
        "http://127.0.0.1:9/${PRIVATE_KEY}/x.whl",
        "http://127.0.0.1:9/x.whl\\nclaudepack-evil",
    ):
        lock.write_text(lock.read_text().replace(url, evil))
        run = tool("sync", cache=tmp_path / "empty")
        url = evil
        assert run.exit in (0, 2)
        assert "swordfish" not in run.err + run.out


def test_a_dependency_by_url_is_refused_before_anything_is_built(
    tool: Tool, project: Path, wheels: Path, index: str, tmp_path: Path
) -> None:
    evil = write_pack(tmp_path / "evil", {"setup.py": f"open({str(tmp_path / 'ran')!r}, 'w')\n"}, name="evil")
    (evil / "pyproject.toml").unlink()
    write_wheel(wheels, "trap", "1.0", requires=[f"claudepack-evil @ file://{evil}", f"other @ file://{evil}"])
    run = tool("install", "trap", "--index-url", index)
    assert run.exit == 2
    assert "with a URL" in run.err
    assert not (tmp_path / "ran").exists()
    assert read_tree(project) == {}


def test_a_module_in_the_project_does_not_pass_for_pip(tool: Tool, project: Path, index: str, tmp_path: Path) -> None:
    (project / "pip.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    assert tool("install", "corp", "--index-url", index).exit == 0
    assert not (tmp_path / "ran").exists()


def test_offline_works_from_the_cache_and_says_what_it_lacks(
    tool: Tool, project: Path, wheels: Path, tmp_path: Path
) -> None:
    with serve_index(wheels) as url:
        tool("install", "corp", "--index-url", url)
    second = tmp_path / "second"
    second.mkdir()

    run = tool("install", "corp", "--index-url", url, "--offline", cwd=second)
    lacks = tool("install", "other", "--index-url", url, "--offline", cwd=second)
    older = tool("install", "corp<1.4", "--index-url", url, "--offline", cwd=second)

    assert run.exit == 0, run.err
    assert read_tree(second) == read_tree(project)
    assert (lacks.exit, older.exit) == (2, 2)
    assert "claudepack-other>=0 is not in the cache" in lacks.err
    assert "it has 1.4" in older.err


def test_a_minimum_age_needs_an_index_that_tells_ages(tool: Tool, project: Path, index: str) -> None:
    (project / "claudepack.toml").write_text(
        f'[packs]\ncorp = ">=1"\n[index]\ndefault = "{index}"\nminimum-age = "7 days"\n'
    )
    run = tool("sync")
    assert run.exit == 2
    assert "minimum-age" in run.err


def test_a_minimum_age_leaves_out_what_is_too_young(tool: Tool, project: Path, tmp_path: Path) -> None:
    young, old = (write_wheel(tmp_path / "w", "corp", version) for version in ("1.1", "1.0"))
    files = [
        {"filename": wheel.name, "url": f"/{wheel.name}", "hashes": {}, "upload-time": uploaded}
        for wheel, uploaded in ((young, "2999-01-01T00:00:00Z"), (old, "2020-01-01T00:00:00Z"))
    ]
    page = json.dumps({"meta": {"api-version": "1.1"}, "name": "claudepack-corp", "files": files}).encode()
    pages = {
        "": (404, "text/plain", b""),
        PAGE: (200, "application/vnd.pypi.simple.v1+json", page),
    }
    pages |= {f"/{wheel.name}": (200, "application/octet-stream", wheel.read_bytes()) for wheel in (young, old)}
    with serve_pages(pages) as url:
        text = f'[packs]\ncorp = ">=1"\n[index]\ndefault = "{url}"\nminimum-age = "7 days"\n'
        (project / "claudepack.toml").write_text(text)
        run = tool("sync")
    assert run.exit == 0, run.err
    assert _lock(project)["corp"]["version"] == "1.0"


def _add(wheel: Path, name: str, data: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> None:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = mode << 16
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(info, data)


@pytest.mark.parametrize(
    ("name", "data", "mode", "code", "said"),
    [
        ("claudepack_corp/agents/extra.md", b"x", stat.S_IFREG, 4, "RECORD has no hash"),
        ("claudepack_corp/../../evil.md", b"x", stat.S_IFREG, 2, "'..'"),
        ("/tmp/evil.md", b"x", stat.S_IFREG, 2, "absolute"),  # noqa: S108 - that is what is refused
        ("claudepack_corp/agents/link.md", b"/etc/passwd", stat.S_IFLNK, 2, "no plain file"),
        ("claudepack_corp/agents/big.md", b"0" * (64 << 20), stat.S_IFREG, 2, "times smaller"),
        ("claudepack_corp/agents/a\u202eb.md", b"x", stat.S_IFREG, 2, "U+202E"),
    ],
    ids=["RECORD", "dots", "absolute", "link", "bomb", "hidden"],
)
def test_a_hostile_wheel_on_an_index_is_refused_at_the_door(
    tool: Tool, project: Path, tmp_path: Path, name: str, data: bytes, mode: int, code: int, said: str
) -> None:
    wheel = write_wheel(tmp_path / "hostile", "corp", "1.0")
    _add(wheel, name, data, mode | 0o644)

    run = tool("install", "corp", "--find-links", wheel.parent)

    assert run.exit == code
    assert said in run.err
    assert read_tree(project) == {}


@pytest.mark.parametrize("option", ["--find-links", "--index-url"])
def test_a_folder_that_is_not_there_is_named(tool: Tool, option: str) -> None:
    run = tool("install", "corp", option, "../typo")

    assert (run.exit, run.err.partition("\n")[0]) == (2, "error: ../typo: no such directory")
