"""What a project asks of `check`: where it is said, and what is refused."""

from pathlib import Path

import pytest

from claudepack.errors import ClaudepackError
from claudepack.lint.configuration import find_configuration
from trees import write_tree

TABLE = 'select = ["FM", "NM001"]\nignore = ["FM003"]\nbudget = 5000\nper-file-ignores = { "agents/*" = ["SZ"] }\n'


@pytest.mark.parametrize(
    ("name", "head"), [("claudepack.toml", "[check]\n"), ("pyproject.toml", "[tool.claudepack.check]\n")]
)
def test_it_is_read_from_either_file(tmp_path: Path, name: str, head: str) -> None:
    write_tree(tmp_path, {name: head + TABLE, "packs/mine/agents/a.md": "x"})

    for start in (tmp_path, tmp_path / "packs/mine", tmp_path / "packs/mine/agents/a.md"):
        found = find_configuration(start)
        assert (found.select, found.ignore, found.budget) == (("FM", "NM001"), ("FM003",), 5000)
        assert found.exempt == {"agents/*": ("SZ",)}
        assert found.folder == tmp_path


def test_the_nearest_that_says_something_counts(tmp_path: Path) -> None:
    files = {
        "claudepack.toml": "[check]\nbudget = 1\n",
        "a/pyproject.toml": "[tool.claudepack.check]\nbudget = 2\n",
        "a/claudepack.toml": "[packs]\n",
        "a/b/pyproject.toml": '[project]\nname = "check"\n',
        "both/claudepack.toml": "[check]\nbudget = 3\n",
        "both/pyproject.toml": "[tool.claudepack.check]\nbudget = 4\n",
        "checkout/.git/HEAD": "",
        "checkout/deep/x": "",
    }
    write_tree(tmp_path, files)

    budgets = {name: find_configuration(tmp_path / name).budget for name in (".", "a", "a/b", "both", "checkout/deep")}
    assert budgets == {".": 1, "a": 2, "a/b": 2, "both": 3, "checkout/deep": 0}


REFUSED = [
    ("[check\n", "not TOML"),
    ("check = 3\n", "must be a table"),
    ("[check]\nselct = []\n", "unknown key 'selct'"),
    ('[check]\nselect = "FM"\n', "must be a list of codes"),
    ("[check]\nignore = [3]\n", "must be a list of codes"),
    ('[check]\nselect = ["XX"]\n', "there is no rule 'XX'"),
    ("[check]\nbudget = -1\n", "[check] budget must be a whole number of tokens from 0, not -1"),
    ("[check]\nbudget = true\n", "not true"),
    ("[check]\nbudget = 2.5\n", "not 2.5"),
    ("[check]\nbudget = 2026-01-01\n", 'not "2026-01-01"'),
    ('[check]\nbudget = "5,000"\n', 'not "5,000"'),
    ("[check]\nper-file-ignores = []\n", "per-file-ignores must be a table"),
    ('[check.per-file-ignores]\n"a" = ["XX"]\n', "there is no rule 'XX'"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_what_it_cannot_mean_is_refused_with_a_hint(tmp_path: Path, text: str, why: str) -> None:
    write_tree(tmp_path, {"claudepack.toml": text})

    with pytest.raises(ClaudepackError) as caught:
        find_configuration(tmp_path)

    assert why in caught.value.message
    assert "claudepack.toml" in caught.value.message
    assert caught.value.hint
