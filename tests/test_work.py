"""What a run asks of the system, counted rather than timed: each file as often as it must be, no more for more."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from trees import write_pack

FILES = 60
COUNT = """
import json, sys
opened, events = {}, 0
def hear(event, details):
    global events
    events += event not in ("import", "exec", "compile", "marshal.loads")
    if event == "open" and isinstance(details[0], str):
        opened[details[0]] = opened.get(details[0], 0) + 1
sys.addaudithook(hear)
from claudepack.cli import main
code = main(sys.argv[1:])
print(json.dumps([events, opened]), file=sys.stderr)
sys.exit(code)
"""


def _run(project: Path, *words: str) -> tuple[int, dict[str, int]]:
    """How many events a run makes, and how often it opens each file."""
    project.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", COUNT, *words], cwd=project, capture_output=True, text=True, check=True, timeout=60
    )
    events, opened = json.loads(done.stderr)
    return events, opened


def _write(root: Path, count: int, text: str = "A text, not in ÅSCII.\n") -> Path:
    return write_pack(root, {f"prompts/p{number % 7}/{number}.md": text for number in range(count)})


def _most(opened: Mapping[str, int], folder: Path) -> int:
    """How often the file of a folder is opened that is opened most."""
    return max(times for path, times in opened.items() if path.startswith(f"{folder}/"))


@pytest.mark.parametrize(("words", "of_pack"), [(("sync",), 1), (("install",), 1), (("verify",), 0), (("status",), 0)])
def test_a_run_that_changes_nothing_opens_each_file_once(tmp_path: Path, words: tuple[str, ...], of_pack: int) -> None:
    project, pack = tmp_path / "project", _write(tmp_path / "pack", FILES)
    _run(project, "install", "../pack")

    _, opened = _run(project, *words)

    assert _most(opened, project) == 1
    in_pack = [times for path, times in opened.items() if os.path.normpath(path).startswith(f"{pack}/")]
    assert in_pack == [1] * (FILES + 2) * of_pack  # an agent, and pyproject.toml
    assert pack.is_dir()


def test_a_first_install_reads_a_pack_once(tmp_path: Path) -> None:
    pack = _write(tmp_path / "pack", FILES)

    _, opened = _run(tmp_path / "project", "install", "../pack")

    in_pack = {path: times for path, times in opened.items() if os.path.normpath(path).startswith(f"{pack}/prompts/")}
    assert set(in_pack.values()) == {1}
    assert len(in_pack) == FILES


@pytest.mark.parametrize("words", [("install", "../pack"), ("sync",), ("sync", "--project", "../changed")])
def test_twice_the_files_are_at_most_twice_the_work(tmp_path: Path, words: tuple[str, ...]) -> None:
    seen = []
    for count in (FILES, 2 * FILES):
        place = tmp_path / str(count)
        _write(place / "pack", count)
        for name in ("project", "changed") if words[0] == "sync" else ():
            _run(place / name, "install", "../pack")
        if "../changed" in words:
            _write(place / "pack", count, "Another text.\n")
        seen.append(_run(place / "project", *words)[0])

    assert seen[1] <= 2 * seen[0]
