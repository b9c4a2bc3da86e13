"""What the keys of a plugin's manifest have to be: the table, as the client was seen to take or to refuse it."""

import json
from pathlib import Path

import pytest

from claudepack.lint.plugin_forms import LOADED, OFFERED, TOLD, find_misfits, find_name_fault, find_reserved_name
from conftest import Tool
from trees import AGENT, write_tree

SERVER = {"type": "http", "url": "https://example.org"}


@pytest.mark.parametrize(
    ("key", "fit", "unfit"),
    [
        ("agents", [[], "./a.md", ["./a.md", "./b/c.md"]], [{}, 3, None, [3], "a.md", "./agents/", ""]),
        ("commands", [[], {}, "./c/", {"go": {"content": "Go."}}, {"go": {"source": "./g.md"}}], [3, "c", {"go": 3}]),
        ("commands", [], [{"go": {}}, {"go": {"source": "g.md"}}, {"go": {"source": "./g", "content": ""}}, [{}]]),
        ("skills", [[], "./", ["./s"]], [{}, 3, True, "s", [{}]]),
        ("outputStyles", [[], "./o", ["./o.md"]], [{}, 3, "o", [{}]]),
        ("hooks", [[], {}, {"Stop": []}, "./h.json", ["./h.json", {}]], [3, True, None, "h.json", "./h.md", [3]]),
        ("mcpServers", [[], {}, {"x": SERVER}, "./m.json", "./m.mcpb", "https://e.org/m.dxt"], [3, "x", "./m.md"]),
        ("mcpServers", [{"x": {"command": "y"}}], [{"x": {}}, {"x": {"url": "https://e.org"}}, {"x": {"command": 3}}]),
        ("version", ["1", "x", ""], [1, None]),
        ("defaultEnabled", [True], [3]),
        ("lspServers", [{}, "./l.json"], [3]),
        ("author", [{"name": "us"}], ["us", 3, {}, {"name": ""}]),
        ("homepage", ["https://example.org"], ["nowhere", 3]),
        ("keywords", [[], ["a"]], ["a", [3]]),
        ("repository", ["x"], [{"type": "git", "url": "x"}, 3]),
        ("strict", [False], [3]),
        ("source", ["./p", {"source": "github", "repo": "a/b"}], [3]),
    ],
)
def test_a_value_is_of_the_kind_that_the_client_reads(key: str, fit: list[object], unfit: list[object]) -> None:
    forms = LOADED if key in LOADED else TOLD if key in TOLD else OFFERED

    assert [value for value in fit if [*find_misfits({key: value}, forms)]] == []
    assert [value for value in unfit if not [*find_misfits({key: value}, forms)]] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("review", []),
        ("A_b.c-1", []),
        ("claudette", []),
        ("official", []),
        ("a b", ["installs no plugin"]),
        ("-a", ["installs no plugin"]),
        ("\u00e9", ["installs no plugin"]),
        ("a/b", ["installs no plugin"]),
        ("claude", ["refuses"]),
        ("Claude-x", ["refuses"]),
        ("anthropics-x", ["refuses"]),
        ("cc-plugin-x", ["refuses"]),
        ("my-official-claude", ["refuses"]),
        ("claude-\u00e9", ["installs no plugin", "refuses"]),
    ],
)
def test_a_name_is_one_that_the_client_installs_and_leaves_to_others(name: str, said: list[str]) -> None:
    whys = [why for why in (find_name_fault(name), find_reserved_name(name)) if why]

    assert [word in why for word, why in zip(said, whys, strict=True)] == [True] * len(said)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"name": "box", "agents": {}}, "error  PK010 agents has to be a path ./….md, or a list of these"),
        (
            {"name": "box", "mcpServers": {"x": {}}},
            "error  PK010 mcpServers has to be a path ./….json, an object of servers",
        ),
        ({"name": "box", "commands": 3}, "error  PK010 commands has to be a path ./…, a list of these, or an object"),
        (
            {"name": "box", "skills": "./own.md"},
            "error  PK010 skills: './own.md' is a file, and a skill is a directory",
        ),
        ({"name": "a b"}, "error  PK010 the client installs no plugin that is called 'a b'"),
        ({"name": "claude-x"}, "warning  PK012 `claude plugin validate` refuses 'claude-x'"),
        ({"name": "box", "author": "us"}, "warning  PK012 author has to be an object with a name"),
        ({"name": "box", "hooks": [], "mcpServers": "https://example.org/x.mcpb"}, "1 file: nothing wrong"),
    ],
)
def test_check_says_so(tool: Tool, tmp_path: Path, manifest: dict[str, object], said: str) -> None:
    about = {".claude-plugin/plugin.json": json.dumps(manifest), "own.md": AGENT.format(name="own")}

    assert said in tool("check", write_tree(tmp_path / "box", about)).out


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"agents": "./agents/"}, "box: agents has to be a path ./….md"),
        ({"author": "us"}, "box: author has to be an object with a name, so the client does not install it"),
        ({"source": "p"}, "box: 'p' does not begin with ./"),
        ({"name": "a b"}, "installs no plugin that is called 'a b'"),
    ],
)
def test_check_says_so_of_what_a_marketplace_offers(
    tool: Tool, tmp_path: Path, entry: dict[str, object], said: str
) -> None:
    offers = {"name": "shop", "owner": {"name": "us"}, "plugins": [{"name": "box", "source": "./p", **entry}]}
    files = {".claude-plugin/marketplace.json": json.dumps(offers), "p/agents/own.md": AGENT.format(name="own")}

    assert said in tool("check", write_tree(tmp_path / "shop", files)).out
