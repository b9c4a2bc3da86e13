"""A project follows the pack that its author edits."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import Tool
from trees import write_pack, write_tree

SECONDS = 20


@pytest.fixture
def watcher(tool: Tool, project: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    tool("install", write_pack(tmp_path / "mine", {"prompts/p/a.md": "one\n"}))
    words = [sys.executable, "-u", "-m", "claudepack", "sync", "--watch"]
    with subprocess.Popen(words, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert next(line for line in process.stdout if line.startswith("watching"))
        yield process
        process.kill()


def _until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def test_each_save_arrives_and_a_broken_one_is_told_and_survived(
    watcher: subprocess.Popen[str], project: Path, tmp_path: Path
) -> None:
    installed = project / ".claude/prompts/p/a.md"
    agent = tmp_path / "mine/agents/mine.md"
    whole = agent.read_text()

    write_tree(tmp_path / "mine", {"prompts/p/a.md": "two\n"})
    assert _until(lambda: installed.read_text() == "two\n")
    agent.write_text("---\nname: mine\n")
    assert watcher.stdout
    assert next(line for line in watcher.stdout if "has no end" in line)
    assert (project / ".claude/agents/mine.md").read_text() == whole
    manifest = (project / "claudepack.toml").read_text()
    (project / "claudepack.toml").write_text("[packs\n")
    assert next(line for line in watcher.stdout if "not TOML" in line)
    (project / "claudepack.toml").write_text(manifest)
    write_tree(tmp_path / "mine", {"prompts/p/a.md": "three\n", "agents/mine.md": whole})
    assert _until(lambda: installed.read_text() == "three\n")

    watcher.send_signal(signal.SIGINT)
    assert watcher.wait(SECONDS) == 0


@pytest.mark.parametrize(
    ("words", "said"), [(["sync", "--watch"], "nothing to watch"), (["sync", "--watch", "--json"], "--json")]
)
def test_there_has_to_be_a_directory_to_watch(tool: Tool, words: list[str], said: str) -> None:
    tool("install", "backend")

    run = tool(*words)

    assert run.exit == 2
    assert said in run.err + run.out
