"""`fleet.toml`: what is in it, and what is refused with the way out."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.fleet.fleet_file import compose_manifest, read_fleet
from claudepack.project.manifest import parse_manifest

WHOLE = """\
[packs]
backend = ">=1.0,<2"
tools = { version = ">=2", allow = ["hooks"], index = "corp" }

[packs.design]
git = "https://example.org/design.git"
tag = "v1"

[packs.design.override."agents/x.md"]
model = "opus"

[index]
corp = "https://pypi.example.org/simple"

[variables]
language = "Go"

[project]
context = "rules"

[commit]
author = "Platform <platform@example.org>"
sign-off = true
message = "message.j2"

[[repository]]
url = "https://example.org/shop.git"

[[repository]]
url = "git@example.org:team/mono.git"
branch = "develop"
path = "services/api"
packs = { backend = "==1.2", corp = { version = ">=1", index = "corp" } }
variables = { language = "Rust" }
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "fleet.toml"
    path.write_text(text)
    return path


def test_all_of_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "message.j2").write_text("Packs\n")

    fleet = read_fleet(_write(tmp_path, WHOLE))

    manifest = parse_manifest(fleet.manifest)
    assert list(manifest.packs) == ["backend", "tools", "design"]
    assert manifest.packs["tools"].allow == ("hooks",)
    assert manifest.packs["design"].override == {"agents/x.md": {"model": "opus"}}
    assert (manifest.variables, manifest.context) == ({"language": "Go"}, "rules")
    assert manifest.indexes == {"corp": "https://pypi.example.org/simple"}
    assert (fleet.message, fleet.author, fleet.sign_off) == ("Packs\n", "Platform <platform@example.org>", True)
    shop, mono = fleet.members
    assert (shop.url, shop.branch, shop.path, shop.overrides) == ("https://example.org/shop.git", "", "", "")
    assert (mono.url, mono.branch, mono.path) == ("ssh://git@example.org/team/mono.git", "develop", "services/api")
    overrides = parse_manifest(mono.overrides)
    assert (overrides.packs["backend"].version, overrides.packs["corp"].index_name) == ("==1.2", "corp")
    assert overrides.indexes == {"corp": "https://pypi.example.org/simple"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[pack]\n", "unknown key 'pack'", "packs"),
        ("[[repository]]\nurll = 'x'\n", "[[repository]] 1: unknown key 'urll'", "url"),
        ("[commit]\nsignoff = true\n", "[commit] unknown key 'signoff'", "sign-off"),
        ("[packs]\nx = { verson = '1' }\n", "[packs] x: unknown key 'verson'", "version"),
        ("[packs]\nx = '!'\n", "is no version specifier", ">=1.0,<2"),
        ("[packs]\nx = { path = '../x' }\n", "path = '../x' is on this machine", "git"),
        ("[project]\ncontext = 'x'\n", "[project] context = 'x'", "inline"),
        ("[[repository]]\nbranch = 'x'\n", "[[repository]] 1: url is missing", "https://"),
        ("[[repository]]\nurl = 'ext::sh -c x'\n", "[[repository]] 1: 'ext::sh -c x'", "https://"),
        ("[[repository]]\nurl = 'svn://u:secret@x.org/y'\n", "the URL must begin with", "mend"),
        ("[[repository]]\nurl = 'https://x.org/y'\npath = '../z'\n", "path = '../z'", "path in the repository"),
        ("[[repository]]\nurl = 'https://x.org/y'\nbranch = 1\n", "branch must be text", "branch"),
        ("[[repository]]\nurl = 'https://x.org/y'\npacks = 1\n", "packs must be a table", "[packs]"),
        ("[repository]\nurl = 'x'\n", "must be an array of tables", "[[repository]]"),
        ("[commit]\nauthor = 'me'\n", "author = 'me'", "NAME <ADDRESS>"),
        ("[commit]\nmessage = 'nope.j2'\n", "there is no such file", "template"),
        ("[variables]\nx = 2020-01-01\n", "[variables] x: must be text", "mend"),
        ("[index]\nx = 'https://u:secret@x.org/simple'\n", "[index] x: https://x.org/simple has credentials", ".netrc"),
        ("[packs]\nx = { git = 'https://secret@x.org/y' }\n", "[packs] x: https://x.org/y has credentials", "helper"),
        ("x", "not TOML", "line"),
    ],
)
def test_what_it_does_not_know_is_refused_with_the_way_out(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ClaudepackError) as caught:
        read_fleet(_write(tmp_path, text))

    assert caught.value.message.startswith("fleet.toml: ")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("before", "overrides", "after"),
    [
        ("", "", ""),
        ("[packs]\na = '==1'\n", "", "[packs]\na = '==1'\n"),
        ("", '[packs]\na = ">=1"\n', '[packs]\na = ">=1"\n'),
        ("[packs]\na = '>=1' # x\n", '[packs]\na = ">=1"\n', "[packs]\na = '>=1' # x\n"),
        ("[packs]\na = '>=1' # x\n", '[packs]\na = ">=2"\n', '[packs]\na = ">=2" # x\n'),
        (
            "[packs]\na = { git = 'https://x.org/a', tag = 'v1', only = ['agents'] }\n",
            '[packs]\na = ">=2"\n',
            '[packs]\na = {only = ["agents"], version = ">=2"}\n',
        ),
        (
            "",
            '[packs]\na = { version = ">=2", index = "c" }\n[index]\nc = "https://x.org/simple"\n',
            '[index]\nc = "https://x.org/simple"\n\n[packs]\na = {version = ">=2", index = "c"}\n',
        ),
        ("[variables]\na = 1\n", "[variables]\na = 1\nb = true\n", "[variables]\na = 1\nb = true\n"),
    ],
)
def test_what_the_fleet_says_goes_into_a_manifest(before: str, overrides: str, after: str) -> None:
    assert compose_manifest(before, overrides) == after
