"""The packs of a run: found once, whoever asks, and again for the next run."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from claudepack.commands.options import Mode
from claudepack.errors import ClaudepackError
from claudepack.fleet.packs import Question, find_packs, list_versions
from claudepack.project.lock import EMPTY
from claudepack.project.manifest import parse_manifest
from trees import write_installed


def _ask(text: str, run: str) -> Question:
    return Question(parse_manifest(text), EMPTY, Mode(), is_update=False, run=run)


def test_a_question_is_answered_once_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / ".venv"))
    write_installed(tmp_path, {}, version="1.0")
    with ThreadPoolExecutor(8) as executor:
        answers = list(executor.map(find_packs, [_ask("[packs]\nmine = ''\n", f"{tmp_path}")] * 16))
    write_installed(tmp_path, {}, version="2.0")
    same = find_packs(_ask("[packs]\nmine = '' # said otherwise\n", f"{tmp_path}"))
    other = find_packs(_ask("[packs]\nmine = ''\n", f"{tmp_path} 2"))

    assert {id(answer["mine"]) for answer in [*answers, same]} == {id(answers[0]["mine"])}
    assert list_versions(answers[0])["mine"][0] == "1.0"
    assert list_versions(other)["mine"][0] == "2.0"


def test_a_question_without_an_answer_is_refused_to_everybody(tmp_path: Path) -> None:
    depths = set()
    for _ in range(3):
        with pytest.raises(ClaudepackError, match="nope") as caught:
            find_packs(_ask("[packs]\nnope = ''\n", f"{tmp_path}"))
        depths.add(len(caught.traceback))

    assert len(depths) == 1  # what is told to a thousand does not grow with each


@pytest.mark.parametrize(
    ("text", "is_shared"),
    [
        ("[packs]\na = '==1'\n", True),
        ("[packs]\na = { path = 'a' }\n", False),
        ("[index]\ndefault = 'wheels'\n[packs]\na = '==1'\n", False),
        ("[index]\ndefault = 'https://x.org/simple'\n[packs]\na = '==1'\n", True),
    ],
)
def test_what_leads_elsewhere_in_each_repository_is_asked_in_each(text: str, *, is_shared: bool) -> None:
    assert _ask(text, "").is_shared == is_shared
