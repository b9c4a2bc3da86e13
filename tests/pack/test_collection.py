"""A collection becomes a pack: its name, its version, its files, and what is told of the rest."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.collection import make_collected_pack, normalise_pack_name, read_version
from claudepack.pack.layouts import read_collection
from trees import AGENT, write_tree

OWN = AGENT.format(name="own")


def test_all_that_is_left_out_is_named(tmp_path: Path) -> None:
    pages = [f"page{number}.md" for number in range(10, 21)]
    there = {"own.md": OWN, **dict.fromkeys(pages, "")}

    assert read_collection(write_tree(tmp_path, there), "there").notices == (
        f"left out, without frontmatter: {', '.join(pages)}",
    )


def test_where_nothing_is_left_a_few_are_named_and_all_are_counted(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"page{number}.md": "" for number in range(10, 21)})

    with pytest.raises(
        ClaudepackError, match=r"rules; left out, without frontmatter: page10.md, .*page17.md and 3 more"
    ):
        read_collection(tmp_path, "there")


@pytest.mark.parametrize("path", ["agents/link.md", "agents/own.md"])
def test_a_link_is_refused_as_in_any_pack(tmp_path: Path, path: str) -> None:
    write_tree(tmp_path, {"agents/real.md": OWN})
    (tmp_path / path).symlink_to("real.md")

    with pytest.raises(ClaudepackError, match="is a link, and a pack holds plain files only"):
        make_collected_pack(read_collection(tmp_path, "there"), "0")


@pytest.mark.parametrize(
    ("text", "name"),
    [("My Plugin", "my-plugin"), ("claudepack-x", "x"), ("a__b..c", "a-b-c"), ("Équipe", "equipe"), ("42", "42")],
)
def test_a_name_is_made_one_of_a_pack(text: str, name: str) -> None:
    assert normalise_pack_name(text, "there") == name


def test_a_name_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(ClaudepackError, match="gives no name") as caught:
        normalise_pack_name("日本", "there")
    assert caught.value.code == "name"


@pytest.mark.parametrize(
    ("value", "version"),
    [("1.2.3", "1.2.3"), ("1.2.3-beta.1", "1.2.3b1"), ("v2", "2"), ("soon", ""), (3, ""), (None, "")],
)
def test_a_version_is_read_as_packs_have_it(value: object, version: str) -> None:
    assert read_version(value) == version
