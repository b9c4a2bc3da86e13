"""In somebody's own folder a pack's hooks lead there, or are refused."""

import json

import pytest

from claudepack.errors import ClaudepackError
from claudepack.pack.components import find_components
from claudepack.pack.home import settle_home
from claudepack.pack.tree import Pack
from packs_in_memory import make_test_pack

FILES = {"hooks/run.sh": "x", "hooks/box/lib/a.sh": "x"}


def _settle(settings: object) -> Pack:
    pack = make_test_pack({**FILES, "settings.json": json.dumps(settings)})
    return settle_home(pack, find_components(pack))


def _hook(command: str) -> dict[str, object]:
    return {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}}


@pytest.mark.parametrize(
    ("said", "settled"),
    [
        ("$CLAUDE_PROJECT_DIR/.claude/hooks/run.sh", "$HOME/.claude/hooks/run.sh"),
        ("${CLAUDE_PROJECT_DIR}/.claude/hooks/run.sh -x", "$HOME/.claude/hooks/run.sh -x"),
        ('"$CLAUDE_PROJECT_DIR"/.claude/hooks/run.sh', '"$HOME"/.claude/hooks/run.sh'),
        ('sh "${CLAUDE_PROJECT_DIR}/.claude/hooks/run.sh"', 'sh "$HOME/.claude/hooks/run.sh"'),
        ("${CLAUDE_PROJECT_DIR:-.}/.claude/hooks/run.sh", "$HOME/.claude/hooks/run.sh"),
        (".claude/hooks/run.sh", "$HOME/.claude/hooks/run.sh"),
        ("sh ./.claude/hooks/run.sh; sh .claude/hooks/box/lib/a.sh", None),
        ("ls $CLAUDE_PROJECT_DIR/.claude/hooks/box/lib", "ls $HOME/.claude/hooks/box/lib"),
        ("$CLAUDE_PROJECT_DIR/scripts/lint.sh", "$CLAUDE_PROJECT_DIR/scripts/lint.sh"),
        ("$CLAUDE_PROJECT_DIR/.claude/hooks/other.sh", "$CLAUDE_PROJECT_DIR/.claude/hooks/other.sh"),
        ("$HOME/.claude/hooks/run.sh", "$HOME/.claude/hooks/run.sh"),
        ("~/.claude/hooks/run.sh", "~/.claude/hooks/run.sh"),
    ],
)
def test_a_command_leads_to_the_files_of_the_pack(said: str, settled: str | None) -> None:
    pack = _settle(_hook(said))

    expected = settled or "sh $HOME/.claude/hooks/run.sh; sh $HOME/.claude/hooks/box/lib/a.sh"
    assert json.loads(pack.files["settings.json"].read()) == _hook(expected)


def test_a_status_line_is_led_there_too() -> None:
    line = {"statusLine": {"type": "command", "command": ".claude/hooks/run.sh"}}

    assert b'"$HOME/.claude/hooks/run.sh"' in _settle(line).files["settings.json"].read()


@pytest.mark.parametrize(
    "settings", ['{"model":  "opus"}', '{"permissions":  {"allow": ["Bash(.claude/hooks/run.sh)"]}}', "[]"]
)
def test_what_needs_no_change_keeps_its_bytes(settings: str) -> None:
    pack = make_test_pack({**FILES, "settings.json": settings})

    assert settle_home(pack, find_components(pack)) == pack


@pytest.mark.parametrize(
    "settings",
    [
        _hook("sh '$CLAUDE_PROJECT_DIR/.claude/hooks/run.sh'"),
        _hook("sh '.claude/hooks/run.sh'"),
        _hook("sh $CLAUDE_PROJECT_DIR/web/.claude/hooks/run.sh"),
        {"hooks": {"Stop": [{"hooks": [{"command": "sh", "args": ["${CLAUDE_PROJECT_DIR}/.claude/hooks/run.sh"]}]}]}},
    ],
)
def test_what_cannot_be_led_there_is_refused(settings: object) -> None:
    with pytest.raises(ClaudepackError, match=r"settings\.json: .* with --user") as caught:
        _settle(settings)

    assert (caught.value.code, "--exclude settings.json" in caught.value.hint) == ("unsupported", True)


def test_a_hook_of_an_agent_is_refused() -> None:
    head = (
        '---\nname: a\ndescription: d\nhooks:\n  Stop:\n    - hooks:\n        - command: ".claude/hooks/run.sh"\n---\n'
    )
    pack = make_test_pack({**FILES, "agents/a.md": head})

    with pytest.raises(ClaudepackError, match=r"agents/a\.md: ") as caught:
        settle_home(pack, find_components(pack))

    assert "--exclude agents/a.md" in caught.value.hint
