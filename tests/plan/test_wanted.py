"""What a pack delivers: its files under the prefix, its context rendered, without what is left out."""

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.tree import Pack
from claudepack.plan.wanted import Wanted, want_locked, want_pack
from claudepack.project.claude_md import hash_body
from claudepack.project.manifest import parse_manifest
from packs_in_memory import make_test_pack

PACK = make_test_pack(
    {
        "agents/a.md": "a\r\n",
        "prompts/p/a.md": "p",
        "hooks/run.sh": "x",
        "settings.json": "{}",
        "mcp.json": "{}",
        "CLAUDE.md.j2": "Use {{ language }} and {{ tests }}.\n\n",
        "pack.toml": '[variables.language]\ndefault = "Go"\n[variables.tests]\n',
    },
    version="1.2",
    requires=("claudepack-base>=1",),
    executable=("hooks/run.sh",),
)
VARIABLES = '\n[variables]\ntests = "go test"\nunused = "x"\n'


def _want(pack: Pack = PACK, *, prefix: str = ".claude/", exclude: str = "[]", variables: str = VARIABLES) -> Wanted:
    manifest = parse_manifest(f'[packs]\nmine = {{version = ">=1", exclude = {exclude}}}{variables}')
    return want_pack(pack, manifest.packs["mine"], manifest, prefix, {"kind": "bundled"})


@pytest.mark.parametrize("prefix", [".claude/", ""])
def test_files_go_under_the_prefix_and_fragments_and_context_are_no_files(prefix: str) -> None:
    want = _want(prefix=prefix)
    assert list(want.files) == [prefix + path for path in ("agents/a.md", "hooks/run.sh", "prompts/p/a.md")]
    assert want.entry.executable == (prefix + "hooks/run.sh",)
    opened = want.files[prefix + "agents/a.md"].open
    assert opened is not None
    assert opened().read() == b"a\r\n"


def test_the_context_is_rendered_with_the_project_s_variables() -> None:
    want = _want()
    assert want.body == b"Use Go and go test.\n"
    assert want.context == hash_body(want.body)
    assert want.entry.variables == {"language": None, "tests": "go test"}


def test_the_lock_entry_says_where_it_is_from() -> None:
    entry = _want().entry
    assert (entry.distribution, entry.version, entry.digest) == ("claudepack-mine", "1.2", PACK.digest)
    assert (entry.source, entry.requires) == ({"kind": "bundled"}, ("claudepack-base>=1",))
    assert entry.requested == parse_manifest('[packs]\nmine = {version = ">=1", exclude = []}').packs["mine"].requested


def test_a_context_that_is_left_out_needs_no_variables() -> None:
    part = PACK._replace(files={path: file for path, file in PACK.files.items() if not path.startswith("CLAUDE")})
    want = _want(part, variables="")
    assert (want.body, want.context, want.entry.variables) == (None, "", {})


def test_a_variable_that_nobody_gives_is_an_error() -> None:
    with pytest.raises(ClaudepackError, match="'tests'"):
        _want(variables="")


def test_a_context_that_comes_to_nothing_is_none() -> None:
    want = _want(make_test_pack({"agents/a.md": "a", "CLAUDE.md": " \n\n"}))
    assert (want.body, want.context) == (None, "")


def test_at_rest_the_lock_is_enough() -> None:
    fresh = _want()
    hashes = {path: file.sha256 for path, file in fresh.files.items()}
    locked = fresh.entry._replace(files=hashes)

    want = want_locked(locked)

    assert want.entry == locked
    assert {path: (file.sha256, file.executable) for path, file in want.files.items()} == {
        path: (file.sha256, file.executable) for path, file in fresh.files.items()
    }
    assert (want.body, want.context) == (None, "")


@pytest.mark.parametrize("path", ["settings.json", "mcp.json"])
@pytest.mark.parametrize("text", ["[]", "7", "null"])
def test_a_fragment_is_an_object(path: str, text: str) -> None:
    with pytest.raises(ClaudepackError, match=rf"^{path}:1: it is no object"):
        _want(make_test_pack({path: text}))


def test_nobody_reads_the_files_of_what_only_the_lock_was_asked_for() -> None:
    want = want_locked(_want().entry._replace(files={".claude/agents/a.md": "0" * 64}))
    with pytest.raises(ValueError, match="nobody has read"):
        want.files[".claude/agents/a.md"].read()
