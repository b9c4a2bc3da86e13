"""The completion scripts are ones that their shells read, and the words that they offer."""

import shutil
import subprocess
from pathlib import Path

import pytest

from claudepack.commands.verbs import VERBS
from conftest import Tool

ASK = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$(({count} - 1)); COMP_LINE="{words}"; COMP_POINT=${{#COMP_LINE}}
_shtab_claudepack
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def _complete(script: Path, *words: str) -> set[str]:
    text = ASK.format(script=script, words=" ".join(word or "''" for word in words), count=len(words))
    done = subprocess.run(["bash", "-c", text], cwd=script.parent, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_offers_verbs_options_and_directories(tool: Tool, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(tool("completion", "bash").out)
    (tmp_path / "some-dir").mkdir()

    assert set(VERBS) <= _complete(script, "claudepack", "")
    assert _complete(script, "claudepack", "unin") == {"uninstall"}
    assert {"--dry-run", "--json", "--strict"} <= _complete(script, "claudepack", "sync", "--")
    assert "some-dir" in _complete(script, "claudepack", "sync", "--project", "some")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_script_where_they_are_there(tool: Tool, tmp_path: Path, shell: str) -> None:
    run = tool("completion", shell)
    script = tmp_path / "script"
    script.write_text(run.out)

    assert run.exit == 0
    assert all(verb in run.out for verb in VERBS)
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(script)], check=True)


def test_an_unknown_shell_is_refused_with_those_there_are(tool: Tool) -> None:
    run = tool("completion", "tcsh")

    assert run.exit == 2
    assert "zsh" in run.err
