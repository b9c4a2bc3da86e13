"""A marketplace: what it offers, and the one plugin that is asked for."""

import json
from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import make_collected_pack
from claudepack.pack.layouts import read_collection
from claudepack.pack.marketplace import list_offers
from trees import AGENT, write_tree

PLUGINS = [
    {"name": "own", "source": "./plugins/own", "description": "From the marketplace.", "version": "1.0"},
    {"name": "bare", "source": "bare", "strict": False, "agents": ["./x/own.md"]},
    {"name": "far", "source": {"source": "github", "repo": "example/far"}},
]


def _write(root: Path, plugins: object = PLUGINS, **more: object) -> Path:
    manifest = {"name": "shop", "owner": {"name": "x"}, "plugins": plugins, **more}
    return write_tree(
        root / "shop",
        {
            ".claude-plugin/marketplace.json": json.dumps(manifest),
            "plugins/own/.claude-plugin/plugin.json": '{"name": "own", "version": "2.0"}',
            "plugins/own/agents/own.md": AGENT.format(name="own"),
            "bare/x/own.md": AGENT.format(name="own"),
        },
    )


def test_all_plugins_are_listed_with_where_they_lie(tmp_path: Path) -> None:
    root = _write(tmp_path)

    offers = [(offer.name, offer.root, offer.elsewhere) for offer in list_offers(root, "there")]

    assert offers == [
        ("own", root / "plugins/own", ""),
        ("bare", root / "bare", ""),
        ("far", None, "github example/far"),
    ]


@pytest.mark.parametrize(("name", "version", "summary"), [("own", "2.0", "From the marketplace."), ("bare", "0", "")])
def test_the_one_of_a_name_is_read_and_its_own_manifest_goes_before(
    tmp_path: Path, name: str, version: str, summary: str
) -> None:
    pack = make_collected_pack(read_collection(_write(tmp_path), "there", name), "0")

    assert (pack.name, pack.version, pack.identity.summary) == (name, version, summary)
    assert list(pack.files) == ["agents/own.md"]


def test_a_root_for_plugins_stands_before_their_sources(tmp_path: Path) -> None:
    root = _write(tmp_path, [{"name": "own", "source": "./own"}], metadata={"pluginRoot": "./plugins"})

    assert list_offers(root, "there")[0].root == root / "plugins/own"


@pytest.mark.parametrize(
    ("plugins", "name", "code", "said"),
    [
        (PLUGINS, "", "marketplace", "a marketplace, and it has 3 plugins"),
        (PLUGINS, "onw", "not-found", "no plugin 'onw'"),
        (PLUGINS, "far", "unsupported", r"lies elsewhere \(github example/far\)"),
        ("none", "own", "plugin", "is no list"),
        ([{"source": "./own"}], "own", "plugin", "without a name"),
        ([{"name": "own", "source": "../own"}], "own", "path", "leads out"),
        ([{"name": "own", "source": "./own"}], "own", "plugin", "own is not there"),
    ],
)
def test_what_cannot_be_had_is_refused(tmp_path: Path, plugins: object, name: str, code: str, said: str) -> None:
    with pytest.raises(ClaudepackError, match=said) as caught:
        read_collection(_write(tmp_path, plugins), "there", name)
    assert (caught.value.code, bool(caught.value.hint)) == (code, True)


@pytest.mark.parametrize("source", ["../own", "./gone", "./own\0"])
def test_a_plugin_that_is_nowhere_is_in_nobodys_way(tmp_path: Path, source: str) -> None:
    root = _write(tmp_path, [{"name": "lost", "source": source}, *PLUGINS])

    assert [(offer.name, offer.root is None, bool(offer.fault)) for offer in list_offers(root, "there")] == [
        ("lost", True, True),
        ("own", False, False),
        ("bare", False, False),
        ("far", True, False),
    ]
    assert read_collection(root, "there", "own").name == "own"


@pytest.mark.parametrize(
    ("name", "said"), [("lost", r"there/\.claude-plugin/"), ("far", "there#far: "), ("none", "there: there is no")]
)
def test_a_message_names_each_place_once(tmp_path: Path, name: str, said: str) -> None:
    root = _write(tmp_path, [{"name": "lost", "source": "./gone"}, *PLUGINS])

    with pytest.raises(ClaudepackError, match=f"^{said}"):
        read_collection(root, f"there#{name}", name)


def test_a_directory_without_one_is_no_marketplace(tmp_path: Path) -> None:
    with pytest.raises(ClaudepackError, match="no marketplace"):
        list_offers(tmp_path, "there")


@pytest.mark.parametrize(
    ("below", "own", "entry", "paths"),
    [
        ("sub", None, {"skills": ["./skills/a"]}, ["agents/x.md", "skills/a/SKILL.md", "skills/b/SKILL.md"]),
        ("", None, {"skills": ["./skills/a"]}, ["agents/x.md", "skills/a/SKILL.md"]),
        ("", None, {"agents": ["./more/y.md"]},
         ["agents/x.md", "agents/y.md", "skills/a/SKILL.md", "skills/b/SKILL.md"]),
        ("sub", {"agents": "./more/y.md"}, {"agents": ["./more/z.md"], "skills": "./more/c"},
         ["agents/y.md", "agents/z.md", "skills/a/SKILL.md", "skills/b/SKILL.md", "skills/c/SKILL.md"]),
    ],
)  # fmt: skip
def test_what_the_marketplace_names_is_added_as_the_client_does(
    tmp_path: Path, below: str, own: dict[str, object] | None, entry: dict[str, object], paths: list[str]
) -> None:
    """As the client of `claude_client.VERSION` loaded it."""
    files = ["agents/x.md", "more/y.md", "more/z.md", "more/c/SKILL.md", "skills/a/SKILL.md", "skills/b/SKILL.md"]
    plugins = [{"name": "own", "source": f"./{below}", "strict": False, **entry}]
    manifest = {"name": "shop", "owner": {"name": "x"}, "plugins": plugins}
    write_tree(tmp_path, {".claude-plugin/marketplace.json": json.dumps(manifest)})
    write_tree(tmp_path / below, {path: AGENT.format(name=path[-4]) for path in files})
    if own is not None:
        write_tree(tmp_path / below, {".claude-plugin/plugin.json": json.dumps({"name": "own", **own})})

    assert sorted(read_collection(tmp_path, "there", "own").sources) == paths
